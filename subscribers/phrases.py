"""Short texts for sentences: cut to a length, counted, listed, with days and moments in words."""

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime

from subscribers.clean_text import without_addresses

# These would look odd before an ellipsis.
_LEFT_BEFORE_AN_ELLIPSIS = " ,;:.·–—-(“‘…"
# The joiner and the variation selectors.
_JOINING = "\u200d\ufe0e\ufe0f"
_INNER_QUOTES = str.maketrans("“”", "‘’")
_LONGEST_READ = 1_000


def shortened(text: str, longest: int) -> str:
    """Return at most this many characters of a text, cut between words if possible, with an ellipsis if it was
    cut.
    """
    if len(text) <= longest:
        return text
    space = text.rfind(" ", 0, longest)
    end = space if space > longest // 2 else _before_a_mark(text, longest - 1)
    return text[:end].rstrip(_LEFT_BEFORE_AN_ELLIPSIS) + "…"


def _before_a_mark(text: str, end: int) -> int:
    """Return where to cut so that an accent, or a part of an emoji, stays with its character."""
    while end > 1 and (
        unicodedata.combining(text[end]) or text[end] in _JOINING or text[end - 1] == "\u200d"
    ):
        end -= 1
    return end


def counted(count: int, one: str, several: str) -> str:
    """Return a number with its noun, such as “1 person” or “1,200 people”."""
    return f"{count:,} {one if count == 1 else several}"


def listed(words: Sequence[str]) -> str:
    """Return words as prose lists them, such as “Monday, Tuesday and Friday”."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def quoted(text: str) -> str:
    """Return a text in quotation marks. Those that it has itself become single ones."""
    return f"“{text.translate(_INNER_QUOTES)}”"


def written_day(day: date) -> str:
    """Return a day as prose writes it, such as 29 March 2026."""
    return f"{day.day} {day:%B} {day.year}"


def written_moment(moment: datetime) -> str:
    """Return a moment by its own clock, such as 29 March 2026, 07:30."""
    return f"{written_day(moment)}, {moment:%H:%M}"


def few_words(text: str, *, at_most: int) -> str:
    """Return the beginning of what a server said: short, on one line, without any address."""
    if len(text) > _LONGEST_READ:
        # The last word may be the beginning of an address.
        text = text[:_LONGEST_READ].rpartition(" ")[0]
    visible = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(without_addresses(visible).split())[:at_most].rstrip()
