"""imaplib's IMAP4 over a socket with one deadline for the whole session and a size limit for everything it reads."""

import imaplib

from newsletter.http.deadline_socket import DeadlineSocket, open_socket, secured
from newsletter.steady_clock import steady_seconds

# A server may list the numbers of all messages on one line.
LONGEST_LINE, LONGEST_LITERAL, LONGEST_ANSWER = 4_000_000, 1_000_000, 8_000_000
PIECE = 65_536


class NoStartTlsError(imaplib.IMAP4.error):
    """The server does not offer STARTTLS."""


class ImapConnection(imaplib.IMAP4):
    """One session. Every method raises OSError or `imaplib.IMAP4.error` when it breaks or the deadline has passed."""

    sock: DeadlineSocket  # type: ignore[assignment]  # imaplib uses no more of a socket than this has

    def __init__(self, host: str, port: int, *, tls: bool, seconds: float) -> None:
        self._deadline, self._tls = steady_seconds() + seconds, tls
        self._unread, self._received = bytearray(), 0
        super().__init__(host, port)

    def open(self, host: str = "", port: int = 0, timeout: float | None = None) -> None:  # noqa: ARG002
        """Connect; imaplib calls this."""
        self.host, self.port = host, port
        self.sock = open_socket(host, port, self._deadline)
        if self._tls:
            self.sock = secured(self.sock, host)

    def secure(self) -> None:
        """Start TLS (RFC 3501, section 6.2.1), and forget what the server said before that."""
        if "STARTTLS" not in self.capabilities:
            raise NoStartTlsError
        self.xatom("STARTTLS")
        if self._unread:
            raise self.error("The server sent data before TLS began.")
        self.sock = secured(self.sock, self.host)
        _answer, data = self.capability()
        self.capabilities = tuple(data[-1].decode("ascii", "replace").upper().split())

    def read(self, size: int) -> bytes:
        """Return `size` bytes of a literal."""
        if size > LONGEST_LITERAL:
            raise self.abort(f"The server announced a literal of {size} bytes, which is too long.")
        while len(self._unread) < size:
            self._receive()
        return self._taken(size)

    def readline(self) -> bytes:
        """Return the next line, including its line ending."""
        searched = 0
        while (end := self._unread.find(b"\n", searched)) < 0:
            searched = len(self._unread)
            if searched > LONGEST_LINE:
                raise self.abort("The line is too long.")
            self._receive()
        return self._taken(end + 1)

    def send(self, data: bytes) -> None:  # type: ignore[override]  # of a buffer's many types, this
        """Send a command."""
        self._received = 0
        self.sock.sendall(data)

    def shutdown(self) -> None:
        """Close the connection; imaplib calls this."""
        if hasattr(self, "sock"):
            self.sock.close()

    def _receive(self) -> None:
        piece = bytearray(PIECE)
        count = self.sock.recv_into(piece)
        if not count:
            raise self.abort("The server closed the connection.")
        self._received += count
        if self._received > LONGEST_ANSWER:
            raise self.abort("The response is too long.")
        self._unread += memoryview(piece)[:count]

    def _taken(self, size: int) -> bytes:
        taken = bytes(self._unread[:size])
        del self._unread[:size]
        return taken
