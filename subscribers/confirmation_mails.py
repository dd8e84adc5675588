"""The app's own mails: please confirm, and you are on this list already.

A notice is a row written in the transaction that asks for it, so that none is lost, and one address gets at
most so many a day whatever the list. Nothing that a stranger typed into a form is in any of them.
"""

import logging
from datetime import datetime, timedelta
from email.utils import parseaddr
from functools import partial

from django.db import transaction
from django.db.models import QuerySet
from django.template import engines
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext

from subscribers import conf, rate_limits, signed_links
from subscribers.header_text import domain_in_ascii
from subscribers.leases import Leases
from subscribers.mail_message import SystemMail
from subscribers.mail_sending import ATTEMPTS_AT_MOST, FIRST_WAIT, Ended, Later, Sent, send, wait_after
from subscribers.models import Notice, Subscription
from subscribers.signed_links import Purpose

log = logging.getLogger(__name__)

LEASES = Leases("due_at")


def queue(subscription: Subscription, kind: Notice.Kind) -> bool:
    """Have a mail sent, unless this mailbox had its share today; whether it will go."""
    mailbox = rate_limits.mailbox_of(subscription.subscriber.address_key)
    if not rate_limits.allows("mail to", mailbox, at_most=conf.mails_a_day(), span=timedelta(days=1)):
        return False
    notice = Notice.objects.create(subscription=subscription, kind=kind)
    if conf.mail_at_once():
        transaction.on_commit(partial(_send_claimed, notice.pk, notice.due_at), robust=True)
    return True


def send_next(now: datetime) -> bool:
    """Send one mail that is due; whether there was one.

    One that would wait for longer than any does after so many attempts is due too: the clock was set back meanwhile.
    """
    longest_waits = [FIRST_WAIT, *(_lease() + wait_after(each) for each in range(1, ATTEMPTS_AT_MOST + 1))]
    notice = Notice.objects.filter(LEASES.due(now, longest_waits)).order_by("due_at").first()
    if notice is None:
        return False
    _send_claimed(notice.pk, notice.due_at)
    return True


def _send_claimed(pk: int, due_at: datetime) -> None:
    if not LEASES.claim(Notice.objects.filter(pk=pk, due_at=due_at), timezone.now() + _lease()):
        return
    notice = Notice.objects.select_related("subscription__list", "subscription__subscriber").get(pk=pk)
    match send(notice, partial(compose, notice)):
        case Sent():
            _ours(notice).delete()
        case Later(reason, everybody):
            _later(notice, reason, everybody=everybody)
        case Ended(reason):
            _give_up(notice, reason)


def _later(notice: Notice, reason: str, *, everybody: bool) -> None:
    if notice.attempts >= ATTEMPTS_AT_MOST:
        _give_up(notice, reason)
        return
    log.warning("notice %s could not be sent: %s It is tried again.", notice.pk, reason)
    now = timezone.now()
    _ours(notice).update(due_at=now + wait_after(notice.attempts))
    if everybody:
        # The others would meet the same, and a server that refuses a log-in locks out who tries it often.
        Notice.objects.filter(due_at__lte=now).update(due_at=now + FIRST_WAIT)


def _give_up(notice: Notice, reason: str) -> None:
    log.error(
        "notice %s (%s) of subscription %s is given up after %s attempts: %s",
        notice.pk, notice.kind, notice.subscription_id, notice.attempts, reason,
    )  # fmt: skip
    _ours(notice).delete()


def _ours(notice: Notice) -> QuerySet[Notice]:
    return LEASES.held(notice)


def _lease() -> timedelta:
    return timedelta(seconds=conf.mail_seconds())


def compose(notice: Notice) -> SystemMail:
    """The mail of a notice, in the language of its list."""
    subscription, mailing_list = notice.subscription, notice.subscription.list
    context = {
        "list": mailing_list,
        "confirm_url": signed_links.url(Purpose.CONFIRM, subscription),
        "preferences_url": signed_links.url(Purpose.PREFERENCES, subscription.subscriber),
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
    sender = sender_of(notice)
    name = f"{notice.kind}.{notice.pk}.{notice.made_at:%Y%m%d%H%M%S%f}"
    return SystemMail(
        subject=parts["subject.txt"],
        text=parts["body.txt"],
        html=parts["body.html"],
        sender=sender,
        recipient=subscription.subscriber.address,
        headers={
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            # The same at each attempt, so that a mailbox knows a repeat.
            "Message-ID": f"<{name}@{domain_in_ascii(sender[1].rpartition('@')[2])}>",
        },
    )


def sender_of(notice: Notice) -> tuple[str, str]:
    """Name and address of the sender: the list's own, else the default."""
    mailing_list = notice.subscription.list
    if not mailing_list.sender_address:
        return parseaddr(conf.default_sender())
    name = mailing_list.sender_name or mailing_list.publisher or mailing_list.name
    return name, mailing_list.sender_address
