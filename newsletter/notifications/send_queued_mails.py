"""Sends the emails to people at the desk, which wait in a queue (leased_queue.py), and records what became of each.

An email is claimed before it is sent, and settled once the server has accepted it. If a process dies in between, the
email is sent once more after the lease, with the same Message-ID, so that a mailbox can recognise it. See
send_system_mail.py.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from newsletter.accounts.account_mails import AccountMail
from newsletter.issues.models import Publication
from newsletter.notifications.from_address import sender_of
from newsletter.notifications.leased_queue import claim, due, put_off, put_off_others, settle
from newsletter.notifications.models import NotificationMail, State
from newsletter.rendering.system_mail_look import look_of_publication
from subscribers.encode_headers import domain_in_ascii
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
from subscribers.system_mail_parts import HTML, SUBJECT, TEXT, render_parts

log = logging.getLogger(__name__)
# The desk's own.
LANGUAGE = "en-GB"
Mail = TypeVar("Mail", NotificationMail, AccountMail)


def send_next(rows: QuerySet[Mail], send_claimed: Callable[[Mail], None]) -> bool:
    """Claim the next of these emails that is due, and send it. Return whether there was one."""
    lease = _lease()
    mail = due(rows, _longest_waits(lease)).first()
    if mail is None:
        return False
    if claim(mail, lease):
        send_claimed(mail)
    return True


def _lease() -> timedelta:
    return timedelta(seconds=settings.SUBSCRIBERS_MAIL_SECONDS)


def _longest_waits(lease: timedelta) -> list[timedelta]:
    return [FIRST_WAIT, *(max(lease, wait_after(each)) for each in range(1, MAX_ATTEMPTS + 2))]


def send_claimed(
    mail: Mail, compose: Callable[[Mail], SystemMail], *, others: QuerySet[Mail], **when_settled: Any
) -> None:
    """Send a claimed email, and settle it or put it off; with it `others`, if the server takes no email at all.

    `when_settled` are fields to set once the email was sent, or given up.
    """
    match send(mail, partial(compose, mail)):
        case MailSent():
            settle(mail, State.DONE, **when_settled)
        case MailDeferred(reason, everybody) if mail.attempts < MAX_ATTEMPTS:
            log.warning("We could not send “%s”. %s We will try again.", mail, reason)
            put_off(mail, timezone.now() + wait_after(mail.attempts))
            if everybody:
                put_off_others(others, timezone.now() + FIRST_WAIT)
        case MailDeferred(reason) | MailGivenUp(reason):
            log.error(
                "We could not send “%s” in %s attempts, so we stopped trying. %s",
                mail,
                min(mail.attempts, MAX_ATTEMPTS),
                reason,
            )
            settle(mail, State.GIVEN_UP, **when_settled)


def desk_mail(
    address: str,
    *,
    template: str,
    context: Mapping[str, Any],
    publication: Publication | None,
    number: str,
    made_at: datetime,
) -> SystemMail:
    """Return an email with the look of a publication, from the first publication's sender if none is given.

    `number` is the beginning of its Message-ID, such as `notice.12`.
    """
    look = look_of_publication(publication)
    # The layout of all system emails needs a list.
    name, publisher = (publication.name, publication.organisation) if publication else ("Newsletter", "")
    shown = {**context, "list": {"name": name, "publisher": publisher}}
    parts = render_parts(template, LANGUAGE, look, shown)
    sender = sender_of(publication or Publication.objects.order_by("pk").first())
    host = domain_in_ascii(sender[1].rpartition("@")[2])
    return SystemMail(
        subject=parts[SUBJECT],
        text=parts[TEXT],
        html=parts[HTML],
        sender=sender,
        language=LANGUAGE,
        reply_to=look.reply_to,
        recipient=address,
        headers={
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "Message-ID": f"<{number}.{made_at:%Y%m%d%H%M%S%f}@{host}>",
        },
    )
