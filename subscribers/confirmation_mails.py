"""The app's own emails: “please confirm” and “you are already subscribed”.

Each is queued as a row in the transaction that asks for it, so that none is lost. One mailbox gets only a limited
number per day from all lists. The emails contain nothing that a stranger typed into a form.
"""

import logging
from datetime import datetime, timedelta
from email.utils import parseaddr
from functools import partial

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from subscribers import app_settings, rate_limits, signed_links
from subscribers.encode_headers import domain_in_ascii
from subscribers.languages import written_in
from subscribers.leases import Leases
from subscribers.mail_look import look_of
from subscribers.mail_message import SystemMail
from subscribers.models import QueuedMail, Subscription
from subscribers.send_system_mail import (
    FIRST_WAIT,
    MAX_ATTEMPTS,
    MailDeferred,
    MailGivenUp,
    MailSent,
    send,
    wait_after,
)
from subscribers.sign_up_texts import language_of
from subscribers.signed_links import Purpose
from subscribers.system_mail_parts import HTML, SUBJECT, TEXT, render_parts

log = logging.getLogger(__name__)

LEASES = Leases("due_at")


def queue_mail(subscription: Subscription, kind: QueuedMail.Kind) -> bool:
    """Queue an email, unless this mailbox has reached its limit for today. Return whether it was queued."""
    mailbox = rate_limits.mailbox_of(subscription.subscriber.address_key)
    if not rate_limits.is_within_limit(
        "mail to", mailbox, at_most=app_settings.mails_per_day(), span=timedelta(days=1)
    ):
        return False
    queued_mail = QueuedMail.objects.create(subscription=subscription, kind=kind)
    if app_settings.mail_at_once():
        transaction.on_commit(partial(_send_claimed, queued_mail.pk, queued_mail.due_at), robust=True)
    return True


def send_next_mail(now: datetime) -> bool:
    """Send one email that is due, and return whether there was one.

    An email that would wait for longer than any can after its number of attempts is due, too: the clock was set
    back.
    """
    longest_waits = [FIRST_WAIT, *(_lease() + wait_after(each) for each in range(1, MAX_ATTEMPTS + 1))]
    queued_mail = QueuedMail.objects.filter(LEASES.due(now, longest_waits)).order_by("due_at").first()
    if queued_mail is None:
        return False
    _send_claimed(queued_mail.pk, queued_mail.due_at)
    return True


def _send_claimed(pk: int, due_at: datetime) -> None:
    if not LEASES.claim(QueuedMail.objects.filter(pk=pk, due_at=due_at), timezone.now() + _lease()):
        return
    queued_mail = QueuedMail.objects.select_related("subscription__list", "subscription__subscriber").get(
        pk=pk
    )
    match send(queued_mail, partial(compose, queued_mail)):
        case MailSent():
            _still_claimed(queued_mail).delete()
        case MailDeferred(reason, everybody):
            _put_off(queued_mail, reason, everybody=everybody)
        case MailGivenUp(reason):
            _give_up(queued_mail, reason)


def _put_off(queued_mail: QueuedMail, reason: str, *, everybody: bool) -> None:
    if queued_mail.attempts >= MAX_ATTEMPTS:
        _give_up(queued_mail, reason)
        return
    log.warning(
        "Could not send the confirmation email %s and will try again. The reason was: %s",
        queued_mail.pk,
        reason,
    )
    now = timezone.now()
    _still_claimed(queued_mail).update(due_at=now + wait_after(queued_mail.attempts))
    if everybody:
        # The others would fail in the same way, and a server that refuses a log-in locks out clients that try it
        # often.
        QueuedMail.objects.filter(due_at__lte=now).update(due_at=now + FIRST_WAIT)


def _give_up(queued_mail: QueuedMail, reason: str) -> None:
    log.error(
        "Gave up on the confirmation email %s (%s) for subscription %s after %s attempts. The reason was: %s",
        queued_mail.pk, queued_mail.kind, queued_mail.subscription_id, queued_mail.attempts, reason,
    )  # fmt: skip
    _still_claimed(queued_mail).delete()


def _still_claimed(queued_mail: QueuedMail) -> QuerySet[QueuedMail]:
    return LEASES.held(queued_mail)


def _lease() -> timedelta:
    return timedelta(seconds=app_settings.mail_seconds())


def compose(queued_mail: QueuedMail) -> SystemMail:
    """Return the email for a queued row, in the look of its list and the language in which the person signed up."""
    subscription, mailing_list = queued_mail.subscription, queued_mail.subscription.list
    language = language_of(subscription)
    context = {
        "list": mailing_list,
        "confirm_url": signed_links.make_url(Purpose.CONFIRM, subscription),
        "preferences_url": signed_links.make_url(Purpose.PREFERENCES, subscription.subscriber),
        "days": app_settings.confirm_hours() // 24,
    }
    look = look_of(mailing_list)
    parts = render_parts(queued_mail.kind, language, look, context)
    sender = sender_of(queued_mail)
    name = f"{queued_mail.kind}.{queued_mail.pk}.{queued_mail.made_at:%Y%m%d%H%M%S%f}"
    return SystemMail(
        subject=parts[SUBJECT],
        text=parts[TEXT],
        html=parts[HTML],
        language=written_in(language),
        reply_to=look.reply_to,
        sender=sender,
        recipient=subscription.subscriber.address,
        headers={
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            # Each attempt has the same Message-ID, so that a mailbox recognises a repeated email.
            "Message-ID": f"<{name}@{domain_in_ascii(sender[1].rpartition('@')[2])}>",
        },
    )


def sender_of(queued_mail: QueuedMail) -> tuple[str, str]:
    """Return name and address of the sender: the list's own or, if it has none, the default."""
    mailing_list = queued_mail.subscription.list
    if not mailing_list.sender_address:
        return parseaddr(app_settings.default_sender())
    name = mailing_list.sender_name or mailing_list.publisher or mailing_list.name
    return name, mailing_list.sender_address
