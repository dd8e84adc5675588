"""The last bytes of a backup: the SHA-256 of every byte before them, so that no byte can change unnoticed.

They are a separate gzip member (RFC 1952), empty, with the digest as its comment: `tar` and `gzip --test` read
such a file like any other. A digest inside the archive could not cover gzip's header or tar's padding. It reveals
damage, not forgery: anyone who can change the file can also write a new digest.
"""

import hashlib
import os
import struct
from typing import BinaryIO

MARK = b"newsletter-backup sha256:"
# ID1, ID2, deflate, FCOMMENT; no time, no extra flags, unknown system.
HEADER = struct.pack("<4BI2B", 0x1F, 0x8B, 8, 0x10, 0, 0, 255)
# An empty deflate block, then the CRC and the length of nothing.
NOTHING = b"\x03\x00" + bytes(8)
LENGTH = len(HEADER) + len(MARK) + 2 * hashlib.sha256().digest_size + 1 + len(NOTHING)
AT_ONCE = 1 << 20


class Digesting:
    """A file that is written once, from beginning to end, and computes the digest of what is written."""

    def __init__(self, output: BinaryIO) -> None:
        self._output, self._digest = output, hashlib.sha256()

    def write(self, data: bytes) -> int:
        """Write all the data."""
        self._digest.update(data)
        return self._output.write(data)

    def flush(self) -> None:
        """Flush to the operating system."""
        self._output.flush()

    def finish(self) -> None:
        """Write the digest after everything else."""
        self._output.write(_member(self._digest.hexdigest()))


def is_whole(file: BinaryIO) -> bool:
    """Return whether every byte of a file is as it was written. Reads the whole file and returns to its
    beginning.
    """
    covered = file.seek(0, os.SEEK_END) - LENGTH
    if covered < 0:
        return False
    file.seek(0)
    digest = hashlib.sha256()
    while covered and (data := file.read(min(AT_ONCE, covered))):
        digest.update(data)
        covered -= len(data)
    # The whole member is compared, so that a flipped bit in it is noticed, too.
    whole = not covered and file.read(LENGTH + 1) == _member(digest.hexdigest())
    file.seek(0)
    return whole


def _member(digest: str) -> bytes:
    return HEADER + MARK + digest.encode() + b"\0" + NOTHING
