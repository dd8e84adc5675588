"""Emails notifications, to each person separately. See desk_mails.py."""

from typing import Any

from newsletter.issues.page_urls import absolute_url
from newsletter.notifications.desk_mails import desk_mail, send_claimed, send_next
from newsletter.notifications.models import Notification, NotificationMail, State
from newsletter.notifications.notification_queue import settle, without_quarantined
from newsletter.notifications.who_is_notified import should_notify
from subscribers.mail_message import SystemMail

ALWAYS_SHOWN = ("audience", "accepted")


def mail_next_notification() -> bool:
    """Email one notification to one person. Return whether there was one to send."""
    rows = NotificationMail.objects.select_related("notification__publication", "user")
    return send_next(without_quarantined(rows), _send)


def compose(mail: NotificationMail) -> SystemMail:
    """Return the email of a notification to one person."""
    notification = mail.notification
    return desk_mail(
        mail.user.email,
        template="editor-notification",
        context=_context(notification),
        publication=notification.publication,
        number=f"notice.{mail.pk}",
        made_at=notification.made_at,
    )


def _send(mail: NotificationMail) -> None:
    if not should_notify(mail.user, mail.notification):
        settle(mail, State.LEFT_OUT)
        return
    send_claimed(mail, compose)


def _context(notification: Notification) -> dict[str, Any]:
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
    }
