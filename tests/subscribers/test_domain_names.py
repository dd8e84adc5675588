"""Domain names in ASCII: each name is its own, and what email-validator keeps is what mail is sent to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.domain_names import in_ascii, in_ascii_as_browsers_do
from subscribers.email_addresses import parse
from subscribers.encode_headers import written_address
from subscribers.errors import Invalid


@pytest.mark.parametrize(
    ("domain", "found"),
    [
        ("Example.org", "Example.org"),
        ("faß.de", "xn--fa-hia.de"),
        ("fass.de", "fass.de"),
        ("ευχαριστίας.gr", "xn--kxadbnv1ckfjfw.gr"),
        ("bücher。example", "xn--bcher-kva.example"),
        ("a_b.ü.example", "a_b.xn--tda.example"),
    ],
)
def test_a_domain_is_written_by_idna_2008(domain, found):
    assert in_ascii(domain) == in_ascii_as_browsers_do(domain) == found


@pytest.mark.parametrize("domain", ["i❤.example", "ü" * 70 + ".example", "ü..\u00ad.example"])
def test_what_idna_2008_does_not_allow_is_refused_in_a_sentence(domain):
    with pytest.raises(Invalid, match="not allowed in a"):
        in_ascii(domain)


def test_a_web_host_may_have_emoji_as_browsers_allow():
    assert in_ascii_as_browsers_do("i❤.example") == "xn--i-7iq.example"


@given(st.text(alphabet="aßςüİıſﬁＡ例え\u0301ö-", min_size=1, max_size=12))
def test_mail_goes_to_the_domain_that_the_key_has(label):
    try:
        found = parse(f"ada@{label}.example")
    except Invalid:
        return
    assert written_address(found.address).lower() == found.key
