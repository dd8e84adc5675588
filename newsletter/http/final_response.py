"""An HTTP answer as it is: interim answers are read past, and whatever is odd about an answer is noticed.

On a kept connection an answer that is cut wrongly would be taken for the answer to the next request. So everything
that a well-behaved server would not send makes the connection one that must be closed. What comes unasked, but only
after the next request was sent, cannot be told from its answer.
Source: RFC 9110 §15.2 (1xx), RFC 9112 §6 (lengths), §9.3 (persistence).
"""

import http.client
import io
from collections.abc import Container
from typing import Any

MAX_INTERIM = 16
LARGEST_BODY = 16_000_000
PIECE = 65_536
SWITCHING_PROTOCOLS = 101
MAX_DIGITS = 18
# What goes wrong while an answer is read, whatever the other side sends.
UNREADABLE = (OSError, http.client.HTTPException, ValueError, OverflowError)


class BodyTooLargeError(http.client.HTTPException):
    """A body is larger than was allowed."""


class ResponseReader(io.BufferedReader):
    """What an answer is read from. Closed, it knows whether bytes were left that belong to no answer of ours."""

    left_over = False

    def close(self) -> None:
        """Close, and look first at what was read ahead. Nothing more is read for that."""
        if not self.closed and isinstance(self.raw, EndableStream):
            self.raw.is_over = True
            self.left_over = bool(self.peek(1))
        super().close()


class EndableStream(io.RawIOBase):
    """A raw stream that can be told that it is over."""

    is_over = False


class FinalResponse(http.client.HTTPResponse):
    """The final answer to a request. http.client itself reads past 100 alone, and past any number of them.

    `body` is empty when it could not be read whole, and `fault` then says why; `keeps`: the next request may use this
    connection. Bodies are read of the statuses in `bodies_of` alone, or of all.
    """

    fp: Any
    body = b""
    fault: Exception | None = None
    keeps = False

    def __init__(
        self,
        sock: Any,
        *,
        method: str | None = None,
        largest_body: int = LARGEST_BODY,
        bodies_of: Container[int] | None = None,
    ) -> None:
        super().__init__(sock, method=method)
        self._largest_body, self._bodies_of = largest_body, bodies_of

    def begin(self) -> None:
        """Read all of the answer: http.client closes the socket under an answer that ends its connection."""
        super().begin()
        reading = self.fp
        keeps = self._has_plain_length()
        if self._bodies_of is not None and self.status not in self._bodies_of:
            self.close()
            return
        try:
            self.body = self._read_up_to(self._largest_body)
        except UNREADABLE as error:
            # The status says what became of the request; who needs the body looks at the fault.
            self.fault, keeps = error, False
        self.close()
        self.keeps = keeps and not self.will_close and not getattr(reading, "left_over", True)

    def _read_status(self) -> tuple[str, int, str]:
        for _ in range(MAX_INTERIM + 1):
            version, status, reason = super()._read_status()  # type: ignore[misc]  # typeshed does not have it
            if status == SWITCHING_PROTOCOLS:
                raise http.client.HTTPException("the server switched to a protocol that we did not ask for")
            if not 100 <= status < 200:  # noqa: PLR2004 - the interim ones
                return version, status, reason
            http.client.parse_headers(self.fp)
        raise http.client.HTTPException(f"more than {MAX_INTERIM} interim responses")

    def _read_up_to(self, most: int) -> bytes:
        pieces, size = list[bytes](), 0
        while piece := self.read(PIECE):
            size += len(piece)
            if size > most:
                raise BodyTooLargeError(f"the body is larger than {most:,} bytes")
            pieces.append(piece)
        if not self.chunked and self.length:
            raise http.client.IncompleteRead(b"", self.length)
        return b"".join(pieces)

    def _has_plain_length(self) -> bool:
        """Whether the answer says its length once, and in one way."""
        lengths = self.headers.get_all("Content-Length", [])
        encodings = self.headers.get_all("Transfer-Encoding", [])
        if encodings:
            return not lengths and [each.strip().lower() for each in encodings] == ["chunked"]
        return len(lengths) <= 1 and all(
            each.isascii() and each.strip().isdigit() and len(each) <= MAX_DIGITS for each in lengths
        )
