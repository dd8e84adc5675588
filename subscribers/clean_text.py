"""Text without characters or addresses that do not belong in it, on one line where it must be.

A name, a subject or any other text that becomes a header must be on one line. We refuse the characters that end or
hide a line: C0 and C1 controls, the separators U+2028 and U+2029, lone surrogates and noncharacters. Everything else
is text. The joiners U+200C and U+200D spell Persian words and emoji families, and tag characters spell flags, so
`str.isprintable` would refuse too much.

In names we also remove the bidirectional controls U+202A to U+202E and U+2066 to U+2069: they can make a name read
like an address or like another name. The marks U+200E, U+200F and U+061C stay, since they only help to place their
neighbours.
"""

import re
import unicodedata

_NOT_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\u202d\u202e]"
)
_SPACES = re.compile("  +")
_ANY_SPACE = re.compile(r"[\s\u200b\u2028\u2029]+")
_DIRECTING = re.compile("[\u202a-\u202e\u2066-\u2069]")
# Programs that text was copied from leave these at its ends, where they mean nothing.
_LEFT_AT_ENDS = "\ufeff\u200b\u2060\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

# An address with a quoted or plain local part, with any character or code for the @.
_ADDRESS = re.compile(
    r"""(?:"[^"]{0,200}"|[^\s@\uff20\ufe6b<>"]{1,200})\s{0,3}(?:[@\uff20\ufe6b]|%40|&\#0*64;|&commat;)\s{0,3}[^\s<>"]{1,300}""",
    re.IGNORECASE,
)
_AT = re.compile("[@\uff20\ufe6b]")

# As bytes: for an address of a hundred characters, `str.isprintable` takes four times as long.
_PRINTABLE_ASCII = bytes(range(0x20, 0x7F))


def is_printable_ascii(text: str) -> bool:
    """Return whether the text has only printable ASCII characters, including spaces. Quick for long texts, too."""
    return text.isascii() and not text.encode().translate(None, _PRINTABLE_ASCII)


def on_one_line(text: str) -> str:
    """Return the text with every control character as a space, runs of spaces as one, and none at its ends."""
    if is_printable_ascii(text) and "  " not in text:
        return text.strip()
    return _SPACES.sub(" ", _NOT_TEXT.sub(" ", text)).strip()


def name_on_one_line(name: str) -> str:
    """Return a name on one line, without characters that change the text direction. Empty if nothing visible is
    left.
    """
    if name.isascii() and name.isprintable() and "  " not in name:
        return name.strip()
    cleaned = on_one_line(_DIRECTING.sub("", name))
    return cleaned if any(sign.isprintable() and not sign.isspace() for sign in cleaned) else ""


def without_controls(text: str, *, keep: str = "") -> str:
    """Return the text without characters that are not text. Those that act as spaces become a space, unless kept."""
    return _NOT_TEXT.sub(lambda found: found[0] if found[0] in keep else " " * found[0].isspace(), text)


def composed(text: str, *, keep: str = "") -> str:
    """Return the text composed (NFC) and without control characters. Other invisible characters may be part of a
    word.
    """
    if text.isprintable():
        return text if text.isascii() else unicodedata.normalize("NFC", text)
    return unicodedata.normalize("NFC", without_controls(text, keep=keep))


def without_unseen_ends(text: str) -> str:
    """Return the text without spaces at its ends, or invisible marks left there by other programs."""
    start, end = 0, len(text)
    while start < end and (text[start].isspace() or text[start] in _LEFT_AT_ENDS):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in _LEFT_AT_ENDS):
        end -= 1
    return text[start:end]


def why_not_one_line(text: str) -> str:
    """Say which is the first character that is not allowed. Empty if there is none."""
    if is_printable_ascii(text):
        return ""
    found = _NOT_TEXT.search(text)
    if found is None:
        return ""
    sign = found[0]
    if sign in "\r\n\x85\u2028\u2029":
        return "Enter this on one line, without line breaks."
    code, position = f"U+{ord(sign):04X}", found.start() + 1
    if unicodedata.category(sign) == "Cc":
        return f"Remove the control character {code} at position {position}."
    return f"Remove the character {code} at position {position}. It is not allowed here."


def printable(text: str) -> str:
    """Return the text, of any number of lines, without what HTML, mail or a database refuses, or what reorders
    it.
    """
    return text if is_printable_ascii(text) else _UNPRINTABLE.sub("", text)


def folded(text: str) -> str:
    """Return the text on one line, every run of white space as one space, and nothing that changes its direction."""
    if is_printable_ascii(text) and "  " not in text:
        return text.strip()
    visible = _DIRECTING.sub("", printable(_ANY_SPACE.sub(" ", text))).replace("\ufeff", "")
    return _ANY_SPACE.sub(" ", visible).strip()


def without_addresses(text: str) -> str:
    """Return the text with every email address in it replaced, and no @ left."""
    return _AT.sub(" at ", _ADDRESS.sub("(address)", text))
