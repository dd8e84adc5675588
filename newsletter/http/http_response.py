"""An HTTP response: skips interim responses, and notices anything unusual about a response.

On a kept connection, data left over from one response could be mistaken for the response to the next request. So after
anything that a well-behaved server would not send, we close the connection. We cannot distinguish unexpected data from
the next response if it only comes after the next request was sent.
Source: RFC 9110 §15.2 (1xx), RFC 9112 §6 (lengths), §9.3 (persistence).
"""

import http.client
import io
from collections.abc import Container
from typing import Any

from subscribers.whole_numbers import whole_number

MAX_INTERIM = 16
LARGEST_BODY = 16_000_000
PIECE = 65_536
SWITCHING_PROTOCOLS = 101
# The errors that can occur while we read a response, whatever the other side sends.
UNREADABLE = (OSError, http.client.HTTPException, ValueError, OverflowError)


class BodyTooLargeError(http.client.HTTPException):
    """A body is larger than allowed."""


class ResponseReader(io.BufferedReader):
    """The reader of a response. When it is closed, `left_over` says whether there were unexpected bytes."""

    left_over = False

    def close(self) -> None:
        """Close the reader after checking what was read ahead, without reading more."""
        if not self.closed and isinstance(self.raw, EndableStream):
            self.raw.is_over = True
            self.left_over = bool(self.peek(1))
        super().close()


class EndableStream(io.RawIOBase):
    """A raw stream that we can end."""

    is_over = False


class FinalResponse(http.client.HTTPResponse):
    """The final response to a request. http.client itself only skips 100, and any number of those.

    `body` is empty if we could not read all of it, and `fault` then says why. `keeps` says whether the next request may
    use this connection. Only the bodies of statuses in `bodies_of`, or of all, are read.
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
        """Read the whole response, because http.client closes the socket if the response ends its connection."""
        super().begin()
        reading = self.fp
        keeps = self._has_plain_length()
        if self._bodies_of is not None and self.status not in self._bodies_of:
            self.close()
            return
        try:
            self.body = self._read_up_to(self._largest_body)
        except UNREADABLE as error:
            # The status is the result of the request; callers who need the body check the fault.
            self.fault, keeps = error, False
        self.close()
        self.keeps = keeps and not self.will_close and not getattr(reading, "left_over", True)

    def _read_status(self) -> tuple[str, int, str]:
        for _ in range(MAX_INTERIM + 1):
            version, status, reason = super()._read_status()  # type: ignore[misc]  # typeshed does not have it
            if status == SWITCHING_PROTOCOLS:
                raise http.client.HTTPException("the server switched to a protocol that we did not ask for")
            if not 100 <= status < 200:  # noqa: PLR2004 - interim statuses
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
        """Return whether the response states its length once, and in one way."""
        lengths = self.headers.get_all("Content-Length", [])
        encodings = self.headers.get_all("Transfer-Encoding", [])
        if encodings:
            return not lengths and [each.strip().lower() for each in encodings] == ["chunked"]
        return len(lengths) <= 1 and all(whole_number(each.strip()) is not None for each in lengths)
