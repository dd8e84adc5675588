"""Text on one line: which characters may stand in a name, a subject or any other text that becomes a header.

Refused are the characters that end or hide a line: C0 and C1 controls, the separators U+2028 and U+2029, lone
surrogates and noncharacters. Everything else is text. The joiners U+200C and U+200D spell Persian words and emoji
families, and tag characters spell flags, so `str.isprintable` is the wrong question.

In names the bidirectional controls U+202A to U+202E and U+2066 to U+2069 go too: they can make a name read like an
address or like another name. The marks U+200E, U+200F and U+061C stay, since they only help neighbours to be placed.
"""

import re
import unicodedata

_NOT_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_SPACES = re.compile("  +")
_DIRECTING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def on_one_line(text: str) -> str:
    """The text with every control as a space, runs of spaces as one, and none at its ends. Other spaces stay."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return _SPACES.sub(" ", _NOT_TEXT.sub(" ", text)).strip()


def name_on_one_line(name: str) -> str:
    """A name on one line, without the characters that turn the direction of what follows."""
    return on_one_line(_DIRECTING.sub("", name))


def why_not_one_line(text: str) -> str:
    """A sentence about the first character that must not stand there, or nothing when there is none."""
    found = _NOT_TEXT.search(text)
    if found is None:
        return ""
    sign = found[0]
    if sign in "\r\n\x85\u2028\u2029":
        return "Write this on one line, without line breaks."
    name = "a control character" if unicodedata.category(sign) == "Cc" else "a character that is not text"
    return f"Delete {name} (U+{ord(sign):04X}, at place {found.start() + 1}) from this text."
