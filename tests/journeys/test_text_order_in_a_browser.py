"""Emails from right to left, as a browser lays them out: numbers, dates, names and addresses keep their order."""

import pytest

from newsletter.rendering.find_theme import find_theme
from newsletter.rendering.sample_issue import sample_email

# The left edge of each word where it stands on the page, within the first element that contains them all.
PLACES = """words => {
  const within = [...document.querySelectorAll("td, p")].reverse()
    .find(e => words.every(word => e.textContent.includes(word)) && e.checkVisibility());
  const walker = document.createTreeWalker(within, NodeFilter.SHOW_TEXT), nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  return words.map(word => {
    const node = nodes.find(each => each.data.includes(word)), range = document.createRange();
    range.setStart(node, node.data.indexOf(word));
    range.setEnd(node, node.data.indexOf(word) + word.length);
    return Math.round(range.getBoundingClientRect().left);
  });
}"""


@pytest.fixture
def lefts(open_page, tmp_path, home):
    def places(theme, language, *words):
        path = tmp_path / "email.html"
        path.write_text(sample_email(find_theme(theme), language).html, encoding="utf-8")
        return open_page(path.as_uri(), width=640).evaluate(PLACES, list(words))

    return places


def is_read(places, way):
    return places == sorted(set(places), reverse=way == "rtl")


@pytest.mark.parametrize(
    ("theme", "language", "words", "way"),
    [
        ("classic", "ar", ("العدد", "12", "5 ", "مارس", "2026"), "rtl"),
        ("classic", "ar", ("1 ", "Quay", "Street"), "ltr"),
        ("classic", "he", ("5 ", "במרץ", "2026"), "rtl"),
        ("classic", "he", ("Issue", "12"), "ltr"),
        ("plain", "he", ("1 ", "Quay", "Street"), "ltr"),
        ("plain", "he", ("You", "because", "mailing"), "ltr"),
        ("plain", "he", ("By", "Ann"), "ltr"),
    ],
)
def test_a_reader_meets_each_word_in_its_order(lefts, theme, language, words, way):
    assert is_read(lefts(theme, language, *words), way)


def test_in_hebrew_the_issue_comes_before_its_date(lefts):
    assert is_read(lefts("classic", "he", "Issue", "במרץ"), "rtl")
