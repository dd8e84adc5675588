"""The text part reads well: lines of 78 columns, links never broken, wide characters counted as two."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.rendering.markdown_text import markdown_text
from newsletter.rendering.render_markdown import markdown_html
from subscribers.wrap_text import WIDTH, columns, tidy, underline, wrap

WORDS = st.lists(st.text(alphabet="abcdefgé–界ひ", min_size=1, max_size=30), max_size=60)
SPACES = re.compile(r"\s+")


@given(WORDS)
def test_wrapping_keeps_every_word_in_its_order(words):
    text = " ".join(words)
    assert SPACES.sub("", wrap(text)) == SPACES.sub("", text)


@given(WORDS, st.integers(min_value=20, max_value=100))
def test_no_line_is_wider_than_asked_unless_it_is_one_word(words, width):
    for line in wrap(" ".join(words), width, first="- ", rest="  ").splitlines():
        assert columns(line) <= width or " " not in line.strip("- ")


@given(st.lists(st.from_regex(r"[a-z]{1,12}", fullmatch=True), min_size=1, max_size=60))
def test_a_line_is_never_shorter_than_it_has_to_be(words):
    lines = wrap(" ".join(words)).splitlines()
    for line, following in pairwise(lines):
        assert len(line) + 1 + len(following.split(" ")[0]) > WIDTH


def test_both_ways_of_wrapping_agree():
    text = "the study says little about " * 20
    with_an_accent = text.replace("study", "stu\u0308dy")
    assert wrap(with_an_accent).replace("\u0308", "") == wrap(text)


def test_a_long_link_stays_whole_on_a_line_of_its_own():
    link = "https://example.org/" + "a" * 200
    assert link in wrap(f"Read more at {link} and so on").splitlines()


def test_japanese_breaks_between_characters_but_not_before_a_full_stop():
    lines = wrap("研究者は" * 30 + "。" + "あ" * 40).splitlines()
    assert max(map(columns, lines)) == WIDTH
    assert not any(line.startswith("。") for line in lines)


def test_a_no_break_space_stays_and_does_not_break():
    assert wrap("1\u00a0000 people " * 12).count("1\u00a0000") == 12


def test_a_heading_is_underlined_as_wide_as_it_is():
    assert underline("健康", "=") == "健康\n===="
    assert underline("a" * 100, "-").splitlines()[1] == "-" * WIDTH


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("स्वास्थ्य", 6),  # five consonants, three viramas without a column, and a vowel sign with one
        ("ก\u0e31บ", 2),
        ("ब\u0941", 1),
        ("❤\ufe0f", 1),
        ("a\u2066b\u2069", 2),
        ("Rock\u00adn", 6),
        ("潮", 2),
        ("🇬🇧", 4),
    ],
)
def test_each_text_takes_the_columns_that_terminals_give_it(text, width):
    assert columns(text) == width


def test_no_line_begins_or_ends_with_the_punctuation_that_french_sets_apart():
    for length in range(60, 80):
        for line in wrap("x" * length + " que dit l’étude ? « Rien » : voilà 66 %. Suite ! Oui ; non").split(
            "\n"
        ):
            assert not re.match(r"[?!:;»%]", line)
            assert not line.endswith("«")


def test_tidying_leaves_one_empty_line_at_most():
    assert tidy("a\n\n \n\nb\n\n") == "a\n\nb\n"


def test_markdown_links_become_footnotes_on_lines_of_their_own():
    text = markdown_text(
        "See [the study](https://example.org/study) and [the study again](https://example.org/study)."
    )
    assert text == "See the study [1] and the study again [1].\n\n[1] https://example.org/study"


def test_markdown_lists_quotes_and_headings_keep_their_shape():
    source = "# What we found\n\n- one\n- two\n  1. nested\n\n> said so\n\n---\n"
    assert markdown_text(source) == (
        "What we found\n-------------\n\n- one\n- two\n  1. nested\n\n> said so\n\n* * *"
    )


@pytest.mark.parametrize(
    "source",
    [
        "<script>x</script>",
        "<img src=x onerror=y>",
        "[x](javascript:alert(1))",
        "![x](data:image/png;base64,x)",
    ],
)
def test_no_markup_of_an_editor_gets_into_the_html(source):
    html = markdown_html(source)
    assert "<script" not in html
    assert "<img" not in html
    assert "href" not in html


def test_a_relative_link_stays_visible_as_it_was_written():
    assert markdown_html("[about](/about)") == "<p>[about](/about)</p>\n"


@given(st.text(max_size=200))
def test_any_text_is_markdown(source):
    assert isinstance(markdown_text(source), str)
    assert "<script" not in markdown_html(source).lower()
