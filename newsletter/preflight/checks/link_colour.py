"""Check that a link within a text can be told from the text around it without seeing its colour."""

import re
from collections.abc import Iterator
from typing import Any

from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.finding import Basis, Finding, Level, Place, Rule
from newsletter.preflight.hidden_elements import is_hidden
from newsletter.rendering.rendered_contrast import styles_of
from subscribers.phrases import shortened

CHECK = "link colour"
COLOUR_ALONE = Rule(
    "links.colour-alone",
    "A link differs from the text around it only in its colour",
    Level.WARNING,
    "People who cannot tell the colours apart do not see that there is a link.",
    "Correct the theme: underline links within text.",
    Basis(
        "WCAG 2.2, success criterion 1.4.1, and the Email Markup Consortium’s Accessibility Report 2026",
        "https://www.w3.org/TR/WCAG22/#use-of-color",
        "November 2026",
    ),
)
RULES = (COLOUR_ALONE,)
# Three characters of a word or more between links are a text. Fewer can be signs between the links of a row.
_TEXT = re.compile(r"\w{3,}")
_IN_A_TEXT = ("p", "li", "td", "div")
_BOLD = re.compile(r"bold|[6-9]00")
_LONGEST = 80


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Name the first link of each place that only its colour shows."""
    named: set[Place] = set()
    for link in checked.links:
        if not link.words or link.place in named or is_hidden(link.element):
            continue
        if next(link.element.iter("img"), None) is None and _only_colour_shows(link.element):
            named.add(link.place)
            what = f"Only the colour shows that “{shortened(link.words, _LONGEST)}” is a link."
            yield COLOUR_ALONE.found(what, Place("settings", "look"), position=link.position)


def _only_colour_shows(link: Any) -> bool:
    styles = styles_of(link)
    decoration = styles.get("text-decoration", styles.get("text-decoration-line", "underline"))
    if "none" not in decoration.split() or _has_border(styles) or "background-color" in styles:
        return False
    around = next(link.iterancestors(*_IN_A_TEXT), None)
    if around is None or not _TEXT.search(_text_beside_links(around)):
        return False
    return _is_bold(link, around) == _is_bold(around, None)


def _text_beside_links(element: Any) -> str:
    """Return the text of a paragraph without that of its links, and without that of paragraphs inside it."""
    pieces = [element.text or ""]
    for child in element:
        if isinstance(child.tag, str) and child.tag not in {"a", "table", *_IN_A_TEXT}:
            pieces.append(_text_beside_links(child))
        pieces.append(child.tail or "")
    return " ".join(pieces)


def _has_border(styles: dict[str, str]) -> bool:
    return any(
        name.startswith("border") and value not in {"0", "none"} and name != "border-radius"
        for name, value in styles.items()
    )


def _is_bold(element: Any, end: Any) -> bool:
    """Return whether an element, or one around it before `end`, is bold, or inside the link itself."""
    inside = [element, *element.iter("b", "strong")] if element.tag == "a" else [element]
    around = []
    for each in element.iterancestors():
        if each is end:
            break
        around.append(each)
    return any(
        each.tag in {"b", "strong"} or _BOLD.search(styles_of(each).get("font-weight", "")) is not None
        for each in (*inside, *around)
    )
