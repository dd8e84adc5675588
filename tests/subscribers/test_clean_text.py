"""Text for people: shortened, counted, dated, and without what does not belong in it."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st
from pytest import mark

from subscribers.clean_text import folded, is_printable_ascii, printable, without_addresses
from subscribers.phrases import counted, few_words, listed, shortened, written_day, written_moment


@given(st.text() | st.text(st.characters(max_codepoint=0x80)))
def test_printable_ascii_is_what_is_ascii_and_printable(text):
    assert is_printable_ascii(text) == (text.isascii() and text.isprintable())


@given(st.text(), st.integers(2, 120))
def test_a_shortened_text_fits_and_begins_as_the_text_did(text, longest):
    short = shortened(text, longest)
    assert len(short) <= longest
    assert short == text or text.startswith(short.removesuffix("…"))


@mark.parametrize(
    ("text", "short"),
    [
        ("short enough", "short enough"),
        ("whole words, and no halves", "whole words, and…"),
        ("words of sixteen then", "words of sixteen…"),
        ("It ended today. And more", "It ended today…"),
        ("The pier – what comes next", "The pier – what…"),
        ("Donaudampfschifffahrtsgesellschaft", "Donaudampfschiff…"),
        ("A Donaudampfschifffahrtsgesellschaft", "A Donaudampfschi…"),
        # An accent stays on its letter, and a family stays together.
        ("abcdefghijklmnoe\u0301fghijk", "abcdefghijklmno…"),
        ("abcdefghijklmn👩\u200d👩\u200d👧xyz", "abcdefghijklmn…"),
    ],
)
def test_a_text_is_shortened_between_words_and_nothing_odd_stands_before_the_ellipsis(text, short):
    assert shortened(text, 17) == short


@mark.parametrize(
    ("count", "words"), [(0, "0 people"), (1, "1 person"), (2, "2 people"), (1200, "1,200 people")]
)
def test_a_number_stands_with_its_noun(count, words):
    assert counted(count, "person", "people") == words


@mark.parametrize(
    ("words", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_words_are_listed_as_prose_lists_them(words, text):
    assert listed(words) == text


def test_days_and_moments_are_written_as_prose_writes_them():
    assert written_day(date(2026, 3, 9)) == "9 March 2026"
    assert written_moment(datetime(2026, 3, 9, 7, 5, tzinfo=UTC)) == "9 March 2026, 07:05"


def test_what_neither_html_nor_mail_nor_a_database_may_hold_is_left_out():
    assert printable("a\x00b\x1b\ud800\u202ec\tü\r\n\ufdd0d") == "abc\tü\r\nd"


@mark.parametrize(
    ("text", "line"),
    [
        ("  plain  text ", "plain text"),
        ("two\nlines\u2028three\u200bfour", "two lines three four"),
        ("a\u202eb\u2066c\ufeffd\x00e", "abcde"),
        ("\u06cc\u200c\u06cc 👩\u200d👧", "\u06cc\u200c\u06cc 👩\u200d👧"),
    ],
)
def test_a_folded_text_is_one_line_of_visible_text(text, line):
    assert folded(text) == line


@mark.parametrize(
    "address",
    [
        "ana@example.org",
        '"ana maria"@example.org',
        "ana＠example.org",
        "ana%40example.org",
    ],
)
def test_no_address_stays_in_the_words_of_a_server(address):
    text = f"The address {address} is bad"
    for said in (without_addresses(text), few_words(text, at_most=99)):
        assert said == "The address (address) is bad"


def test_the_words_of_a_server_are_few_and_end_before_half_an_address():
    assert few_words("one  two\x00three", at_most=9) == "one two t"
    assert "ana" not in few_words("x" * 990 + " ana@example.org", at_most=2000)
