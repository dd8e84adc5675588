"""smtplib's SMTP over a socket with one deadline, with strict checks of replies.

A reply that we cannot read, or that comes before our command, could be mistaken for the reply to something else. Then
we send no further command on that connection.
"""

import re
import smtplib
import ssl
from functools import lru_cache

from newsletter.http.deadline_socket import DeadlineSocket, open_socket, secured
from newsletter.steady_clock import steady_seconds

# RFC 5321, section 4.5.3.1.5, allows 512 octets.
LONGEST_LINE, MAX_LINES = 8_192, 200
REPLY_LINE = re.compile(rb"([1-5][0-9][0-9])(?:([ -])([^\r\n]*))?\r?\n\Z")
KINDS_OF_LOG_IN = ("CRAM-MD5", "PLAIN", "LOGIN")
KIND_NOT_TAKEN = frozenset({504, 534})


class UnreadableError(smtplib.SMTPException):
    """The server sent something that is not a reply."""


class NoStartTlsError(smtplib.SMTPNotSupportedError):
    """The server does not offer STARTTLS."""


class UnaskedError(smtplib.SMTPException):
    """The server sent something, or closed the connection, before our command."""


class SmtpConnection(smtplib.SMTP):
    """One connection to an SMTP server. Every method raises OSError or SMTPException if the connection breaks."""

    sock: DeadlineSocket | None  # type: ignore[assignment]  # smtplib uses no more of a socket than this has

    def __init__(self, ehlo_name: str = "") -> None:
        super().__init__(local_hostname=ehlo_name or own_name())
        self._unread = bytearray()
        self._name = ""

    def connect_within(self, seconds: float, host: str, port: int) -> None:
        """Open the socket. `seconds` is also the limit for everything that follows, until `begin` is called."""
        self._name, self.sock = host, open_socket(host, port, steady_seconds() + seconds)

    def begin(self, seconds: float) -> None:
        """Start a new deadline of some seconds for what follows."""
        if self.sock is not None:
            self.sock.begin(seconds)

    def secure(self) -> None:
        """Start TLS, and require that the server proves its name."""
        assert self.sock is not None
        self.sock = secured(self.sock, self._name)
        # What the server said before TLS no longer counts (RFC 3207, section 4.2).
        self.helo_resp = self.ehlo_resp = None
        self.esmtp_features, self.does_esmtp = {}, False

    def log_in(self, user: str, password: str) -> None:
        """Log in once, by the first method that both sides support. Raises SMTPAuthenticationError if rejected."""
        if not self.has_extn("auth"):
            raise smtplib.SMTPNotSupportedError("no AUTH")
        offered = self.esmtp_features["auth"].upper().split()
        kinds = [kind for kind in KINDS_OF_LOG_IN if kind in offered]
        self.user, self.password = user, password
        for kind in kinds:
            answer_challenge = getattr(self, f"auth_{kind.lower().replace('-', '_')}")
            try:
                code, words = self.auth(kind, answer_challenge)
            except smtplib.SMTPAuthenticationError as error:
                code, said = error.smtp_code, error.smtp_error
                words = said.encode() if isinstance(said, str) else said
            if code // 100 == 2:  # noqa: PLR2004 - positive
                return
            if code not in KIND_NOT_TAKEN or kind == kinds[-1]:
                raise smtplib.SMTPAuthenticationError(code, words)
        raise smtplib.SMTPException("no supported login method")

    def has_unread(self) -> bool:
        """Return whether the server sent unexpected data or closed the connection."""
        if self._unread or self.sock is None:
            return True
        connected = self.sock.connected
        if not isinstance(connected, ssl.SSLSocket):
            return self.sock.is_stale()
        if not connected.pending() and not self.sock.is_stale():
            return False
        # It may only be a TLS session ticket.
        connected.settimeout(0)
        try:
            self._unread += connected.recv(LONGEST_LINE)
        except (ssl.SSLWantReadError, BlockingIOError):
            return False
        except OSError:
            return True
        return True

    def send(self, s: str | bytes) -> None:  # type: ignore[override]  # of a socket's many types, these
        """Send a command, unless there is unread data."""
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("not connected")
        if self.has_unread():
            raise UnaskedError("unexpected data from the server")
        self.sock.sendall(s.encode("utf-8") if isinstance(s, str) else s)

    def getreply(self) -> tuple[int, bytes]:
        """Return the next complete reply: its code, and its lines without codes."""
        lines, codes = [], set()
        for _ in range(MAX_LINES):
            found = REPLY_LINE.match(self._line())
            if found is None:
                raise UnreadableError("an unreadable reply")
            codes.add(int(found[1]))
            lines.append(found[3] or b"")
            if found[2] != b"-":
                break
        else:
            raise UnreadableError("the reply is too long")
        if len(codes) > 1:
            raise UnreadableError("a reply with several codes")
        return codes.pop(), b"\n".join(lines)

    def close(self) -> None:
        """Close the socket and discard unread data."""
        super().close()
        self._unread.clear()

    def _line(self) -> bytes:
        while b"\n" not in self._unread:
            if len(self._unread) > LONGEST_LINE:
                raise UnreadableError("the line is too long")
            if self.sock is None:
                raise smtplib.SMTPServerDisconnected("not connected")
            piece = bytearray(LONGEST_LINE)
            count = self.sock.recv_into(piece)
            if not count:
                raise ConnectionResetError("closed by the server")
            self._unread += piece[:count]
        end = self._unread.index(b"\n") + 1
        line = bytes(self._unread[:end])
        del self._unread[:end]
        return line


@lru_cache(maxsize=1)
def own_name() -> str:
    """Return the name of this machine for EHLO; looked up once, because DNS may be slow."""
    return smtplib.SMTP().local_hostname
