"""Trusts the X-Forwarded headers of the configured reverse proxies only; those of other clients are dropped."""

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
# Headers that proxies add: RFC 7239, RFC 9110 (Via), and older conventions.
_MARKS = ("HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_REAL_IP")


def is_trusted_proxy(address: str) -> bool:
    """Return whether the peer with this address is one of the proxies in the settings."""
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


def trust_proxies(application: "WSGIApplication") -> "WSGIApplication":
    """Wrap a WSGI application so that it sees the client and scheme behind the trusted proxies.

    With N proxies, the client is the Nth address from the right in X-Forwarded-For. A client can write anything to the
    left of it. THROUGH_A_PROXY in the environment tells whether any proxy, trusted or not, has added a header.
    """
    trusted = proxy_headers_middleware(
        application,
        trusted_proxy="*",
        trusted_proxy_count=settings.NEWSLETTER.proxy_count,
        trusted_proxy_headers={"x-forwarded-for", "x-forwarded-proto"},
    )
    untrusted = proxy_headers_middleware(application)

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        environ[THROUGH_A_PROXY] = came_through_a_proxy(environ)
        chosen: WSGIApplication = trusted if is_trusted_proxy(environ.get("REMOTE_ADDR", "")) else untrusted
        return chosen(environ, start_response)

    return answer


def came_through_a_proxy(environ: "WSGIEnvironment") -> bool:
    """Return whether any proxy has added a header to the request."""
    return bool(environ.get(THROUGH_A_PROXY)) or any(mark in environ for mark in _MARKS)
