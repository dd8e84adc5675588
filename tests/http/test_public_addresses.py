"""No way into a private network: real sockets, and every spelling of an address that is not public."""

import ipaddress
import socket

from hypothesis import given
from hypothesis import strategies as st
from pytest import mark, raises

from newsletter.errors import Refused, Unreachable
from newsletter.http.fetch import fetch
from newsletter.http.public_addresses import is_public
from tests.fakes.source import feed, item

BODY = feed([item(1)])


@mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "0", "0.0.0.0"],
)
def test_loopback_is_not_fetched_however_it_is_written(web, host):
    web.answers.serve("/feed", BODY)
    with raises(Refused, match="NEWSLETTER_FETCH_ALLOW_HOSTS"):
        fetch(f"http://{host}:{web.port}/feed")
    assert not web.answers.requests


@mark.parametrize("host", ["[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::]"])
def test_ipv6_loopback_is_not_fetched_either(web_ipv6, host):
    web_ipv6.answers.serve("/feed", BODY)
    with raises(Refused, match="private network"):
        fetch(f"http://{host}:{web_ipv6.port}/feed")
    assert not web_ipv6.answers.requests


def test_a_redirect_into_the_private_network_is_refused(web, site, web_ipv6):
    web_ipv6.answers.serve("/feed", BODY)
    site.redirect("/feed", web_ipv6.url("/feed"))
    with raises(Refused, match="private network"):
        fetch(site.url("/feed"))
    assert not web_ipv6.answers.requests


def test_a_redirect_to_another_port_of_an_allowed_host_is_refused(web, site, web_ipv6):
    site.redirect("/feed", f"http://127.0.0.1:{web_ipv6.port}/feed")
    with raises(Refused, match="private network"):
        fetch(site.url("/feed"))


def test_a_host_that_is_named_may_be_fetched(web, configured):
    web.answers.serve("/feed", BODY)
    for name in ("localhost", f"localhost:{web.port}"):
        configured(fetch_allow_hosts=(name,))
        assert fetch(f"http://LOCALHOST:{web.port}/feed").document.data == BODY
    configured(fetch_allow_hosts=("localhost:1",))
    with raises(Refused):
        fetch(f"http://localhost:{web.port}/feed")


def test_a_name_that_changes_its_mind_after_the_check_gains_nothing(web, monkeypatch):
    """DNS rebinding: public when checked, loopback a moment later."""
    web.answers.serve("/feed", BODY)
    answers = iter(["93.184.215.14", "127.0.0.1", "127.0.0.1"])
    tried = []

    def rebinding(host, port, **_options):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    def connection_to(address, **_options):
        tried.append(address)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(socket, "create_connection", connection_to)
    with raises(Unreachable, match="connection refused"):
        fetch(f"http://rebinding.example:{web.port}/feed")
    assert tried == [("93.184.215.14", web.port)]
    assert not web.answers.requests


def test_a_name_with_a_public_and_a_private_address_is_asked_at_the_public_one(web, monkeypatch):
    tried = []

    def both(host, port, **_options):
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", port)),
        ]

    def connection_to(address, **_options):
        tried.append(address[0])
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(socket, "getaddrinfo", both)
    monkeypatch.setattr(socket, "create_connection", connection_to)
    with raises(Unreachable):
        fetch(f"http://both.example:{web.port}/feed")
    assert tried == ["93.184.215.14"]


def test_a_proxy_of_the_environment_is_no_way_round(web, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
        monkeypatch.setenv(name, web.url())
    with raises(Refused, match="private network"):
        fetch("http://10.0.0.1/feed")
    assert not web.answers.requests


@mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:8.8.8.8",
        "::ffff:10.0.0.1",
        "64:ff9b::8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:808:808::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd12::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_special_addresses_are_not_public(address):
    assert not is_public(ipaddress.ip_address(address))


@mark.parametrize(
    "address", ["8.8.8.8", "93.184.215.14", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "2a00:1450::1"]
)
def test_ordinary_addresses_are_public(address):
    assert is_public(ipaddress.ip_address(address))


@given(st.ip_addresses())
def test_nothing_that_python_knows_as_private_is_public(address):
    if address.is_private or address.is_multicast or address.is_link_local or address.is_loopback:
        assert not is_public(address)
