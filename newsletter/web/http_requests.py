"""Reads a request within the limits of its path, and answers or refuses it: parts of waitress that know more bounds."""

from copy import copy
from typing import Any

from waitress.parser import HTTPRequestParser
from waitress.receiver import ChunkedReceiver
from waitress.task import ErrorTask, WSGITask
from waitress.utilities import BadRequest

from newsletter.tracking.webhook_endpoint import LARGEST

# In bytes; and of what is uploaded, at the paths that begin so.
LARGEST_BODY = 1 << 20
LARGEST_UPLOADS = {"/webhooks/sendgrid/": LARGEST}
LARGEST_HEADERS = 32_768
# Of a body in chunks: a line with a size, and what may follow the last one (RFC 9112, 7.1).
LONGEST_CHUNK_LINE, LONGEST_TRAILER = 1_024, 8_192


def largest_body(path: str) -> int:
    """How many bytes may be posted to a path."""
    sizes = (size for beginning, size in LARGEST_UPLOADS.items() if path.startswith(beginning))
    return next(sizes, LARGEST_BODY)


class Parser(HTTPRequestParser):
    """Reads a request; the limit of its body is known as soon as its path is, and before any of it is kept."""

    adj: Any
    completed: bool
    # A request that cannot be read has none.
    path = ""

    def parse_header(self, header_plus: bytes) -> None:
        """Read the headers, and take the limit of this path from here on."""
        super().parse_header(header_plus)
        self.adj = copy(self.adj)
        # It refuses what is as large as its limit.
        self.adj.max_request_body_size = 1 + largest_body(self.path)

    def received(self, data: bytes) -> int:
        """Take what has come; says how much of it belongs to this request."""
        taken: int = super().received(data)
        if not self.completed and _has_long_lines(self.body_rcv):
            self.error = BadRequest("A line between the chunks is too long.")
            self.completed = True
        return taken


def _has_long_lines(body: Any) -> bool:
    """Whether a body in chunks has long lines between them: each is read again with every piece that comes."""
    return isinstance(body, ChunkedReceiver) and (
        len(body.control_line) > LONGEST_CHUNK_LINE or len(body.trailer) > LONGEST_TRAILER
    )


class Answer(WSGITask):
    """Answers a request by the application."""

    def finish(self) -> None:
        """End the answer; after HEAD no last chunk belongs to it (RFC 9112, 6.3)."""
        if self.request.command == "HEAD":
            if not self.wrote_header:
                self.write(b"")
            self.chunked_response = False
        super().finish()


class Refusal(ErrorTask):
    """Answers a request that cannot be read."""

    def execute(self) -> None:
        """Say why; then the connection ends, but not before the client had time to read it."""
        self.channel.refused = True
        super().execute()
