"""Which reverse proxies are believed when they say who asks and how; what anybody else says of it is dropped."""

from collections.abc import Iterable
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING

from django.conf import settings
from waitress.proxy_headers import proxy_headers_middleware

from subscribers.network_addresses import parse_network_address

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

THROUGH_A_PROXY = "newsletter.through_a_proxy"
# What a proxy writes: RFC 7239, RFC 9110 (Via), and what proxies wrote before these.
_MARKS = ("HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_REAL_IP")


def is_believed(address: str) -> bool:
    """Whether the peer with this address is one of the proxies that the settings tell of."""
    if not settings.NEWSLETTER.proxy_count:
        return False
    peer = parse_network_address(address)
    if peer is None:
        return False
    networks = _networks(settings.NEWSLETTER.proxy_addresses)
    if not networks:
        return peer.is_loopback or peer.is_private
    return any(peer in network for network in networks)


@cache
def _networks(addresses: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(address) for address in addresses)


def believing_proxies(application: "WSGIApplication") -> "WSGIApplication":
    """A WSGI application that knows the client behind the proxies that are believed, and their scheme.

    With N proxies the client is the Nth address from the right in X-Forwarded-For: a client can write what it likes
    to the left of it. THROUGH_A_PROXY in the environment says whether any proxy, believed or not, has left a mark.
    """
    believed = proxy_headers_middleware(
        application,
        trusted_proxy="*",
        trusted_proxy_count=settings.NEWSLETTER.proxy_count,
        trusted_proxy_headers={"x-forwarded-for", "x-forwarded-proto"},
    )
    disbelieved = proxy_headers_middleware(application)

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        environ[THROUGH_A_PROXY] = came_through_a_proxy(environ)
        chosen: WSGIApplication = believed if is_believed(environ.get("REMOTE_ADDR", "")) else disbelieved
        return chosen(environ, start_response)

    return answer


def came_through_a_proxy(environ: "WSGIEnvironment") -> bool:
    """Whether a request bears the mark of any proxy."""
    return bool(environ.get(THROUGH_A_PROXY)) or any(mark in environ for mark in _MARKS)
