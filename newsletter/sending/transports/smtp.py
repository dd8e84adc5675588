"""Any SMTP server (RFC 5321): one message a recipient, an answer for each, connections kept from batch to batch.

A message is unclear only from the moment at which its text begins to leave until the server's reply to the final
dot; a server that has not seen that dot has not taken the message (RFC 5321, section 4.1.1.4).
"""

import smtplib
import ssl
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from newsletter.environment import Environment
from newsletter.errors import Invalid
from newsletter.sending.answers import Accepted, Answer, Evidence, NotSent, Outcome, Refused, Unknown
from newsletter.sending.lease import Lease
from newsletter.sending.message import (
    answer_for_unbuilt,
    as_bytes,
    build_message,
    message_id_of,
    on_the_wire,
)
from newsletter.sending.transports.smtp_failures import Failure, failure_of
from newsletter.sending.transports.timed_socket import TimedSocket
from newsletter.sending.transports.transport import LEASE_OVER, Envelope, Post, Trace

# Servers cut connections that carry too many messages; a new one now and then is cheap.
MESSAGES_A_CONNECTION = 100
WAIT_AS_GREYLISTS_ASK = 300.0
GOODBYE_SECONDS = 5.0
TRY_SECONDS = 15.0

# Of MAIL and RCPT, by RFC 5321, section 4.3.2.
TAKEN = (250, 251)


class Smtp:
    """The transport `smtp`. Each thread keeps a connection of its own."""

    name = "smtp"
    # A crash leaves at most one batch in doubt, and no evidence settles it but a person's word.
    batch_size = 20

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._threads = threading.local()
        self._lines: list[Line] = []

    @property
    def patience(self) -> timedelta:
        """The longest time for one message, and a minute for a slow machine."""
        return timedelta(seconds=self._environment.smtp_seconds + 60)

    def fitting(self, post: Post) -> int:
        """All of them: each is a message of its own."""
        return len(post.envelopes)

    def deliver(self, post: Post) -> Iterator[Outcome]:
        """Send each recipient's message, and say at once what came back for it."""
        line = self._line()
        for envelope in post.envelopes:
            yield Outcome([envelope.recipient], post.hindrance(envelope) or self._send(line, post, envelope))

    def remembers(self, traces: Sequence[Trace], *, issue: Trace | None, at_most: int) -> Sequence[str]:  # noqa: ARG002
        """Nobody: an SMTP server cannot be asked."""
        return ()

    def evidence(self, trace: Trace, recipients: Sequence[int]) -> Iterator[Evidence]:  # noqa: ARG002
        """None: SMTP cannot be asked afterwards."""
        return iter(())

    def close(self) -> None:
        """Say goodbye on every thread's connection; to be called when no thread sends any more."""
        while self._lines:
            self._lines.pop().hang_up()

    def _line(self) -> "Line":
        if not hasattr(self._threads, "line"):
            self._threads.line = Line(self._environment)
            self._lines.append(self._threads.line)
        line: Line = self._threads.line
        return line

    def _send(self, line: "Line", post: Post, envelope: Envelope) -> Answer:
        sender = post.letter.sender_address
        try:
            message_id = message_id_of(post.trace.mailing, envelope.recipient, sender)
            message = build_message(post.letter, envelope, message_id=message_id, date=post.trace.posted_at)
            data, addresses = as_bytes(message), (on_the_wire(sender), on_the_wire(envelope.address))
        except Invalid as error:
            return answer_for_unbuilt(post.letter, envelope, error)
        return line.send(addresses, data, message_id, post.lease)


