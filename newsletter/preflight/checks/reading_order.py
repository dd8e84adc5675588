"""Check that the email is read out in the order in which it is seen."""

from collections.abc import Iterator
from typing import Any

from newsletter.preflight.checked_issue import CheckedIssue, words_of
from newsletter.preflight.finding import Basis, Finding, Level, Place, Rule
from newsletter.preflight.hidden_elements import is_hidden
from newsletter.rendering.rendered_contrast import styles_of
from subscribers.phrases import shortened
from subscribers.whole_numbers import whole_number

CHECK = "reading order"
ORDER = Rule(
    "accessibility.reading-order",
    "Screen readers read the email in a different order from the one on the screen",
    Level.WARNING,
    "A screen reader reads the HTML from beginning to end, and the Tab key follows the same order.",
    "Correct the theme: put the parts into the HTML in the order in which they are read.",
    Basis(
        "WCAG 2.2, success criterion 1.3.2",
        "https://www.w3.org/TR/WCAG22/#meaningful-sequence",
        "November 2026",
    ),
)
RULES = (ORDER,)
_LONGEST = 60


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Name the first part whose styles move it elsewhere."""
    if checked.email is None:
        return
    for element in checked.document.iter():
        if isinstance(element.tag, str) and (how := _moved_by(element)) and words_of(element).strip():
            if is_hidden(element):
                continue
            what = f"“{shortened(words_of(element), _LONGEST)}” is moved by “{how}” in the theme."
            yield ORDER.found(what, Place("settings", "look"))
            return


def _moved_by(element: Any) -> str:
    """Return what moves an element to another place than its own, in the words of a theme, or nothing."""
    styles = styles_of(element)
    if styles.get("order", "0") != "0":
        return f"order: {styles['order']}"
    for name in ("flex-direction", "flex-wrap", "flex-flow"):
        if "reverse" in styles.get(name, ""):
            return f"{name}: {styles[name]}"
    if styles.get("position") in {"absolute", "fixed"}:
        return f"position: {styles['position']}"
    index = element.get("tabindex") or ""
    return f"tabindex={index}" if whole_number(index) else ""
