"""Check that nothing was left to be filled in, in the texts, the fixed texts and the addresses of links."""

from collections.abc import Iterator

from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.checks.links import OUR_TAG, is_placeholder
from newsletter.preflight.finding import Basis, Finding, Level, Place, Rule
from newsletter.preflight.issue_texts import PREHEADER, SUBJECT
from newsletter.preflight.placeholder_words import placeholders_in, placeholders_in_address
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
    """Name the placeholders of each text, and those in the addresses of links."""
    if checked.email is None:
        return
    texts = [(text.place, placeholders_in(text.lines), text.position) for text in checked.texts]
    in_articles = {
        words for text in checked.texts if text.is_article for words in placeholders_in(text.lines)
    }
    named: set[str] = set()
    for place, words, position in texts:
        # The subject and the preheader are suggested from the articles.
        if place in (SUBJECT, PREHEADER) and in_articles.issuperset(words):
            continue
        if words:
            named.update(words)
            yield _found("The text", words, place, position)
    for link in checked.links:
        # Braces and other tags in a link are found by checks/links.py.
        words = [] if is_placeholder(link.url) else placeholders_in_address(OUR_TAG.sub("", link.url))
        if words and named.isdisjoint(words):
            named.update(words)
            yield _found("The address of a link", words, link.place, link.position)


def _found(where: str, words: list[str], place: Place, position: int) -> Finding:
    return PLACEHOLDER.found(
        f"{where} contains {listed([f'“{each}”' for each in words])}.", place, position=position
    )
