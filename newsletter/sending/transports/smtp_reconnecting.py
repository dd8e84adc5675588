"""One connection to the SMTP server, opened when needed and again after it broke, for one message after another.

A message is only in doubt from the moment the dot that ends it may have been sent until the server's reply to it. A
server that has not seen that dot has not accepted the message (RFC 5321, section 4.1.1.4).
"""

from collections.abc import Callable, Sequence
from contextlib import suppress

from newsletter.environment import Environment
from newsletter.sending.outcomes import NotSent, Rejected
from newsletter.sending.posting_lease import Lease
from newsletter.sending.transport import LEASE_OVER
from newsletter.sending.transports.explain_smtp_failure import (
    Failure,
    HandshakeError,
    failure_of,
    needs_a_person,
)
from newsletter.sending.transports.smtp_connection import SmtpConnection
from newsletter.sending.transports.smtp_handshake import BROKEN, shake_hands
from newsletter.sending.transports.smtp_message import HandOverResult, OutgoingMessage
from newsletter.sending.transports.smtp_outcomes import outcome_of
from newsletter.sending.transports.smtp_replies import Reply, Result, Stage, meaning
from subscribers.whole_numbers import whole_number

GOODBYE_SECONDS = 5.0
TRY_SECONDS = 15.0
# RFC 6531, section 3.5: the reply of a server that does not accept such a sender.
NO_SMTPUTF8 = Reply(553, "5.6.7 senders with non-ASCII characters are not accepted (no SMTPUTF8)")


def nothing_to_do() -> None:
    """The default of `meanwhile`: do nothing."""


