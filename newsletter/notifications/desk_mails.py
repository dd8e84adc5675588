"""Sends emails to people at the desk from their queue (notification_queue.py), and composes them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import QuerySet
from django.utils import timezone

from newsletter.accounts.account_mails import AccountMail
from newsletter.issues.models import Publication
from newsletter.notifications.from_address import sender_of
from newsletter.notifications.models import NotificationMail, State
from newsletter.notifications.notification_queue import QUEUE
from newsletter.rendering.system_mail_look import look_of_publication
from subscribers import send_queued_mail
from subscribers.encode_headers import domain_in_ascii
from subscribers.mail_message import SystemMail
from subscribers.system_mail_parts import HTML, SUBJECT, TEXT, render_parts

# The desk's own.
LANGUAGE = "en-GB"
Mail = TypeVar("Mail", NotificationMail, AccountMail)


def send_next(mails: QuerySet[Mail], send_claimed: Callable[[Mail], None]) -> bool:
    """Claim the next of these emails that is due, and send it. Return whether there was one."""
    return send_queued_mail.send_next(QUEUE, mails, send_claimed)


def send_claimed(mail: Mail, compose: Callable[[Mail], SystemMail], **when_settled: Any) -> None:
    """Send a claimed email, and settle it or put it off.

    `when_settled` are fields to set once the email was sent, or given up.
    """

    def end(claimed: QuerySet[Mail], is_sent: bool) -> None:  # noqa: FBT001 - as send_queued_mail calls it
        state = State.DONE if is_sent else State.GIVEN_UP
        claimed.update(state=state, done_at=timezone.now(), **when_settled)

    send_queued_mail.send_claimed(QUEUE, mail, compose, end=end)


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
