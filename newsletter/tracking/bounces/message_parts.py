"""Divides the start of a message (RFC 5322, RFC 2045) into header fields and parts of the first level.

Anybody can send anything to a bounce mailbox. So we only read the first LONGEST bytes, each step reads the text once
from start to end, and nested parts are not opened: reports have their parts on the first level.
"""

import binascii
import quopri
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field

# In a report, the other parts come before the returned message, or at least before its body.
LONGEST = 262_144
MAX_FIELDS, LONGEST_VALUE, MAX_PARTS = 500, 4_000, 20
PLAIN = "text/plain"


@dataclass(frozen=True, slots=True)
class Fields:
    """Header fields in order, with names in lower case and each value on one line."""

    items: list[tuple[str, str]] = field(default_factory=list)

    def first(self, name: str) -> str:
        """Return the value of the first field with a name; empty if there is none."""
        return next((value for each, value in self.items if each == name), "")

    def all(self, *names: str) -> Iterator[str]:
        """Yield the values of all fields with these names, or of every field if no name is given."""
        return (value for each, value in self.items if not names or each in names)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a message, or a whole message: content type in lower case, fields, and decoded body."""

    content_type: str
    fields: Fields
    body: str


def whole(beginning: bytes) -> Part:
    """Read a message from its first bytes. Bytes that are not UTF-8 are replaced, and NUL is removed."""
    text = beginning[:LONGEST].decode("utf-8", "replace").replace("\0", "").replace("\r\n", "\n")
    if text.startswith("From "):
        # The line with which mbox files and some pipes start a message.
        text = text.partition("\n")[2]
    fields, body = head_and_rest(text)
    return _part(fields, body)


def parts_of(part: Part) -> Iterator[Part]:
    """Yield the parts of a multipart message; none for any other message."""
    boundary = parameter(part.fields.first("content-type"), "boundary")
    if not part.content_type.startswith("multipart/") or not boundary:
        return
    delimiter = re.compile(rf"^--{re.escape(boundary)}(--)?[ \t]*$", re.MULTILINE)
    begins = None
    for number, found in enumerate(delimiter.finditer(part.body)):
        if begins is not None:
            yield _part(*head_and_rest(part.body[begins : found.start()]))
        begins = found.end() + 1
        if found[1] or number >= MAX_PARTS:
            return
    if begins is not None:
        # The end was cut off.
        yield _part(*head_and_rest(part.body[begins:]))


def blocks_of(text: str) -> Iterator[Fields]:
    """Yield groups of fields that are separated by empty lines, as in message/delivery-status."""
    for block in re.split(r"\n[ \t]*\n", text)[:MAX_PARTS]:
        fields, _rest = head_and_rest(block.lstrip("\n"))
        if fields.items:
            yield fields


def head_and_rest(text: str) -> tuple[Fields, str]:
    """Return the fields before the first empty line, and the text after it."""
    if text.startswith("\n"):
        return Fields(), text[1:]
    head, _, rest = text.partition("\n\n")
    found: list[tuple[str, list[str]]] = []
    for line in head.split("\n", MAX_FIELDS)[:MAX_FIELDS]:
        if line[:1] in {" ", "\t"}:
            if found:
                found[-1][1].append(line[:LONGEST_VALUE])
            continue
        name, colon, value = line.partition(":")
        if colon:
            found.append((name.strip().lower(), [value[:LONGEST_VALUE]]))
    return Fields([(name, "".join(pieces)[:LONGEST_VALUE].strip()) for name, pieces in found]), rest


def parameter(value: str, name: str) -> str:
    """Return a parameter of a header such as Content-Type; empty if it is missing."""
    found = re.search(rf';\s*{name}\s*=\s*(?:"([^"]*)"|([^\s;"]+))', value, re.IGNORECASE)
    return (found[1] or found[2] or "") if found else ""


def _part(fields: Fields, body: str) -> Part:
    content_type = fields.first("content-type").partition(";")[0].strip().lower()
    encoding = fields.first("content-transfer-encoding").lower()
    return Part(content_type or PLAIN, fields, _decoded(body, encoding))


def _decoded(body: str, encoding: str) -> str:
    """Decode a body. RFC 6522 allows no encoding for reports, but some have one all the same."""
    try:
        match encoding:
            case "base64":
                data = b64decode("".join(body.split()))
            case "quoted-printable":
                data = quopri.decodestring(body.encode())
            case _:
                return body
    except (binascii.Error, ValueError):
        return body
    return data.decode("utf-8", "replace").replace("\0", "").replace("\r\n", "\n")