class ReconnectingSmtp:
    """One connection to the server. `carried` counts its messages."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._connection: SmtpConnection | None = None
        self.carried = 0
        # After how many messages the server ended the connection that was open before this one.
        self.ended_after = 0

    @property
    def is_open(self) -> bool:
        """Whether there is a connection."""
        return self._connection is not None

    def try_out(self, senders: Sequence[str] = ()) -> Failure | dict[str, Reply]:
        """Connect, log in, name each sender (MAIL, then RSET) and hang up, without sending a message.

        Returns why the connection failed, or the server's reply to each sender. Senders are addresses as SMTP accepts
        them. If the connection breaks, senders that were not named yet are left out.
        """
        seconds, replies = min(self._environment.smtp_timeout_seconds, TRY_SECONDS), {}
        try:
            self._open(seconds)
            for sender in senders:
                replies[sender] = self._try_sender(sender, seconds)
                if not self.is_open:
                    break
        except HandshakeError as error:
            return failure_of(error.cause, self._environment, seconds=seconds)
        finally:
            self.hang_up()
        return replies

    def hand_over(
        self,
        parcel: OutgoingMessage,
        lease: Lease,
        *,
        begin: Callable[[], bool],
        meanwhile: Callable[[], None] = nothing_to_do,
    ) -> HandOverResult:
        """Send one message while the lease is valid. `begin` is called before its first byte, and may forbid it.

        `meanwhile` is called while the server reads the whole message. It must neither raise an error nor take long.
        """
        mail = self._sender_named(parcel, lease)
        if isinstance(mail, HandOverResult):
            return mail
        self.carried += 1
        if meaning(Stage.MAIL, mail).result is not Result.TAKEN:
            return self._ended(Stage.MAIL, mail)
        reply = self._ask(f"RCPT TO:<{parcel.address}>")
        if meaning(Stage.RCPT, reply).result is not Result.TAKEN:
            return self._ended(Stage.RCPT, reply)
        if not (lease.stands and begin()):
            self._reset()
            return HandOverResult(LEASE_OVER)
        return self._hand_over_text(parcel.message, meanwhile)

    def hang_up(self) -> None:
        """Close the connection, politely if nothing went wrong on it."""
        connection, self._connection = self._connection, None
        self.carried = 0
        if connection is None:
            return
        timed = connection.sock
        if timed is not None and not timed.failed and not connection.has_unread():
            connection.begin(GOODBYE_SECONDS)
            with suppress(*BROKEN):
                connection.quit()
        connection.close()

    def _sender_named(self, parcel: OutgoingMessage, lease: Lease) -> Reply | HandOverResult:
        """Return the reply to MAIL, or why we could not send MAIL."""
        was_open = self.is_open
        if refused := self._opened(lease) or self._unfit(parcel):
            return refused
        reply = self._mail(parcel, lease)
        if reply is not None and was_open and meaning(Stage.MAIL, reply).result is Result.LATER:
            # The server may have reached a limit of this connection: try once more on a new one.
            self.ended_after = self.carried if reply.code else 0
            self.hang_up()
            if refused := self._opened(lease) or self._unfit(parcel):
                return refused
            reply = self._mail(parcel, lease)
        return reply or HandOverResult(LEASE_OVER)

    def _hand_over_text(self, message: bytes, meanwhile: Callable[[], None]) -> HandOverResult:
        reply = self._ask("DATA")
        if meaning(Stage.DATA, reply).result is not Result.TAKEN:
            return self._ended(Stage.DATA, reply)
        connection = self._connection
        assert connection is not None
        try:
            connection.send(message)
        except BROKEN as error:
            return self._ended(Stage.TEXT, _broken(error))
        if connection.has_unread():
            # The server replied before the message ended, so we could not distinguish a reply to the dot from this one.
            return self._ended(Stage.TEXT, self._reply())
        connection.begin(self._environment.smtp_reply_timeout_seconds)
        try:
            connection.send(b".\r\n")
        except BROKEN as error:
            return self._ended(Stage.DOT, _broken(error))
        meanwhile()
        return self._ended(Stage.DOT, self._reply())

    def _ended(self, stage: Stage, reply: Reply) -> HandOverResult:
        """After a message, leave the connection ready for the next one, or hang up."""
        means = meaning(stage, reply)
        if means.hang_up:
            self._hang_up_at_once()
        elif stage is not Stage.DOT:
            self._reset()
        return HandOverResult(outcome_of(stage, reply), stage, reply)

    def _mail(self, parcel: OutgoingMessage, lease: Lease) -> Reply | None:
        """Return the reply to MAIL; None if the lease is over."""
        connection = self._connection
        assert connection is not None
        left = lease.left
        if left <= 0:
            return None
        connection.begin(min(self._environment.smtp_timeout_seconds, left))
        options = ""
        if connection.has_extn("size"):
            options += f" SIZE={len(parcel.message)}"
        if parcel.is_international:
            options += " BODY=8BITMIME SMTPUTF8" if connection.has_extn("8bitmime") else " SMTPUTF8"
        return self._ask(f"MAIL FROM:<{parcel.sender}>{options}")

    def _try_sender(self, sender: str, seconds: float) -> Reply:
        connection = self._connection
        assert connection is not None
        connection.begin(seconds)
        if not sender.isascii() and not connection.has_extn("smtputf8"):
            return NO_SMTPUTF8
        reply = self._ask(f"MAIL FROM:<{sender}>{'' if sender.isascii() else ' SMTPUTF8'}")
        if meaning(Stage.MAIL, reply).hang_up:
            self._hang_up_at_once()
        else:
            self._reset()
        return reply

    def _unfit(self, parcel: OutgoingMessage) -> HandOverResult | None:
        """Return why the server cannot accept this message, according to its own capabilities."""
        connection = self._connection
        assert connection is not None
        if parcel.is_international and not connection.has_extn("smtputf8"):
            if not parcel.sender.isascii():
                sentence = "The SMTP server does not accept senders with non-ASCII characters (no SMTPUTF8)."
                return HandOverResult(
                    NotSent(f"{sentence} Give the publication a different sender address.", pause=True)
                )
            sentence = "The SMTP server does not accept addresses with non-ASCII characters (no SMTPUTF8)."
            return HandOverResult(Rejected(sentence, personal=True))
        most = whole_number(connection.esmtp_features.get("size", "").strip())
        if most and most < len(parcel.message):
            sentence = (
                f"The message is {len(parcel.message):,} bytes long. The SMTP server accepts at most "
                f"{most:,} bytes."
            )
            return HandOverResult(
                NotSent(f"{sentence} Make the issue smaller, then resume the mailing.", pause=True)
            )
        return None

    def _ask(self, command: str) -> Reply:
        connection = self._connection
        assert connection is not None
        try:
            connection.send(f"{command}\r\n")
        except BROKEN as error:
            return _broken(error)
        return self._reply()

    def _reply(self) -> Reply:
        assert self._connection is not None
        try:
            code, words = self._connection.getreply()
        except BROKEN as error:
            return _broken(error)
        return Reply(code, words.decode("utf-8", "replace"))

    def _reset(self) -> None:
        """End the transaction, or the next message would get “503 nested MAIL”."""
        if self._ask("RSET").code // 100 != 2:  # noqa: PLR2004 - positive
            self._hang_up_at_once()

    def _hang_up_at_once(self) -> None:
        if self._connection is not None and self._connection.sock is not None:
            self._connection.sock.fail()
        self.hang_up()

    def _opened(self, lease: Lease) -> HandOverResult | None:
        """Open the connection if necessary; return why if that fails."""
        if self._connection is not None and self._connection.has_unread():
            self.hang_up()
        if self._connection is not None:
            return None
        seconds = min(self._environment.smtp_timeout_seconds, lease.left)
        if seconds <= 0:
            return HandOverResult(LEASE_OVER)
        try:
            self._open(seconds)
        except HandshakeError as error:
            failure = failure_of(error.cause, self._environment, seconds=seconds)
            said = f" The server said: {error.reply}." if error.reply.code else ""
            answer = NotSent(
                f"{failure.what}{said} {failure.fix}",
                pause=needs_a_person(error),
                patient=error.reply.code // 100 == 4,  # noqa: PLR2004 - it asks to come back later
            )
            return HandOverResult(answer, error.stage, error.reply)
        return None

    def _open(self, seconds: float) -> None:
        """Connect and log in within some seconds in all. Raises HandshakeError."""
        self._connection, self.carried = SmtpConnection(self._environment.smtp_ehlo_name), 0
        try:
            shake_hands(self._connection, self._environment, seconds)
        except HandshakeError:
            self._hang_up_at_once()
            raise


def _broken(error: Exception) -> Reply:
    return Reply(0, type(error).__name__)
