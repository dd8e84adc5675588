"""Sends one mail of the software's own that a row asks for, and says what came of it.

A mail of which the answer was lost may have arrived. It is repeated once, with the same Message-ID, and never again;
what was surely not taken for the time being is tried for four days (RFC 5321, section 4.5.4.1).
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
# Together with the waits between them, somewhat over four days.
MAX_ATTEMPTS = 23
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=6)
BACKOFF = squares(FIRST_WAIT, LONGEST_WAIT)
LEASES = Leases("due_at")
PERHAPS_ARRIVED = "Its answer was lost as often as it may be; it may have arrived"


class MailNotSentError(smtplib.SMTPException):
    """Surely not sent, and perhaps later. `everybody`: what hinders it hinders all mails."""

    def __init__(self, reason: str, *, everybody: bool) -> None:
        super().__init__(reason)
        self.everybody = everybody


class MailRefusedError(smtplib.SMTPException):
    """Surely not sent, and never will be: it is about the recipient's address."""


class MailUnansweredError(smtplib.SMTPException):
    """The whole mail may have left, and there is no clear answer."""


@dataclass(frozen=True, slots=True)
class MailSent:
    """The server took it."""


@dataclass(frozen=True, slots=True)
class MailDeferred:
    """It is to be tried again. `everybody`: what hinders it hinders all mails. `reason` holds no address."""

    reason: str
    everybody: bool = False


@dataclass(frozen=True, slots=True)
class MailGivenUp:
    """It is not to be tried again; `reason` is a sentence without an address."""

    reason: str


class Row(Protocol):
    """A claimed row that asks for a mail: its number, how often it was claimed, and how often the answer was lost."""

    pk: Any
    attempts: int
    unanswered: int


def wait_after(attempts: int) -> timedelta:
    """How long a mail waits after so many attempts that did not succeed."""
    return BACKOFF.wait(attempts)


def send(row: Row, compose: Callable[[], SystemMail]) -> MailSent | MailDeferred | MailGivenUp:
    """Send the mail of a row that this process has claimed. Any other error of building or sending it is raised.

    Django's own backends do not say when the mail leaves, so with them a lost answer cannot be told from other errors.
    """
    if row.unanswered >= MAX_UNANSWERED:
        return MailGivenUp(f"{PERHAPS_ARRIVED}.")
    if row.attempts > MAX_ATTEMPTS:
        return MailGivenUp("Every attempt broke off.")
    leaving = _Leaving(row)
    try:
        mail = compose()
        mail.begin = leaving.begin
        mail.send()
    except MailUnansweredError as error:
        if row.unanswered + 1 >= MAX_UNANSWERED:
            return MailGivenUp(f"{PERHAPS_ARRIVED}. {error}")
        return MailDeferred(str(error))
    except (OSError, smtplib.SMTPException, Invalid) as error:
        leaving.take_back()
        return _not_sent(error)
    return MailSent()


@dataclass
class _Leaving:
    """Counts in the row that the mail begins to leave, so that a process that dies leaves that behind."""

    row: Row
    has_begun: bool = field(default=False, init=False)

    def begin(self) -> bool:
        """Write it down, right before the mail's first byte; whether this process may still send it."""
        self.has_begun = bool(
            self._ours().filter(unanswered=self.row.unanswered).update(unanswered=F("unanswered") + 1)
        )
        return self.has_begun

    def take_back(self) -> None:
        """It has surely not left."""
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
                return MailGivenUp(f"The server refuses the recipient ({', '.join(map(str, codes))}).")
            return MailDeferred(type(error).__name__)
        case _:
            # What other libraries say may hold an address.
            return MailDeferred(type(error).__name__, everybody=True)
