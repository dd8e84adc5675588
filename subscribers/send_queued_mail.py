"""Sends the next of the software's own emails that wait in a queue (leased_queue.py), and ends or puts off its row.

A row is claimed before its email is sent, and ended once the server has accepted the email. If a process dies in
between, the email is sent once more after the lease, with the same Message-ID, so that a mailbox can recognise it. See
send_system_mail.py.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from django.db.models import QuerySet
from django.utils import timezone

from subscribers import app_settings
from subscribers.leased_queue import LeasedQueue
from subscribers.mail_message import SystemMail
from subscribers.send_system_mail import (
    FIRST_WAIT,
    MAX_ATTEMPTS,
    MailDeferred,
    MailGivenUp,
    MailSent,
    send,
    wait_after,
)

log = logging.getLogger(__name__)
Mail = TypeVar("Mail", bound=Any)


def send_next(
    queue: LeasedQueue,
    mails: QuerySet[Mail],
    send_claimed: Callable[[Mail], None],
    *,
    now: datetime | None = None,
) -> bool:
    """Claim the next of these emails that is due, and send it. Return whether there was one."""
    mail = queue.due(mails, _longest_waits(), now=now).first()
    if mail is None:
        return False
    if claim_mail(queue, mail):
        send_claimed(mail)
    return True


def claim_mail(queue: LeasedQueue, mail: Any) -> bool:
    """Claim an email for as long as one attempt to send it may take. Return whether it was still free."""
    return queue.claim(mail, _lease())


def send_claimed(
    queue: LeasedQueue,
    mail: Mail,
    compose: Callable[[Mail], SystemMail],
    *,
    end: Callable[[QuerySet[Mail], bool], Any],
) -> None:
    """Send a claimed email, and end its row or put it off, with all others if the server takes no email at all.

    `end` gets the row while it is still claimed, and whether the email was sent; else it was given up.
    """
    match send(mail, partial(compose, mail)):
        case MailSent():
            end(queue.held(mail), True)
        case MailDeferred(reason, everybody) if mail.attempts < MAX_ATTEMPTS:
            log.warning("We could not send “%s”. %s We will try again.", mail, reason)
            queue.put_off(mail, timezone.now() + wait_after(mail.attempts))
            if everybody:
                # The others would fail in the same way, and a server that refuses a log-in locks out clients that
                # try it often.
                queue.put_off_others(type(mail).objects.all(), timezone.now() + FIRST_WAIT)
        case MailDeferred(reason) | MailGivenUp(reason):
            attempts = min(mail.attempts, MAX_ATTEMPTS)
            log.error(
                "We could not send “%s” in %s attempts, so we stopped trying. %s", mail, attempts, reason
            )
            end(queue.held(mail), False)


def _lease() -> timedelta:
    return timedelta(seconds=app_settings.mail_seconds())


def _longest_waits() -> list[timedelta]:
    lease = _lease()
    return [FIRST_WAIT, *(max(lease, wait_after(each)) for each in range(1, MAX_ATTEMPTS + 2))]
