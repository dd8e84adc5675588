"""Opens a connection to a public address and to nothing else, and cuts it at the deadline.

The address that was checked is the address that is connected to, so a name that changes its mind between the check
and the connection (DNS rebinding) gains nothing. No proxy is used, whatever the environment says. Why this is done
here and not by a library: docs/decisions/0003-fetching-without-requests.md.
"""

import http.client
import socket
import ssl
import threading
import time
from contextlib import suppress
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from django.conf import settings

from newsletter.errors import Refused, Unreachable
from newsletter.http.web_addresses import DEFAULT_PORTS, host_of

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
# https://www.iana.org/assignments/iana-ipv6-special-registry: of what is routed (2000::/3), these lead elsewhere.
# IPv4-mapped addresses and NAT64 (64:ff9b::/96, 64:ff9b:1::/48) lie outside 2000::/3 anyway.
ROUTED_IPV6 = ip_network("2000::/3")
SPECIAL_IPV6 = tuple(
    ip_network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3ffe::/16", "3fff::/20")
)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address belongs to the public internet, and is no way round to one that does not."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in SPECIAL_IPV4)
    return address in ROUTED_IPV6 and not any(address in network for network in SPECIAL_IPV6)


def is_allowed_by_name(host: str, port: int) -> bool:
    """Whether `NEWSLETTER_FETCH_ALLOW_HOSTS` names this host, alone or with this port."""
    allowed = settings.NEWSLETTER.fetch_allow_hosts
    bracketed = f"[{host}]" if ":" in host else host
    return any(name in allowed for name in (host, bracketed, f"{bracketed}:{port}"))


class Deadline:
    """The end of one fetch, redirects and all: at that moment every watched connection is cut.

    A timeout of a socket begins anew with each byte, so that a server that drips would never meet it.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.ends = time.monotonic() + seconds
        self._watched: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            for connection in self._watched:
                connection.close()
            self._watched.clear()

    @property
    def passed(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() >= self.ends

    @property
    def left(self) -> float:
        """Seconds that remain, never less than a moment."""
        return max(self.ends - time.monotonic(), 0.001)

    def watch(self, connection: socket.socket) -> None:
        """Cut this connection when the time is up, whoever reads from it then."""
        with self._lock:
            # TLS takes the socket object over; a duplicate still reaches the same connection.
            self._watched.append(connection.dup())

    def _cut(self) -> None:
        with self._lock:
            for connection in self._watched:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


def connect(host: str, port: int, deadline: Deadline) -> socket.socket:
    """A connection to a host, at an address that may be fetched from.

    Raises Refused where all its addresses are private, Unreachable where none answers.
    """
    addresses = _resolve(host, port, deadline)
    if not is_allowed_by_name(host, port):
        addresses = [address for address in addresses if is_public(ip_address(address.partition("%")[0]))]
        if not addresses:
            raise Refused(
                f"{host} is an address inside a private network, which is not fetched. "
                f"If it is meant, name {host} in NEWSLETTER_FETCH_ALLOW_HOSTS."
            )
    reason = "no address"
    for address in addresses:
        try:
            connection = socket.create_connection((address, port), timeout=deadline.left)
        except TimeoutError:
            reason = "it took too long"
        except OSError as error:
            reason = (error.strerror or "it failed").lower()
        else:
            deadline.watch(connection)
            return connection
    raise Unreachable(f"No connection to {host} could be made: {reason}.")


def open_http(url: str, deadline: Deadline) -> http.client.HTTPConnection:
    """A connection over which one may ask for a web address, by TLS for https. Raises as `connect`, and OSError."""
    parts = urlsplit(url)
    host = host_of(url)
    port = parts.port or DEFAULT_PORTS[parts.scheme]
    wire = connect(host, port, deadline)
    connection = http.client.HTTPConnection(host, port)
    if parts.scheme == "https":
        connection.default_port = DEFAULT_PORTS["https"]
        try:
            connection.sock = _tls().wrap_socket(wire, server_hostname=host)
        except BaseException:
            wire.close()
            raise
    else:
        connection.sock = wire
    return connection


def _resolve(host: str, port: int, deadline: Deadline) -> list[str]:
    """The numeric addresses of a host. The system's resolver knows no deadline, so it works in a thread."""
    found: list[str] = []
    failed: list[str] = []

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            failed.append(f"The host {host} was not found. Check the address.")
        else:
            found.extend(dict.fromkeys(str(answer[4][0]) for answer in answers))

    asking = threading.Thread(target=ask, name=f"resolve {host}", daemon=True)
    asking.start()
    asking.join(deadline.left)
    if failed:
        raise Unreachable(failed[0])
    if asking.is_alive():
        raise Unreachable(f"The name servers did not say in time where {host} is.")
    return found


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
