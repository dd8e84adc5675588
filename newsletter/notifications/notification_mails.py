"""Emails notifications, to each person separately.

An email is claimed before it is sent, and settled once the server has accepted it. If a process dies in between, the
email is sent once more after the lease, with the same Message-ID, so that a mailbox can recognise it. See
mail_sending.py.
"""

import logging
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.utils import timezone

from newsletter.issues.models import Publication
from newsletter.issues.page_urls import absolute_url
from newsletter.notifications.delivery_queue import claim, due, put_off, put_off_others, settle
from newsletter.notifications.mail_sender import sender_of
from newsletter.notifications.models import Notification, NotificationMail, State
from newsletter.notifications.who_is_notified import should_notify
from newsletter.rendering.system_mail_look import look_of_publication
from subscribers.encode_headers import domain_in_ascii
from subscribers.mail_message import SystemMail
from subscribers.mail_sending import (
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
ALWAYS_SHOWN = ("audience", "accepted")


def mail_next_notification() -> bool:
    """Email one notification to one person. Return whether there was one to send."""
    rows = NotificationMail.objects.select_related("notification__publication", "user")
    lease = timedelta(seconds=settings.SUBSCRIBERS_MAIL_SECONDS)
    longest = [FIRST_WAIT, *(max(lease, wait_after(each)) for each in range(1, MAX_ATTEMPTS + 2))]
    mail = due(rows, longest).first()
    if mail is None:
        return False
    if claim(mail, lease):
        _send(mail)
    return True


def compose(mail: NotificationMail) -> SystemMail:
    """Return the email of a notification to one person."""
    notification = mail.notification
    publication = notification.publication or Publication.objects.order_by("pk").first()
    look = look_of_publication(notification.publication)
    parts = render_parts("editor-notification", LANGUAGE, look, _context(notification))
    sender = sender_of(publication)
    host = domain_in_ascii(sender[1].rpartition("@")[2])
    return SystemMail(
        subject=parts[SUBJECT],
        text=parts[TEXT],
        html=parts[HTML],
        sender=sender,
        language=LANGUAGE,
        reply_to=look.reply_to,
        recipient=mail.user.email,
        headers={
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "Message-ID": f"<notice.{mail.pk}.{notification.made_at:%Y%m%d%H%M%S%f}@{host}>",
        },
    )


def _send(mail: NotificationMail) -> None:
    if not should_notify(mail.user, mail.notification):
        settle(mail, State.LEFT_OUT)
        return
    match send(mail, partial(compose, mail)):
        case MailSent():
            settle(mail, State.DONE)
        case MailDeferred(reason, everybody) if mail.attempts < MAX_ATTEMPTS:
            log.warning("We could not send “%s”. %s We will try again.", mail, reason)
            put_off(mail, timezone.now() + wait_after(mail.attempts))
            if everybody:
                put_off_others(NotificationMail.objects.all(), timezone.now() + FIRST_WAIT)
        case MailDeferred(reason) | MailGivenUp(reason):
            _give_up(mail, reason)


def _give_up(mail: NotificationMail, why: str) -> None:
    log.error(
        "We could not send “%s” in %s attempts, so we stopped trying. %s",
        mail,
        min(mail.attempts, MAX_ATTEMPTS),
        why,
    )
    settle(mail, State.GIVEN_UP)


def _context(notification: Notification) -> dict[str, Any]:
    publication = notification.publication
    figures = notification.data.get("figures", {})
    return {
        "notification": notification,
        "paragraphs": notification.text.split("\n\n"),
        "figures": {
            name.replace("_", " ").capitalize(): count
            for name, count in figures.items()
            if count or name in ALWAYS_SHOWN
        },
        "url": absolute_url(notification.link),
        # The layout of all system emails needs a list.
        "list": {
            "name": publication.name if publication else "Newsletter",
            "publisher": publication.organisation if publication else "",
        },
    }
