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


@pytest.mark.parametrize(
    ("url", "becomes"),
    [
        ("https://www.google.com/url?sa=t&url=https://club.example/a&ct=ga", "https://club.example/a"),
        (
            "http://www.bing.com/news/apiclick.aspx?tid=1&url=https%3a%2f%2fclub.example%2fa%3fb%3d1&c=1",
            "https://club.example/a?b=1",
        ),
        ("https://l.facebook.com/l.php?u=https%3A%2F%2Fclub.example%2F&h=x", "https://club.example/"),
        ("https://www.youtube.com/redirect?q=https%3A%2F%2Fclub.example%2Fa", "https://club.example/a"),
        (
            "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fclub.example%2F&data=1",
            "https://club.example/",
        ),
        ("https://duckduckgo.com/l/?uddg=https%3A%2F%2Fclub.example%2F", "https://club.example/"),
        (
            "https://www.google.com/search?q=https://club.example",
            "https://www.google.com/search?q=https://club.example",
        ),
        (
            "https://check.example/validate?url=https://club.example",
            "https://check.example/validate?url=https://club.example",
        ),
        (
            "https://club.example/login?next=https://club.example/a",
            "https://club.example/login?next=https://club.example/a",
        ),
        (
            "https://www.google.com/url?url=javascript:alert(1)",
            "https://www.google.com/url?url=javascript:alert(1)",
        ),
    ],
)
def test_a_redirector_is_left_out_if_its_address_holds_the_target(url, becomes):
    assert followable(url) == becomes


@pytest.mark.parametrize(
    ("url", "becomes"),
    [
        ("https://x.example/a?rss=1", "https://x.example/a"),
        ("https://x.example/a?feedType=RSS&feedName=news", "https://x.example/a"),
        ("https://x.example/a?wt_mc=rss.red.x&id=3", "https://x.example/a?id=3"),
        ("https://x.example/a?partner=rss&emc=rss", "https://x.example/a"),
        ("https://x.example/a#tk.rss_news", "https://x.example/a"),
        ("https://x.example/a#rss", "https://x.example/a#rss"),
        ("https://x.example/a?topic=rss&format=rss", "https://x.example/a?topic=rss&format=rss"),
    ],
)
def test_marks_of_having_come_from_a_feed_are_taken_off(url, becomes):
    assert without_tracking(url) == becomes


def test_the_target_behind_the_star_of_an_old_redirector_is_the_address():
    address = "https://us.rd.yahoo.com/dailynews/rss/top/*https://x.example/a"
    assert followable(address) == "https://x.example/a"


@pytest.mark.parametrize(
    "address",
    [
        "https://out.reddit.com/t3_1a?url=https%3A%2F%2Fx.example%2Fa&token=1",
        "https://t.me/iv?url=https%3A%2F%2Fx.example%2Fa&rhash=1",
    ],
)
def test_the_target_that_a_network_sends_on_to_is_the_address(address):
    assert followable(address) == "https://x.example/a"
