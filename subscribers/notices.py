"""The app's own mails: please confirm, and you are on this list already.

A notice is a row written in the transaction that asks for it, so that none is lost, and one address gets at
most so many a day whatever the list. Nothing that a stranger typed into a form is in any of them.
"""

import logging
from datetime import datetime, timedelta
from email.utils import parseaddr
from functools import partial
from smtplib import SMTPException

from django.db import transaction
from django.db.models import F, Q
from django.template import engines
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext

from subscribers import conf, limits, links
from subscribers.errors import Invalid
from subscribers.links import Purpose
from subscribers.mail_message import SystemMail
from subscribers.models import Notice, Subscription

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
ATTEMPTS_AT_MOST = 8
# By how much the clocks of two machines may be apart without one of them being wrong.
CLOCKS_DIFFER = timedelta(minutes=1)


def queue(subscription: Subscription, kind: Notice.Kind) -> bool:
    """Have a mail sent, unless this mailbox had its share today; whether it will go."""
    mailbox = limits.mailbox_of(subscription.subscriber.address_key)
    if not limits.allows("mail to", mailbox, at_most=conf.mails_a_day(), span=timedelta(days=1)):
        return False
    notice = Notice.objects.create(subscription=subscription, kind=kind)
    if conf.mail_at_once():
        transaction.on_commit(partial(_send_claimed, notice.pk, notice.due_at), robust=True)
    return True


def send_next(now: datetime) -> bool:
    """Send one mail that is due; whether there was one.

    One that would wait for longer than any does after so many attempts is due too: the clock was set back meanwhile.
    """
    due = Q(due_at__lte=now)
    for attempts in range(ATTEMPTS_AT_MOST + 1):
        longest = LEASE * (1 + attempts**2) if attempts else timedelta(0)
        due |= Q(attempts=attempts, due_at__gt=now + longest + CLOCKS_DIFFER)
    notice = Notice.objects.filter(due).order_by("due_at").first()
    if notice is None:
        return False
    _send_claimed(notice.pk, notice.due_at)
    return True


def _send_claimed(pk: int, due_at: datetime) -> None:
    # Whoever moves the time on may send: two processes do not send one notice.
    later = timezone.now() + LEASE
    mine = Notice.objects.filter(pk=pk, due_at=due_at).update(due_at=later, attempts=F("attempts") + 1)
    if not mine:
        return
    notice = Notice.objects.select_related("subscription__list", "subscription__subscriber").get(pk=pk)
    try:
        compose(notice).send()
    except (OSError, SMTPException) as error:
        log.warning("notice %s could not be sent: %s", pk, type(error).__name__)
        if notice.attempts < ATTEMPTS_AT_MOST:
            Notice.objects.filter(pk=pk).update(due_at=later + LEASE * notice.attempts**2)
            return
    except Invalid as error:
        # Trying again would not help; the sentence holds no address.
        log.warning("notice %s is given up: %s", pk, error)
    Notice.objects.filter(pk=pk).delete()


def compose(notice: Notice) -> SystemMail:
    """The mail of a notice, in the language of its list."""
    subscription, mailing_list = notice.subscription, notice.subscription.list
    context = {
        "list": mailing_list,
        "confirm_url": links.url(Purpose.CONFIRM, subscription),
        "preferences_url": links.url(Purpose.PREFERENCES, subscription.subscriber),
        "days": conf.confirm_hours() // 24,
        "_": gettext,
        "ngettext": ngettext,
    }
    with translation.override(mailing_list.language):
        parts = {
            part: engines["jinja2"]
            .get_template(f"email/{notice.kind}/{part}")
            .render({**context, "lang": translation.get_language()})
            for part in ("subject.txt", "body.txt", "body.html")
        }
    return SystemMail(
        subject=parts["subject.txt"],
        text=parts["body.txt"],
        html=parts["body.html"],
        sender=sender_of(notice),
        recipient=subscription.subscriber.address,
        headers={"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"},
    )


def sender_of(notice: Notice) -> tuple[str, str]:
    """Name and address of the sender: the list's own, else the default."""
    mailing_list = notice.subscription.list
    if not mailing_list.sender_address:
        return parseaddr(conf.default_sender())
    name = mailing_list.sender_name or mailing_list.publisher or mailing_list.name
    return name, mailing_list.sender_address
