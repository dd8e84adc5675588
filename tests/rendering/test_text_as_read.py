"""Editors' Markdown is shown as readers read it, and every word knows where it is written."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from newsletter.rendering.text_as_read import read_text
from tests.full import examples


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("Plain words.", "Plain words."),
        ("One\ntwo.\n\nThree.", "One two.\nThree."),
        ("One  \ntwo\\\nthree", "One\ntwo\nthree"),
        ("# A heading #\nText", "A heading\nText"),
        ("A heading\n=====\nText", "A heading\nText"),
        ("- one\n- two\n  more\n1. three\n\n---\n\nend", "one\ntwo more\nthree\nend"),
        ("> quoted\n> words", "quoted words"),
        ("*a* **b** ***c*** _d_ __e__ snake_case_word 2 * 3 * 4", "a b c d e snake_case_word 2 * 3 * 4"),
        ('[a *link*](https://example.org/a_(b) "Title") here', "a link here"),
        ("![A harbour](https://example.org/a.png)", "A harbour"),
        ("<https://example.org/> and `code *x*`", "https://example.org/ and code *x*"),
        ("5 \\* 3 &amp; more &copy;", "5 * 3 & more ©"),
        ('Dear {{ first_name }}, {{ "{{" }}', "Dear Sam, {{"),
        ("[Leave]({{ unsubscribe_url }})", "Leave"),
        ("[no link] (x) a]b[c", "[no link] (x) a]b[c"),
        ("", ""),
    ],
)
def test_markdown_is_read_without_its_marks(source, words):
    assert read_text("opening", source).words == words


def test_what_cannot_be_understood_is_shown_as_it_was_written():
    source = "[a][b] c\n\n[b]: https://example.org/"
    assert read_text("opening", source).words == source


PIECES = [
    "word",
    " ",
    "\n",
    "\n\n",
    "*",
    "**",
    "_",
    "[",
    "](https://example.org/)",
    "- ",
    "# ",
    "> ",
    "`",
    "\\",
]


@settings(max_examples=examples(200), deadline=None)
@given(some.lists(some.sampled_from(PIECES), max_size=14).map("".join))
def test_every_character_that_is_read_has_a_place_in_the_source(source):
    read = read_text("body", source)
    assert len(read.places) == len(read.words)
    assert all(0 <= start <= end <= len(source) for start, end in read.places)
    starts = [start for start, _end in read.places]
    assert starts == sorted(starts)
