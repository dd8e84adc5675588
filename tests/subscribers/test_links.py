import time

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from subscribers import links
from subscribers.links import Purpose, StaleLink, WrongLink

numbers = st.integers(min_value=1, max_value=2**63 - 1)
purposes = st.sampled_from(Purpose)


@given(purposes, numbers)
def test_a_link_says_whom_it_was_made_for(purpose, number):
    assert links.read(purpose, links.token(purpose, number)) == number


@given(purposes, purposes, numbers)
def test_a_link_for_one_purpose_is_good_for_no_other(made_for, used_for, number):
    if made_for != used_for:
        with pytest.raises(WrongLink):
            links.read(used_for, links.token(made_for, number))


@given(purposes, numbers, st.data())
def test_a_changed_or_truncated_link_is_wrong(purpose, number, data):
    token = links.token(purpose, number)
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("ABCabc019-_=é\n/+").filter(lambda c: c != token[at]))
    for forged in (token[:at] + other + token[at + 1 :], token[:at], token + other, token + "=", ""):
        with pytest.raises(WrongLink):
            links.read(purpose, forged)


def test_a_confirmation_expires_and_leaving_never_does():
    confirm, leave = links.token(Purpose.CONFIRM, 7), links.token(Purpose.LEAVE, 7)
    with time_machine.travel(time.time() + 9 * 24 * 3600, tick=False):
        with pytest.raises(StaleLink):
            links.read(Purpose.CONFIRM, confirm)
        assert links.read(Purpose.LEAVE, leave) == 7


def test_links_made_with_an_older_key_are_still_read(settings):
    settings.SECRET_KEY = "the old key"
    token = links.token(Purpose.LEAVE, 7)
    settings.SECRET_KEY = "the new key"
    with pytest.raises(WrongLink):
        links.read(Purpose.LEAVE, token)
    settings.SECRET_KEY_FALLBACKS = ["the old key"]
    assert links.read(Purpose.LEAVE, token) == 7


def test_many_links_are_the_same_as_one_by_one(settings):
    settings.SUBSCRIBERS_BASE_URL = "https://news.example.org/"
    make = links.maker(Purpose.LEAVE)
    assert make([1, 70_000]) == [links.url(Purpose.LEAVE, n) for n in (1, 70_000)]
    assert make([1])[0].startswith("https://news.example.org/leave/")


def test_many_links_to_another_app_are_the_same_as_one_by_one():
    make = links.maker(Purpose.READ_ONLINE, "https://news.example.org/issue/?reader=")
    assert make([7]) == ["https://news.example.org/issue/?reader=" + links.token(Purpose.READ_ONLINE, 7)]


def test_a_link_is_short_and_needs_no_escaping():
    for purpose in Purpose:
        token = links.token(purpose, 2**63 - 1)
        assert len(token) <= 38
        assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
