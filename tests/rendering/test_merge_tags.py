"""Merge tags: filled per person, escaped for where they stand, and never smuggled in."""

from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import Invalid
from newsletter.rendering.email import TAG
from newsletter.rendering.merge_tags import NAMES, OpenTags, break_tags, fill_tags, substitutions
from tests.rendering.example_issues import PERSON


def test_a_person_is_greeted_by_name_and_gets_their_own_link(email):
    filled = fill_tags(email, PERSON)
    assert filled.subject == "Hello Ada"
    assert filled.preheader == "For Ada"
    assert "Hello Ada</p>" in filled.html
    assert PERSON.unsubscribe_url in filled.text
    assert 'href="https://press.example.org/u/abc?list=1&amp;person=2"' in filled.html


def test_filling_leaves_the_letter_itself_open(email):
    before = email.digest
    fill_tags(email, PERSON)
    assert email.digest == before
    assert "*|FIRST_NAME|*" in email.html


def test_a_missing_first_name_becomes_the_fallback(email):
    assert fill_tags(email, PERSON._replace(first_name="  ")).subject == "Hello reader"


def test_a_name_with_markup_is_escaped_in_html_and_plain_in_text(email):
    filled = fill_tags(email, PERSON._replace(first_name='<b onclick="x">Bo</b>'))
    assert "&lt;b onclick=&quot;x&quot;&gt;Bo&lt;/b&gt;" in filled.html
    assert '<b onclick="x">Bo</b>' in filled.text


def test_a_name_keeps_the_joiners_that_persian_is_written_with():
    assert substitutions(PERSON._replace(first_name="می\u200cنا"), "")["*|FIRST_NAME_TEXT|*"] == "می\u200cنا"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "https://example.org/a b",
        "https://example.org/\nBcc: x",
        "",
        "https://e.org/" + "x" * 2000,
        "https://",
        "https://e.org/é",
    ],
)
def test_a_link_that_is_no_plain_web_address_is_refused(url):
    with pytest.raises(Invalid, match="single http"):
        substitutions(PERSON._replace(unsubscribe_url=url), "reader")


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Anne Marie", "Anne Marie"), ("  Bo  Li ", "Bo Li"), ("A" * 80 + " ", "A" * 80), ("R2-D2", "R2-D2")],
)
def test_a_name_stands_without_needless_spaces(name, shown):
    assert substitutions(PERSON._replace(first_name=name), "")["*|FIRST_NAME_TEXT|*"] == shown


@given(st.text(max_size=300))
def test_no_name_brings_a_line_break_a_tag_or_markup_along(name):
    values = substitutions(PERSON._replace(first_name=name), "reader")
    plain, escaped = values["*|FIRST_NAME_TEXT|*"], values["*|FIRST_NAME|*"]
    assert len(plain.splitlines()) == 1
    assert len(plain) <= 3 * 80
    assert TAG.search(plain) is None
    assert not set("<>\"'") & set(escaped)
    assert unescape(escaped) == unescape(plain) or "&" in plain


@given(st.text(alphabet="*|AB_ \u2060", max_size=60))
def test_no_tag_is_left_after_tags_are_broken(text):
    assert TAG.search(break_tags(text)) is None
    assert break_tags(text).replace("\u2060", "") == text.replace("\u2060", "")


@given(st.lists(st.sampled_from(["*", "|", "UNSUBSCRIBE_URL", "*|FIRST_NAME|*", "x"]), max_size=20))
def test_only_the_secret_words_become_tags(pieces):
    tags = OpenTags()
    opened = tags.open_in_html("".join(pieces) + tags.words["preferences_url"])
    assert TAG.findall(opened) == ["*|PREFERENCES_URL|*"]


def test_the_secret_words_differ_from_letter_to_letter():
    assert not set(OpenTags().words.values()) & set(OpenTags().words.values())


def test_every_name_has_a_tag_for_html_and_one_for_text():
    expected = {f"*|{name.upper()}{ending}|*" for name in NAMES for ending in ("", "_TEXT")}
    assert set(substitutions(PERSON, "reader")) == expected
