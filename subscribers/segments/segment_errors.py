"""What is wrong with a segment, pointing at the word."""

from collections.abc import Iterable
from difflib import get_close_matches

from subscribers.errors import Invalid


class WrongSegment(Invalid):
    """A segment that cannot be used: `column` counts from 1; the message ends with the text and a caret line.

    `part` is the field of a condition's row that is wrong: “attribute”, “verb” or “value”.
    """

    def __init__(
        self, sentence: str, *, text: str = "", at: int = 0, length: int = 1, part: str = "value"
    ) -> None:
        self.sentence, self.part = sentence, part
        self.column = at + 1
        pointer = " " * at + "^" * max(1, min(length, len(text) - at))
        super().__init__(f"{sentence}\n  {text}\n  {pointer}" if text else sentence)


def near(word: str, known: Iterable[str]) -> str:
    """A hint such as ` Did you mean “prostate”?`, or nothing."""
    by_lower = {one.lower(): one for one in known}
    found = get_close_matches(word.lower(), by_lower, 1, 0.7)
    return f" Did you mean “{by_lower[found[0]]}”?" if found else ""
