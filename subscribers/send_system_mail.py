"""Send one of the software's own emails for a row that asks for it, and report the outcome.

An email whose outcome was lost may have arrived. It is repeated once, with the same Message-ID, and never again.
An email that was certainly not accepted for the time being is tried for four days (RFC 5321, section 4.5.4.1).
"""

import smtplib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from django.db.models import F, QuerySet

from subscribers.backoff import squares
from subscribers.errors import Invalid
from subscribers.leases import Leases
from subscribers.mail_message import SystemMail

MAX_UNANSWERED = 2
# Together with the waits between them, slightly over four days.
MAX_ATTEMPTS = 23
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=6)
BACKOFF = squares(FIRST_WAIT, LONGEST_WAIT)
LEASES = Leases("due_at")
PERHAPS_ARRIVED = "The server never told us whether it accepted the email, so the email may have arrived."


class MailNotSentError(smtplib.SMTPException):
    """Certainly not sent, but perhaps later. `everybody` means that all emails would fail for the same reason."""

    def __init__(self, reason: str, *, everybody: bool) -> None:
        super().__init__(reason)
        self.everybody = everybody


class MailRefusedError(smtplib.SMTPException):
    """Certainly not sent, and it never will be, because of the recipient's address."""


class MailUnansweredError(smtplib.SMTPException):
    """The whole email may have been sent, but its response is unclear."""


@dataclass(frozen=True, slots=True)
class MailSent:
    """The server accepted the email."""


@dataclass(frozen=True, slots=True)
class MailDeferred:
    """The email is to be tried again. `everybody` means that all emails would fail. `reason` does not contain an
    address.
    """

    reason: str
    everybody: bool = False


@dataclass(frozen=True, slots=True)
class MailGivenUp:
    """The email is not tried again. `reason` is a sentence without an address."""

    reason: str


class Row(Protocol):
    """A claimed row that asks for an email: its number, how often it was claimed, and how often the response was
    lost.
    """

    pk: Any
    attempts: int
    unanswered: int


def wait_after(attempts: int) -> timedelta:
    """Return how long an email waits after this number of failed attempts."""
    return BACKOFF.wait(attempts)


def send(row: Row, compose: Callable[[], SystemMail]) -> MailSent | MailDeferred | MailGivenUp:
    """Send the email of a row that this process has claimed. Any other error in building or sending it is raised.

    Django's own backends do not tell when the email is transmitted, so with them a lost response cannot be told
    from other errors.
    """
    if row.unanswered >= MAX_UNANSWERED:
        return MailGivenUp(PERHAPS_ARRIVED)
    if row.attempts > MAX_ATTEMPTS:
        return MailGivenUp("Every attempt to send the email failed.")
    leaving = _Leaving(row)
    try:
        mail = compose()
        mail.begin = leaving.begin
        mail.send()
    except MailUnansweredError as error:
        if row.unanswered + 1 >= MAX_UNANSWERED:
            return MailGivenUp(f"{PERHAPS_ARRIVED} {error}")
        return MailDeferred(str(error))
    except (OSError, smtplib.SMTPException, Invalid) as error:
        leaving.take_back()
        return _not_sent(error)
    return MailSent()


@dataclass
class _Leaving:
    """Count in the row that the email is about to be sent, so that a process that dies leaves a record."""

    row: Row
    has_begun: bool = field(default=False, init=False)

    def begin(self) -> bool:
        """Record this right before the email's first byte. Return whether this process may still send it."""
        self.has_begun = bool(
            self._ours().filter(unanswered=self.row.unanswered).update(unanswered=F("unanswered") + 1)
        )
        return self.has_begun

    def take_back(self) -> None:
        """Record that the email was certainly not sent."""
        if self.has_begun:
            self._ours().update(unanswered=self.row.unanswered)

    def _ours(self) -> QuerySet[Any]:
        return LEASES.held(self.row)


def _not_sent(error: Exception) -> MailDeferred | MailGivenUp:
    match error:
        case Invalid() | MailRefusedError():
            # Both are sentences without an address.
            return MailGivenUp(str(error))
        case MailNotSentError():
            return MailDeferred(str(error), everybody=error.everybody)
        case smtplib.SMTPRecipientsRefused():
            codes = [code for code, _words in error.recipients.values()]
            if all(code >= 500 for code in codes):  # noqa: PLR2004 - refused for good
                return MailGivenUp(f"The server rejected the recipient ({', '.join(map(str, codes))}).")
            return MailDeferred(type(error).__name__)
        case _:
            # Messages of other libraries may contain an address.
            return MailDeferred(type(error).__name__, everybody=True)
