"""Hosts that only a private network knows: one rule for links in issues, for the doctor and for links to share."""

import pytest

from newsletter.doctor.public_base_url import is_private
from newsletter.http.private_hosts import is_private_host
from newsletter.preflight.link_targets import is_private as is_private_link

PRIVATE = [
    *("localhost", "press", "press.lan", "press.local", "nas.fritz.box", "press.home.arpa", "intranet.corp"),
    *("127.0.0.1", "192.168.1.20", "100.64.0.1", "[::1]", "[fe80::1%25eth0]", "localhost.", "press.lan."),
]
PUBLIC = [
    "news.harbour.org",
    "lan.org",
    "home.co.uk",
    "93.184.216.34",
    "[2606:2800:220:1:248:1893:25c8:1946]",
]


@pytest.mark.parametrize("host", PRIVATE)
def test_a_private_host_is_private_wherever_we_ask(host):
    assert is_private_host(host)
    assert is_private(host)
    assert is_private_link(f"https://{host}/page")


@pytest.mark.parametrize("host", PUBLIC)
def test_a_public_host_is_private_nowhere(host):
    assert not is_private_host(host)
    assert not is_private(host)
    assert not is_private_link(f"https://{host}/page")


def test_nobody_can_own_a_public_address_that_ends_in_example():
    assert is_private("news.harbour.example")
