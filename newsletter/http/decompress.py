"""Decompresses a response piece by piece, and stops before it is too large."""

import zlib

GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
GZIP_MEMBER = b"\x1f\x8b"


class Decompressor:
    """The growing body of a response with a Content-Encoding (RFC 9110, 8.4), never longer than `limit` bytes."""

    def __init__(self, encoding: str, limit: int) -> None:
        self.limit = limit
        self.parts: list[bytes] = []
        self.length = 0
        self.encoding = encoding.strip().lower()
        if self.encoding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
            raise ValueError(f"the response uses the encoding {self.encoding}, which we did not ask for")
        self.packed = self.encoding not in {"", "identity"}
        self._inflating = zlib.decompressobj(GZIP_OR_ZLIB)
        self._begun = False

    def take(self, data: bytes) -> bool:
        """Add a piece; return False if the whole has become too large."""
        if not self.packed:
            return self._keep(data)
        while data:
            if self._inflating.eof:
                if not data.startswith(GZIP_MEMBER):
                    return True  # padding after the end, which every gzip reader ignores
                self._inflating = zlib.decompressobj(GZIP_OR_ZLIB)
            if not self._keep(self._inflate(data)):
                return False
            data = self._inflating.unconsumed_tail or self._inflating.unused_data
        return True

    def finish(self) -> bytes:
        """Return the whole body. Raises EOFError if the compressed data ends in the middle."""
        if self._begun and not self._inflating.eof:
            raise EOFError
        return b"".join(self.parts)

    def _inflate(self, data: bytes) -> bytes:
        room = self.limit - self.length + 1
        try:
            piece = self._inflating.decompress(data, room)
        except zlib.error:
            if self._begun or self.encoding != "deflate":
                raise
            # Some servers call raw deflate data "deflate", although the standard means deflate data in the zlib format.
            self._inflating = zlib.decompressobj(-zlib.MAX_WBITS)
            piece = self._inflating.decompress(data, room)
        self._begun = True
        return piece

    def _keep(self, piece: bytes) -> bool:
        self.parts.append(piece)
        self.length += len(piece)
        return self.length <= self.limit
