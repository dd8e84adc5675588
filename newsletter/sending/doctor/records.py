"""Asks the DNS for text records, by the system's resolver or the one that NEWSLETTER_DNS_SERVER names."""

import re
from urllib.parse import urlsplit

import dns.exception
import dns.resolver
from dns.rdtypes.ANY.TXT import TXT

from newsletter.errors import Unreachable

LONGEST_SECONDS = 8.0
SPF = re.compile(r"v=spf1(?:\s|\Z)", re.IGNORECASE)  # RFC 7208, section 4.5
DMARC = re.compile(r"v\s*=\s*DMARC1\s*(?:;|\Z)", re.IGNORECASE)  # RFC 7489, section 6.3


class Records:
    """Text records by name."""

    def __init__(self, server: str = "") -> None:
        self._server = server

    def texts(self, name: str) -> list[str]:
        """The TXT records at a name, aliases followed; none when there is nothing. Raises Unreachable."""
        try:
            answer = self._resolver().resolve(name, "TXT", lifetime=LONGEST_SECONDS, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError, ValueError) as error:
            raise Unreachable(
                f"The DNS did not answer about {name} ({type(error).__name__}). Try again, or set "
                "NEWSLETTER_DNS_SERVER."
            ) from error
        return [
            b"".join(record.strings).decode("ascii", "replace")
            for record in answer
            if isinstance(record, TXT)
        ]

    def matching(self, name: str, version: re.Pattern[str]) -> list[str]:
        """Those that begin with a version tag, such as SPF. Raises Unreachable."""
        return [text for text in self.texts(name) if version.match(text)]

    def _resolver(self) -> dns.resolver.Resolver:
        if not self._server:
            return dns.resolver.Resolver()
        parts = urlsplit(f"//{self._server}")
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = [parts.hostname or ""], parts.port or 53
        return resolver


def tags_of(record: str) -> dict[str, str]:
    """The tags of a DKIM or DMARC record: `v=DMARC1; p=none` gives {"v": "DMARC1", "p": "none"}."""
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip().lower(): value.strip() for name, equals, value in pairs if equals}
