"""Decides which addresses we may connect to, so that nobody can use us to reach a private network (SSRF).

We connect to the same address that we checked, so a name that changes its address in between (DNS rebinding) gains
nothing.
"""

import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings

from newsletter.errors import Refused
from newsletter.steady_clock import steady_seconds

# IANA's registries of special-purpose addresses, and multicast:
# https://www.iana.org/assignments/iana-ipv4-special-registry
SPECIAL_IPV4 = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
    )
)
# https://www.iana.org/assignments/iana-ipv6-special-registry: the routed addresses (2000::/3) that are special.
# IPv4-mapped addresses and NAT64 (64:ff9b::/96, 64:ff9b:1::/48) are outside 2000::/3 anyway.
ROUTED_IPV6 = ip_network("2000::/3")
SPECIAL_IPV6 = tuple(
    ip_network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3ffe::/16", "3fff::/20")
)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Return whether an address belongs to the public internet and does not lead to a private one."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in SPECIAL_IPV4)
    return address in ROUTED_IPV6 and not any(address in network for network in SPECIAL_IPV6)


def is_allowed_by_name(host: str, port: int) -> bool:
    """Return whether `NEWSLETTER_FETCH_ALLOW_HOSTS` names this host, alone or with this port."""
    allowed = settings.NEWSLETTER.fetch_allow_hosts
    bracketed = f"[{host}]" if ":" in host else host
    return any(name in allowed for name in (host, bracketed, f"{bracketed}:{port}"))


def only_public(host: str, port: int, addresses: Sequence[str]) -> Sequence[str]:
    """Return the public addresses of a host, or all if its name is allowed. Raises Refused if there are none."""
    if is_allowed_by_name(host, port):
        return addresses
    public = [address for address in addresses if is_public(ip_address(address.partition("%")[0]))]
    if not public:
        raise Refused(
            f"{host} is on a private network, so we did not connect to it. If you trust it, ask the person "
            f"who runs the server to add {host} to the setting NEWSLETTER_FETCH_ALLOW_HOSTS (in the file "
            ".env in the installation folder) and to restart the server."
        )
    return public


def refuse_private(host: str, port: int, *, seconds: float) -> None:
    """Refuse a host that is in a private network now. Every connection is checked again, since names change.

    A host that cannot be found passes. Raises Refused.
    """
    try:
        addresses = resolve(host, port, steady_seconds() + seconds)
    except OSError:
        return
    only_public(host, port, addresses)


class NameServersSilentError(TimeoutError):
    """The name servers did not respond before the deadline."""


def resolve(host: str, port: int, ends: float) -> Sequence[str]:
    """Return the numeric addresses of a host before the deadline, given by `steady_seconds`. Raises OSError."""
    with suppress(ValueError):
        return [str(ip_address(host))]
    found: list[str] = []
    failed: list[OSError] = []

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except UnicodeError as error:
            failed.append(socket.gaierror(socket.EAI_NONAME, str(error)))
        except OSError as error:
            failed.append(error)
        else:
            found.extend(dict.fromkeys(str(answer[4][0]) for answer in answers))

    # The system's resolver has no deadline, so it runs in a thread.
    asking = threading.Thread(target=ask, name=f"resolve {host}", daemon=True)
    asking.start()
    asking.join(max(ends - steady_seconds(), 0.0))
    if failed:
        raise failed[0]
    if asking.is_alive():
        raise NameServersSilentError(f"the DNS did not respond to a query for {host}")
    return found
