"""Subclasses of waitress that read a request within the limits of its path, and answer or refuse it."""

from copy import copy
from typing import Any

from waitress.parser import HTTPRequestParser
from waitress.receiver import ChunkedReceiver
from waitress.task import ErrorTask, WSGITask
from waitress.utilities import BadRequest

from newsletter.tracking.sendgrid_webhook_endpoint import LARGEST

# In bytes. Paths with these prefixes have a limit of their own.
LARGEST_BODY = 1 << 20
# Pages of the desk take pictures of up to 15 MB (issues/item_pictures.py), and what a form holds beside them.
LARGEST_OF_DESK = 16_000_000
LARGEST_UPLOADS = {"/webhooks/sendgrid/": LARGEST, "/desk/": LARGEST_OF_DESK}
LARGEST_HEADERS = 32_768
# In a chunked body: the line with a chunk's size, and the trailer after the last chunk (RFC 9112, 7.1).
LONGEST_CHUNK_LINE, LONGEST_TRAILER = 1_024, 8_192


def largest_body(path: str) -> int:
    """Return how many bytes may be posted to a path."""
    sizes = (size for beginning, size in LARGEST_UPLOADS.items() if path.startswith(beginning))
    return next(sizes, LARGEST_BODY)


class Parser(HTTPRequestParser):
    """Reads a request. The limit of its body is set as soon as the path is known, before any of the body is stored."""

    adj: Any
    completed: bool
    # A request that cannot be parsed has no path.
    path = ""

    def parse_header(self, header_plus: bytes) -> None:
        """Read the headers, and set the limit for the body of this path."""
        super().parse_header(header_plus)
        self.adj = copy(self.adj)
        # Waitress refuses a body that is exactly as large as its limit.
        self.adj.max_request_body_size = 1 + largest_body(self.path)

    def received(self, data: bytes) -> int:
        """Take received data, and return how much of it belongs to this request."""
        taken: int = super().received(data)
        if not self.completed and _has_long_lines(self.body_rcv):
            self.error = BadRequest("A line in the body of the request is too long.")
            self.completed = True
        return taken


def _has_long_lines(body: Any) -> bool:
    """Return whether a chunked body has a long line between chunks, which waitress reads again with every piece."""
    return isinstance(body, ChunkedReceiver) and (
        len(body.control_line) > LONGEST_CHUNK_LINE or len(body.trailer) > LONGEST_TRAILER
    )


class Answer(WSGITask):
    """Answers a request with the application."""

    def finish(self) -> None:
        """End the response. After HEAD, no last chunk is sent (RFC 9112, 6.3)."""
        if self.request.command == "HEAD":
            if not self.wrote_header:
                self.write(b"")
            self.chunked_response = False
        super().finish()


class Refusal(ErrorTask):
    """Answers a request that cannot be parsed."""

    def execute(self) -> None:
        """Send the reason. The connection is closed after the client has had time to read it."""
        self.channel.refused = True
        super().execute()
