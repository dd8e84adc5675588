"""Check that no Markdown is shown to readers as it was written."""

from collections.abc import Iterator
from typing import Any

from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.finding import Basis, Finding, Level, Place, Rule
from newsletter.preflight.hidden_elements import is_hidden
from newsletter.preflight.issue_texts import OTHER_NOTICES, Line
from newsletter.preflight.placeholder_words import placeholders_in
from newsletter.preflight.unread_markdown import Fault, has_footnotes, unread_formatting, unread_links
from subscribers.phrases import shortened

CHECK = "Markdown"
MARKDOWN = Basis("CommonMark 0.31", "https://spec.commonmark.org/0.31.2/", "November 2026")
LINK = Rule(
    "markdown.link",
    "A link is shown in brackets",
    Level.ERROR,
    "Readers see the brackets, and cannot follow the link.",
    "Write [text](https://example.org), without spaces in the address or between the brackets.",
    MARKDOWN,
)
FORMATTING = Rule(
    "markdown.formatting",
    "Formatting characters are shown to readers",
    Level.WARNING,
    "Readers see characters such as ** instead of bold text.",
    "Remove the characters, or remove the spaces between them and the words. Summaries, headlines and the "
    "subject cannot have formatting.",
    MARKDOWN,
)
RULES = (LINK, FORMATTING)
_MENDS = {
    Fault.SPACE_IN_ADDRESS: "Write %20 instead of each space in the address.",
    Fault.SPACE_BETWEEN: "Remove the space between the brackets.",
    Fault.BRACKETS_SWAPPED: "Write the text in square brackets and the address in round ones: [text](https://example.org).",
    Fault.NO_ADDRESS: "Use an address that begins with https://, mailto: or tel:.",
    Fault.WRONG_ADDRESS: "Correct the address.",
    Fault.NOT_READ_HERE: "Remove the address and the brackets.",
}
_LINES = ("p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "td")
_LONGEST = 100


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Name each link, and the first formatting of each part, that was not read as Markdown."""
    if checked.email is None:
        return
    named: set[Place] = set()
    texts = list(_texts(checked))
    are_footnotes = has_footnotes(text for _place, _position, text in texts)
    for place, position, text in texts:
        links = list(unread_links(text))
        # A placeholder in a link is a finding of its own.
        for link in [each for each in links if not placeholders_in([Line(each.text, each.text)])]:
            meant = "picture" if link.text.startswith("!") else "link"
            what = (
                f"Readers see “{shortened(link.text, _LONGEST)}” instead of a {meant}, because {link.fault}."
            )
            yield LINK.found(what, place, position=position, mend=_MENDS.get(link.fault, ""))
        is_footnote = are_footnotes and text.count("**") == 1
        formatting = "" if links or place in named or is_footnote else unread_formatting(text)
        if formatting:
            named.add(place)
            what = f"Readers see “{shortened(formatting, _LONGEST)}” instead of formatted text."
            yield FORMATTING.found(what, place, position=position)


def _texts(checked: CheckedIssue) -> Iterator[tuple[Place, int, str]]:
    """Yield the subject, the preheader and each line of the email as readers see them, without code, then the notices
    that readers of other languages get.
    """
    assert checked.email is not None
    yield Place("details", "subject"), 0, checked.email.subject
    yield Place("details", "preheader"), 0, checked.email.preheader
    for line in checked.document.iter(*_LINES):
        is_outermost_text = next(line.iterdescendants(*_LINES), None) is None
        if is_outermost_text and not is_hidden(line) and "code" not in (line.get("class") or "").split():
            yield *checked.places.place_and_position(line), " ".join("".join(_text(line)).split())
    for text in checked.texts:
        if text.place == OTHER_NOTICES:
            yield text.place, text.position, " ".join(each.text for each in text.lines)


def _text(element: Any) -> Iterator[str]:
    """Yield the text of an element, with a placeholder for code, which may look like Markdown."""
    yield element.text or ""
    for child in element:
        if isinstance(child.tag, str):
            yield from ("…",) if child.tag in {"code", "style", "script"} else _text(child)
        yield child.tail or ""
