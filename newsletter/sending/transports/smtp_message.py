"""One message for the SMTP server, and what came of it."""

from dataclasses import dataclass

from newsletter.sending.outcomes import Accepted, NotSent, Rejected, Unknown
from newsletter.sending.transports.smtp_replies import Reply, Stage

NO_REPLY = Reply()


@dataclass(frozen=True, slots=True)
class HandOverResult:
    """The result for one message: the outcome, and the server's reply, if any, with its stage."""

    answer: Accepted | NotSent | Rejected | Unknown
    stage: Stage | None = None
    reply: Reply = NO_REPLY


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One message as bytes, with the addresses for the server. Its lines end with CRLF."""

    sender: str
    address: str
    message: bytes
    message_id: str = ""

    @property
    def is_international(self) -> bool:
        """Whether the server must support SMTPUTF8 (RFC 6531)."""
        return not (self.sender + self.address).isascii()