class Line:
    """One connection to the server, opened when it is needed and opened again when it broke."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._server: smtplib.SMTP | None = None
        self._timed: TimedSocket | None = None
        self._carried = 0

    def try_out(self) -> Failure | None:
        """Connect, log in and hang up; why that did not work, or nothing when it did."""
        seconds = min(self._environment.smtp_seconds, TRY_SECONDS)
        try:
            self._open(seconds)
        except (OSError, smtplib.SMTPException) as error:
            return failure_of(error, self._environment, seconds=seconds)
        finally:
            self.hang_up()
        return None

    def send(self, addresses: tuple[str, str], message: bytes, message_id: str, lease: Lease) -> Answer:
        """Hand one message over, from the first address to the second, while the lease stands; what the server said."""
        try:
            server = self._open()
        except (OSError, smtplib.SMTPException) as error:
            self.hang_up()
            failure = failure_of(error, self._environment, seconds=self._environment.smtp_seconds)
            return NotSent(
                f"The SMTP server {failure.what}. {failure.mend}",
                pause=isinstance(error, smtplib.SMTPAuthenticationError),
            )
        if not lease.stands:
            return LEASE_OVER
        if self._timed is not None:
            self._timed.begin(min(self._environment.smtp_seconds, lease.left))
        self._carried += 1
        answer = self._hand_over(server, *addresses, message)
        return replace(answer, message_id=message_id) if isinstance(answer, Accepted) else answer

    def hang_up(self) -> None:
        """Close the connection, politely if nothing went wrong on it."""
        server, self._server = self._server, None
        timed, self._timed = self._timed, None
        if server is None:
            return
        if timed is not None and timed.failed:
            server.close()
            return
        if timed is not None:
            timed.begin(GOODBYE_SECONDS)
        try:
            server.quit()
        except (OSError, smtplib.SMTPException):
            server.close()

    def _hand_over(self, server: smtplib.SMTP, sender: str, address: str, message: bytes) -> Answer:
        international = not address.rpartition("@")[0].isascii()
        if international and not server.has_extn("smtputf8"):
            return Refused(
                "The SMTP server takes no addresses with signs outside ASCII (no SMTPUTF8).", personal=True
            )
        try:
            refusal = self._announce(server, sender, address, ["SMTPUTF8"] if international else [])
        except (OSError, smtplib.SMTPException) as error:
            self.hang_up()
            return NotSent(f"The SMTP server broke off before the message ({type(error).__name__}).")
        if refusal is not None:
            return refusal
        try:
            code, _words = server.data(message)
        except smtplib.SMTPDataError as error:
            return self._refused_or_later(error.smtp_code)
        except (OSError, smtplib.SMTPException) as error:
            self.hang_up()
            return Unknown(f"The SMTP server's reply to the message was lost ({type(error).__name__}).")
        return Accepted() if code == 250 else self._refused_or_later(code)  # noqa: PLR2004 - OK

    def _announce(
        self, server: smtplib.SMTP, sender: str, address: str, options: Sequence[str]
    ) -> Answer | None:
        """Sender and recipient; None when the server takes both."""
        code, _words = server.mail(sender, options)
        is_sender = code not in TAKEN
        if not is_sender:
            code, _words = server.rcpt(address)
        if code in TAKEN:
            return None
        self._reset(server)
        return self._refused_or_later(code, personal=not is_sender)

    def _reset(self, server: smtplib.SMTP) -> None:
        try:
            server.rset()
        except (OSError, smtplib.SMTPException):
            self.hang_up()

    @staticmethod
    def _refused_or_later(code: int, *, personal: bool = False) -> Answer:
        if code >= 500:  # noqa: PLR2004 - permanent, by RFC 5321, section 4.2.1
            return Refused(f"The SMTP server refuses this recipient or message ({code}).", personal)
        return NotSent(
            f"The SMTP server asks to come back later ({code}).",
            retry_after=WAIT_AS_GREYLISTS_ASK,
            everybody=False,
        )

    def _open(self, seconds: float | None = None) -> smtplib.SMTP:
        seconds = seconds or self._environment.smtp_seconds
        if self._server is not None and (self._carried >= MESSAGES_A_CONNECTION or not self._still_there()):
            self.hang_up()
        if self._server is None:
            self._server = self._connect(seconds)
            self._timed = TimedSocket(self._server.sock)  # type: ignore[arg-type]  # it is connected
            # From here on smtplib reads and writes by the deadline; it uses no more of a socket than this.
            self._server.sock, self._server.file = self._timed, None  # type: ignore[assignment]
            self._carried = 0
        if self._timed is not None:
            self._timed.begin(seconds)
        return self._server

    def _still_there(self) -> bool:
        return self._timed is not None and not self._timed.is_stale()

    def _connect(self, seconds: float) -> smtplib.SMTP:
        settings = self._environment
        host, port = settings.smtp_host, settings.smtp_port
        if settings.smtp_security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, port, timeout=seconds, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(host, port, timeout=seconds)
        try:
            server.ehlo()
            if settings.smtp_security == "starttls":
                server.starttls(context=ssl.create_default_context())
                server.ehlo()
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        except (OSError, smtplib.SMTPException):
            server.close()
            raise
        return server
