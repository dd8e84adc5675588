"""Ask the DNS each question once, through the system's resolver or the one in NEWSLETTER_DNS_SERVER.

All questions together may take at most SECONDS_IN_ALL, counted from the first. A later question is not answered.
"""

import re
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address, ip_address
from threading import Lock
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from newsletter.errors import Unreachable

if TYPE_CHECKING:
    from dns.rdata import Rdata
    from dns.resolver import Resolver

LONGEST_SECONDS = 5.0
SECONDS_IN_ALL = 15.0
AT_ONCE = 32
SPF = re.compile(r"v=spf1(?: |\Z)", re.IGNORECASE)  # RFC 7208, section 4.5
DMARC = re.compile(r"[vV][ \t]*=[ \t]*DMARC1[ \t]*(?:;|\Z)")  # RFC 7489, section 6.4
# Records that were meant to be of this kind but do not begin as they must.
LIKE_SPF = re.compile(r"\W*(?:v\W{0,3})?spf1(?!\w)", re.IGNORECASE)
LIKE_DMARC = re.compile(r".{0,200}\bDMARC1(?!\w)|\W*p\s*=\s*(?:none|quarantine|reject)\b", re.IGNORECASE)

IpAddress = IPv4Address | IPv6Address
Item = TypeVar("Item")
Result = TypeVar("Result")


class Records:
    """DNS records by name. Safe for use by several threads."""

    def __init__(self, server: str = "") -> None:
        self._server = server
        self._known: dict[tuple[str, str], list[Rdata] | Unreachable] = {}
        self._lock = Lock()
        self._until: float | None = None

    def texts(self, name: str) -> list[str]:
        """Return the TXT records of a name, following aliases. Empty if there are none. Raises Unreachable."""
        from dns.rdtypes.ANY.TXT import TXT

        found = self._all(name, "TXT")
        return [
            b"".join(record.strings).decode("ascii", "replace") for record in found if isinstance(record, TXT)
        ]

    def addresses(self, name: str) -> list[IpAddress]:
        """Return the IPv4 and IPv6 addresses of a host. Raises Unreachable."""
        return [ip_address(record.to_text()) for kind in ("A", "AAAA") for record in self._all(name, kind)]

    def mail_hosts(self, name: str) -> list[str]:
        """Return the hosts that receive a domain's mail (MX). Raises Unreachable."""
        from dns.rdtypes.ANY.MX import MX

        found = self._all(name, "MX")
        return [record.exchange.to_text(omit_final_dot=True) for record in found if isinstance(record, MX)]

    def why_silent(self, names: Iterable[str]) -> str:
        """Ask for the TXT records of all these names at the same time. If none is answered, return why; otherwise
        nothing.

        Answers are cached.
        """
        problems = self.at_once(self._why_not, list(dict.fromkeys(names)))
        return problems[0] if problems and all(problems) else ""

    def at_once(self, look: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        """Apply `look` to all items at the same time, and return the results in their order."""
        if not items:
            return []
        with ThreadPoolExecutor(min(AT_ONCE, len(items))) as pool:
            return list(pool.map(look, items))

    def _why_not(self, name: str) -> str:
        try:
            self.texts(name)
        except Unreachable as error:
            return str(error)
        return ""

    def _all(self, name: str, kind: str) -> "list[Rdata]":
        key = name.lower().rstrip("."), kind
        if key not in self._known:
            try:
                self._known[key] = self._asked(name, kind)
            except Unreachable as error:
                self._known[key] = error
        known = self._known[key]
        if isinstance(known, Unreachable):
            raise known
        return known

    def _asked(self, name: str, kind: str) -> "list[Rdata]":
        import dns.exception
        import dns.name
        import dns.resolver

        try:
            question = dns.name.from_text(name)
        except (dns.exception.DNSException, UnicodeError):
            return []  # a name that the DNS cannot contain
        try:
            answer = self._resolver.resolve(question, kind, lifetime=self._seconds(), search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError, ValueError) as error:
            raise Unreachable(
                f"We could not look up {name} in the DNS ({type(error).__name__}). Try again, or set "
                "NEWSLETTER_DNS_SERVER to another DNS server."
            ) from error
        return list(answer)

    def _seconds(self) -> float:
        """Return how many seconds the next question may take. Raises a time-out if all of them took too long."""
        from dns.exception import Timeout

        with self._lock:
            now = time.monotonic()
            self._until = self._until or now + SECONDS_IN_ALL
        if self._until <= now:
            raise Timeout
        return min(LONGEST_SECONDS, self._until - now)

    @cached_property
    def _resolver(self) -> "Resolver":
        from dns.resolver import Resolver

        if not self._server:
            return Resolver()
        parts = urlsplit(f"//{self._server}")
        resolver = Resolver(configure=False)
        resolver.nameservers, resolver.port = [parts.hostname or ""], parts.port or 53
        return resolver


def tags_of(record: str) -> dict[str, str]:
    """Return the tags of a DKIM or DMARC record: `v=DMARC1; p=none` gives {"v": "DMARC1", "p": "none"}."""
    return dict(_pairs(record))


def repeated_tags(record: str) -> list[str]:
    """Return the tags that a record repeats, which makes it invalid (RFC 6376, section 3.2)."""
    names = [name for name, _value in _pairs(record)]
    return sorted({name for name in names if names.count(name) > 1})


def _pairs(record: str) -> list[tuple[str, str]]:
    pairs = (part.partition("=") for part in record.split(";"))
    return [(name.strip().lower(), value.strip()) for name, equals, value in pairs if equals]
