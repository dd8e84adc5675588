"""Write header values so that every reader gets back exactly the given text.

Python's own header classes decode `=?…?=` in their input, `=0d=0a` included, and lose spaces between encoded
words. So no parser reads a text here. A text is written either as it is or entirely in encoded words (RFC 2047),
and a text that itself looks like an encoded word is encoded. A folded value contains a line feed and a space; see
mail_message.py.
"""

import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from functools import lru_cache

from subscribers.clean_text import why_not_one_line
from subscribers.domain_names import in_ascii
from subscribers.errors import Invalid

LONGEST_WORD = 75  # octets of an encoded word, RFC 2047, section 2
LONGEST_LINE_WITH_WORDS = 76  # RFC 2047, section 2
LONGEST_LINE = 78  # RFC 5322, section 2.1.1
LONGEST_ADDRESS = 320
LONGEST_LIST_NAME = 80
_START_Q, _START_B, _END = "=?utf-8?q?", "=?utf-8?b?", "?="
_ROOM = LONGEST_WORD - len(_START_Q) - len(_END)
# Characters that need no escape in an encoded word anywhere, RFC 2047, section 5 (3).
_AS_IT_IS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOT_ATOM = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\U0010ffff-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\U0010ffff-]+)*"
)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_DOMAIN = re.compile(
    r"(?=.{1,253}\Z)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*"
)


def text_value(header: str, text: str) -> str:
    """Return the value of a header of free text, such as Subject, folded (RFC 5322, section 2.2.1; RFC 2047).

    Raises Invalid if the text contains a control character.
    """
    _require_text(header, text)
    words = text.split(" ")
    if _is_plain(text) and _fits(header, words):
        return _folded(header, words)
    return _folded(header, encoded_words(text, used=len(header) + 2))


def mailbox_value(header: str, name: str, address: str) -> str:
    """Return the value of a header with one mailbox: From, To, Reply-To, Sender (RFC 5322, section 3.4), folded.

    Raises Invalid if the name contains a control character, or a header cannot contain the address.
    """
    written = written_address(address)
    if not name:
        return written
    return _folded(header, [*phrase(header, name), f"<{written}>"])


def list_id_value(name: str, identifier: str) -> str:
    """Return the value of List-Id (RFC 2919): the beginning of the name, and the list's identifier, on one line.

    Not every provider folds its input, and a line cannot be longer than 998 octets.
    """
    beginning = name[:LONGEST_LIST_NAME].strip()
    words = phrase("List-Id", beginning) if beginning else []
    return " ".join([*words, f"<{identifier}>"])


def phrase(header: str, name: str) -> list[str]:
    """Return a display name as the pieces between which it may be folded. Raises Invalid for a control character."""
    _require_text(header, name)
    if _is_plain(name):
        quoted = name if _ATOMS.fullmatch(name) else '"{}"'.format(re.sub(r'(["\\])', r"\\\1", name))
        if _fits(header, quoted.split(" ")):
            return quoted.split(" ")
    return encoded_words(name, used=len(header) + 2)


def encoded_words(text: str, *, used: int) -> list[str]:
    """Return the text in encoded words (RFC 2047), Q or B, whichever is shorter. None splits a character.

    `used` is how much of the first line is taken already.
    """
    quoted, length = sum(map(_quoted_length, text)), len(text.encode())
    room = max(min(_ROOM, LONGEST_LINE_WITH_WORDS - used - len(_START_Q) - len(_END)), 12)
    if quoted <= (length + 2) // 3 * 4:
        return [f"{_START_Q}{''.join(map(_quoted, part))}{_END}" for part in _parts(text, room, quoted=True)]
    return [
        f"{_START_B}{b64encode(part.encode()).decode()}{_END}" for part in _parts(text, room, quoted=False)
    ]


def refolded(header: str, value: str) -> str:
    """Return a finished value of ASCII words, folded between them. A word, such as a URL, is never broken."""
    return _folded(header, value.split(" "))


# A mailing needs each address several times: in a header, and for the server.
@lru_cache(maxsize=4_096)
def written_address(address: str) -> str:
    """Return the address for headers and servers: its local part quoted once if necessary, its domain in ASCII.

    Raises Invalid if a header cannot contain it.
    """
    local, at, domain = address.rpartition("@")
    if not (at and local and len(address) <= LONGEST_ADDRESS) or why_not_one_line(address) or "=?" in local:
        raise Invalid("We cannot send emails to this address. Correct the address.")
    if not (_DOT_ATOM.fullmatch(local) or _QUOTED.fullmatch(local)):
        local = '"{}"'.format(re.sub(r'(["\\])', r"\\\1", local))
    return f"{local}@{domain_in_ascii(domain)}"


# Most readers share a few domains.
@lru_cache(maxsize=4_096)
def domain_in_ascii(domain: str) -> str:
    """Return the domain for DNS and mail servers. Raises Invalid for an invalid domain."""
    found = in_ascii(domain)
    if not _DOMAIN.fullmatch(found):
        raise Invalid("The part after the @ is not a valid email domain. Correct the address.")
    return found


def _require_text(header: str, text: str) -> None:
    if wrong := why_not_one_line(text):
        raise Invalid(f"{header}: {wrong}")


def _is_plain(text: str) -> bool:
    """Return whether the text can be written as it is: nothing to encode, and no space that folding or reading
    would lose.
    """
    return (
        text.isascii()
        and text.isprintable()
        and "=?" not in text
        and "  " not in text
        and text[:1] != " "
        and text[-1:] != " "
    )


def _fits(header: str, words: Sequence[str]) -> bool:
    """Return whether no line is longer than the maximum of RFC 5322."""
    return len(header) + 2 + len(words[0]) <= LONGEST_LINE and all(len(word) < LONGEST_LINE for word in words)


def _folded(header: str, pieces: Sequence[str]) -> str:
    longest = LONGEST_LINE_WITH_WORDS if any(each.startswith("=?") for each in pieces) else LONGEST_LINE
    lines, used = [pieces[0]], len(header) + 2 + len(pieces[0])
    for piece in pieces[1:]:
        if piece and used + 1 + len(piece.encode()) > longest:
            lines.append(piece)
            used = 1 + len(piece)
        else:
            lines[-1] += f" {piece}"
            used += 1 + len(piece)
    return "\n ".join(lines)


def _parts(text: str, room: int, *, quoted: bool) -> Iterator[str]:
    """Cut the text so that each part fits in one encoded word. The first has less room, beside the header's name."""
    start = size = 0
    for place, sign in enumerate(text):
        more = _quoted_length(sign) if quoted else len(sign.encode())
        if size and size + more > (room if quoted else room // 4 * 3):
            yield text[start:place]
            start, size, room = place, 0, _ROOM
        size += more
    yield text[start:]


def _quoted(sign: str) -> str:
    if sign in _AS_IT_IS:
        return sign
    return "_" if sign == " " else "".join(f"={octet:02X}" for octet in sign.encode())


def _quoted_length(sign: str) -> int:
    return 1 if sign in _AS_IT_IS or sign == " " else 3 * len(sign.encode())
