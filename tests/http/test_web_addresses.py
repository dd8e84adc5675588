"""Addresses as people type them and as feeds spell them."""

from hypothesis import given
from hypothesis import strategies as st
from pytest import mark, raises

from newsletter.errors import Invalid
from newsletter.http.web_addresses import normalise_url, url_key, without_credentials


@mark.parametrize(
    ("typed", "meant"),
    [
        ("example.org", "https://example.org/"),
        ("  https://Example.ORG/Feed ", "https://example.org/Feed"),
        ("feed://https://example.org/f", "https://example.org/f"),
        ("feed:https://example.org/f", "https://example.org/f"),
        ("http://bücher.example/ä?ö=ü#x", "http://xn--bcher-kva.example/%C3%A4?%C3%B6=%C3%BC"),
        ("http://faß.example", "http://xn--fa-hia.example/"),
        ("http://i❤.example", "http://xn--i-7iq.example/"),
        ("https://example.org:443/a b", "https://example.org/a%20b"),
        ("http://example.org:8080", "http://example.org:8080/"),
        ("https://[2606:4700::1111]:8443/f", "https://[2606:4700::1111]:8443/f"),
        ("https://example.org./f%20g", "https://example.org/f%20g"),
    ],
)
def test_an_address_is_understood_as_it_was_meant(typed, meant):
    assert normalise_url(typed) == meant


@mark.parametrize(
    "typed",
    ["", "news", "ftp://example.org", "file:///etc/passwd", "javascript:alert(1)", "http://", "http://a:b:c/", "http://[::1",
     "https://exa mple.org/", "http://example.org:99999/", "https://ex\r\nHost: b/", "http://\x00/", "https://a_\u202e.b\x7f/"],
)  # fmt: skip
def test_what_is_no_web_address_is_a_sentence(typed):
    with raises(Invalid, match=r"is not a web address|Use a web address that starts with"):
        normalise_url(typed)


@given(st.text())
def test_any_text_is_an_address_or_a_sentence(text):
    try:
        address = normalise_url(text)
    except Invalid:
        return
    assert address.isascii()
    assert normalise_url(address) == address


@mark.parametrize(
    ("given", "seen"),
    [
        ("https://ann:secret@example.org/x@y", "https://example.org/x@y"),
        ("https://ann:sec/ret@example.org/x", "https://example.org/x"),
        ("https://ann:sec?r#et@example.org/x", "https://example.org/x"),
        ("https://ann:sec ret@example.org/x", "https://example.org/x"),
        ("https://ann:1234/5@example.org/x", "https://ann:1234/5@example.org/x"),
        ("ann:secret@example.org/x", "example.org/x"),
        ("feed:https://ann:secret@example.org/x", "feed:https://example.org/x"),
        ("//ann:secret@example.org/x", "//example.org/x"),
        ("http:///ann:secret@example.org/x", "http:///example.org/x"),
        ("https://example.org:8080/@ann", "https://example.org:8080/@ann"),
        ("https://medium.example/@ann/a-piece", "https://medium.example/@ann/a-piece"),
        ("/home/ann/feed@home.xml", "/home/ann/feed@home.xml"),
    ],
)
def test_names_and_passwords_are_not_shown(given, seen):
    assert without_credentials(given) == seen


@mark.parametrize(
    "other",
    [
        "http://charity.example/a?b=1&c=2",
        "https://www.charity.example/a/?c=2&b=1",
        "https://CHARITY.example:443//a/index.html?b=1&c=2&utm_source=x",
        "https://charity.example/%61?b=1&c=2&fbclid=9",
    ],
)
def test_spellings_of_one_place(other):
    assert url_key(other) == url_key("https://charity.example/a?b=1&c=2")


@mark.parametrize("other", ["/A", "/b", "/a?b=2", "/a#second", ":8080/a", "/a%2Fb"])
def test_different_places(other):
    assert url_key(f"https://charity.example{other}") != url_key("https://charity.example/a")


@mark.parametrize("nowhere", ["", "mailto:a@b.example", "not an address", "http://[", "urn:uuid:1"])
def test_what_is_nowhere_has_no_place(nowhere):
    assert not url_key(nowhere)


@given(st.text())
def test_any_text_has_a_place_or_none(text):
    assert isinstance(url_key(text), str)
    assert isinstance(url_key(f"https://{text}"), str)
