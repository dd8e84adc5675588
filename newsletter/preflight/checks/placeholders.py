"""Check that nothing was left to be filled in, in the texts, the finished email and the addresses of links."""

from collections.abc import Iterator

from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.checks.links import OUR_TAG, is_placeholder
from newsletter.preflight.finding import Basis, Finding, Level, Place, Rule
from newsletter.preflight.issue_texts import PREHEADER, SUBJECT, Line
from newsletter.preflight.placeholder_words import placeholders_in, placeholders_in_address
from newsletter.preflight.visible_lines import visible_lines
from newsletter.preflight.where_to_edit import LOOK
from subscribers.phrases import listed

CHECK = "placeholders"
PLACEHOLDER = Rule(
    "words.placeholder",
    "The text contains a placeholder",
    Level.ERROR,
    "Somebody probably meant to replace the placeholder before sending the email.",
    "Replace the placeholder, or remove it.",
    Basis("The text of the email"),
)
RULES = (PLACEHOLDER,)


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Name the placeholders of each text, then those that the theme adds, and those in the addresses of links."""
    if checked.email is None:
        return
    named: set[str] = set()
    for place, words, position in _in_texts(checked):
        named.update(words)
        yield _found("The text", words, place, position)
    if words := [each for each in _in_finished_email(checked) if each not in named]:
        yield _found("The email", words, LOOK, 0)
    for link in checked.links:
        # Braces and other tags in a link are found by checks/links.py.
        words = [] if is_placeholder(link.url) else placeholders_in_address(OUR_TAG.sub("", link.url))
        if words and named.isdisjoint(words):
            named.update(words)
            yield _found("The address of a link", words, link.place, link.position)


def _in_texts(checked: CheckedIssue) -> Iterator[tuple[Place, list[str], int]]:
    found = [(text, placeholders_in(text.lines)) for text in checked.texts]
    in_articles = {each for text, words in found if text.is_article for each in words}
    for text, words in found:
        # The subject and the preheader are suggested from the articles.
        is_suggested = text.place in (SUBJECT, PREHEADER) and in_articles.issuperset(words)
        if words and not is_suggested:
            yield text.place, words, text.position


def _in_finished_email(checked: CheckedIssue) -> list[str]:
    """Return the placeholders of the HTML, and those that only the plain text version has."""
    html = str(checked.document.text_content())
    texts = checked.email.text.splitlines() if checked.email else []
    in_text = [each for each in placeholders_in(Line(line, line) for line in texts) if each not in html]
    return [
        each
        for each in (*placeholders_in(visible_lines(checked.document)), *in_text)
        if not OUR_TAG.search(each)
    ]


def _found(where: str, words: list[str], place: Place, position: int) -> Finding:
    return PLACEHOLDER.found(
        f"{where} contains {listed([f'“{each}”' for each in words])}.", place, position=position
    )
