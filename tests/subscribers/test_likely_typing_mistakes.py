"""Typing mistakes in the domains of large mailbox providers."""

import pytest

from subscribers.likely_typing_mistakes import LARGE_PROVIDERS, meant_address
from subscribers.private_mailboxes import PRIVATE_DOMAINS


@pytest.mark.parametrize(
    "domain",
    ["gmial.com", "gmail.co", "gmail.con", "gmal.com", "gmaill.com", "gamil.com", "gmaio.com", "GMIAL.com"],
)
def test_a_mistyped_domain_is_recognised(domain):
    assert meant_address(f"Margret.H@{domain}") == "Margret.H@gmail.com"


@pytest.mark.parametrize(
    "domain",
    [
        *sorted(PRIVATE_DOMAINS | LARGE_PROVIDERS),
        "mail.com",
        "email.com",
        "example.org",
        "gmx.at",
        "ne.com",
        "sly.com",
    ],
)
def test_other_domains_are_left_alone(domain):
    assert meant_address(f"m@{domain}") == ""


@pytest.mark.parametrize("text", ["", "@", "nobody", "gmial.com", "a@b@gmial"])
def test_what_is_no_address_means_nothing(text):
    assert meant_address(text) == ""
