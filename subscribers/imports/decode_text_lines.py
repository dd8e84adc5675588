"""From the bytes of a file to lines of text, whatever the encoding, in little memory.

Text that is not UTF-8 is read line by line, so that one line pasted in from elsewhere spoils no other.
"""

import codecs
import io
from collections.abc import Iterator
from itertools import chain

from subscribers.errors import Invalid
from subscribers.imports.file_kinds import Readable
from subscribers.imports.guess_encoding import guess_encoding

BLOCK = 1 << 18
LONGEST_LINE = 4_000_000
ROWS_NAMED = 20
LOOKED_AT = 32  # blocks at most: people beyond ASCII may come late in a file
BY_LINES = frozenset({"utf-8", "windows-1252"})


class DecodedLines:
    """The lines of a binary stream. Iterated once; afterwards it knows what it met.

    `encoding` is what most of the file is in. `odd_rows` names the first rows of a UTF-8 file that were not UTF-8 and
    were read as Windows-1252, of which there were `odd_count`. `bytes_read` grows as the lines are taken.
    """

    def __init__(self, stream: Readable, *, encoding: str = "") -> None:
        self._stream = stream
        self._read = _beginning(stream)
        self._head = self._read[0]
        self.bytes_read = 0
        self.encoding = _known(encoding) if encoding else _guess(self._read)
        self.odd_rows: list[int] = []
        self.odd_count = 0

    def __iter__(self) -> Iterator[str]:
        if self.encoding in BY_LINES:
            return self._lines_of_bytes()
        return self._lines_of_text()

    def sample(self) -> list[str]:
        """The lines of the beginning, without taking them; the last may be cut off and is left out."""
        if self.encoding in BY_LINES:
            text = "".join(_decode_line(line)[0] for line in self._head.splitlines(keepends=True))
        else:
            try:
                text = codecs.getincrementaldecoder(self.encoding)("replace").decode(self._head)
            except UnicodeError:
                raise Invalid(
                    f"The file is not encoded in {self.encoding}. If you leave the encoding out, we will detect it."
                ) from None
        lines = _split(text.removeprefix("\ufeff"))
        return lines[:-1] if len(self._head) == BLOCK and len(lines) > 1 else lines

    def _blocks(self) -> Iterator[bytes]:
        for block in chain(self._read, iter(lambda: self._stream.read(BLOCK), b"")):
            self.bytes_read += len(block)
            yield block

    def _lines_of_bytes(self) -> Iterator[str]:
        row = 1
        for block in _whole_lines(self._blocks(), _line_end(self._head)):
            try:
                lines = _split(block.decode("utf-8"))
            except UnicodeDecodeError:
                lines = self._line_by_line(block, row)
            if row == 1 and lines:
                lines[0] = lines[0].removeprefix("\ufeff")
            row += len(lines)
            yield from lines

    def _line_by_line(self, block: bytes, row: int) -> list[str]:
        lines: list[str] = []
        for line in block.splitlines(keepends=True):
            text, is_odd = _decode_line(line)
            if is_odd and self.encoding == "utf-8":
                self.odd_count += 1
                if len(self.odd_rows) < ROWS_NAMED:
                    self.odd_rows.append(row + len(lines))
            lines.extend(_split(text))
        return lines

    def _lines_of_text(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(self.encoding)("replace")
        rest = ""
        for block in self._blocks():
            text = (rest + decoder.decode(block)).removeprefix("\ufeff")
            # A carriage return at the end may have its line feed in the next block.
            cut = text.rfind("\n") + 1 or text.rfind("\r", 0, -1) + 1
            cut = cut or (len(text) if len(text) > LONGEST_LINE else 0)
            rest = text[cut:]
            yield from _split(text[:cut])
        yield from _split(rest + decoder.decode(b"", final=True))


def _beginning(stream: Readable) -> list[bytes]:
    """The first block and, while everything is ASCII and tells no encoding, those after it."""
    blocks = [stream.read(BLOCK)]
    while len(blocks) < LOOKED_AT and blocks[-1] and blocks[-1].isascii():
        blocks.append(stream.read(BLOCK))
    return blocks


def _guess(blocks: list[bytes]) -> str:
    if len(blocks) == 1:
        return guess_encoding(blocks[0], is_cut=len(blocks[0]) == BLOCK)
    # The headings, and the part that is not ASCII.
    first = blocks[0].partition(b"\n")[0]
    return guess_encoding(
        first + b"\n" + b"".join(blocks[-2:]).partition(b"\n")[2], is_cut=len(blocks[-1]) == BLOCK
    )


def _known(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
        "".encode(name)
        codecs.getincrementaldecoder(name)
    except (LookupError, UnicodeError):
        raise Invalid(
            f"“{encoding}” is not a text encoding. Enter an encoding such as utf-8 or windows-1252."
        ) from None
    return {"cp1252": "windows-1252", "utf-8-sig": "utf-8"}.get(name, name)


def _decode_line(line: bytes) -> tuple[str, bool]:
    """The text, and whether it was not UTF-8."""
    try:
        return line.decode("utf-8"), False
    except UnicodeDecodeError:
        pass
    try:
        return line.decode("windows-1252"), True
    except UnicodeDecodeError:
        return line.decode("latin-1"), True


def _split(text: str) -> list[str]:
    # str.splitlines also splits at characters that belong into cells, such as U+2028.
    return list(io.StringIO(text, newline=None))


def _line_end(head: bytes) -> bytes:
    return b"\r" if b"\n" not in head and b"\r" in head else b"\n"


def _whole_lines(blocks: Iterator[bytes], line_end: bytes) -> Iterator[bytes]:
    """The same bytes, cut at line ends; of a line that never ends only so much is kept."""
    rest = b""
    for block in blocks:
        data = rest + block
        cut = data.rfind(line_end) + 1
        if cut:
            yield data[:cut]
        rest = data[cut:][:LONGEST_LINE]
    if rest:
        yield rest
