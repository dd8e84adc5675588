from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.http.clean_urls import absolute, followable, without_tracking


@pytest.mark.parametrize(
    ("url", "becomes"),
    [
        ("https://x.example/?utm_source=a&id=1&utm_medium=b", "https://x.example/?id=1"),
        ("https://x.example/?UTM_Source=a", "https://x.example/"),
        ("https://x.example/?gclid=1&fbclid=2&mc_cid=3&mc_eid=4&igshid=5&msclkid=6", "https://x.example/"),
        ("https://x.example/?id=1&amp;utm_source=a", "https://x.example/?id=1"),
        ("https://x.example/#utm_source=a", "https://x.example/"),
        (
            "https://x.example/?p=5&page=2&ref=3&source=4#part",
            "https://x.example/?p=5&page=2&ref=3&source=4#part",
        ),
        ("https://x.example/?q=a%20b&flag", "https://x.example/?q=a%20b&flag"),
        ("https://x.example/?source=rss-b49&src=rss&ref=5", "https://x.example/?ref=5"),
        ("https://x.example/?", "https://x.example/"),
    ],
)
def test_what_tracks_goes_and_what_names_content_stays(url, becomes):
    assert without_tracking(url) == becomes


@given(st.text(max_size=200), st.text(max_size=100))
def test_any_address_is_absolute_and_harmless_or_nothing(address, base):
    found = absolute(address, base)
    assert found == "" or found.partition(":")[0].lower() in {"http", "https", "mailto", "tel"}
    assert not set(found) & set('"<> \t\r\n\0')


@given(st.text(max_size=200))
def test_a_followable_address_stays_what_it_is(path):
    found = followable(path, "https://charity.example/news/")
    assert followable(found) == found
    assert not found or urlsplit(found).hostname
