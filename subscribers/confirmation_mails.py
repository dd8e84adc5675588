"""The app's own emails: “please confirm”, “you are already subscribed”, and those about a change of address.

Each is queued as a row in the transaction that asks for it, so that none is lost. One mailbox gets only a limited
number per day from all lists, besides the notices of a change of address, which nobody can use up. The emails contain
nothing that a stranger typed into a form.
"""

from datetime import datetime, timedelta
from email.utils import parseaddr
from functools import partial

from django.db import transaction
from django.db.models import QuerySet

from subscribers import app_settings, rate_limits, signed_links
from subscribers.encode_headers import domain_in_ascii
from subscribers.leased_queue import LeasedQueue
from subscribers.mail_look import look_of
from subscribers.mail_message import SystemMail
from subscribers.models import AddressChange, QueuedMail, Subscription
from subscribers.send_queued_mail import claim_mail, send_claimed, send_next
from subscribers.sign_up_texts import language_of
from subscribers.signed_links import Purpose
from subscribers.system_mail_parts import HTML, SUBJECT, TEXT, render_parts
from subscribers.translated_languages import written_in

# Rows are deleted once their email was sent or given up.
QUEUE = LeasedQueue()


def queue_mail(subscription: Subscription, kind: QueuedMail.Kind, *, mailbox: str = "") -> bool:
    """Queue an email, unless this mailbox has reached its limit for today. Return whether it was queued.

    `mailbox` is the folded address that it goes to, if that is not the person's.
    """
    mailbox = rate_limits.mailbox_of(mailbox or subscription.subscriber.address_key)
    if not rate_limits.is_within_limit(
        "mail to", mailbox, at_most=app_settings.mails_per_day(), span=timedelta(days=1)
    ):
        return False
    _queue(QueuedMail(subscription=subscription, kind=kind))
    return True


def queue_address_notice(subscription: Subscription) -> None:
    """Queue the notice of a change to the person's present address, even if the address changes before it is sent.

    The limit of the mailbox does not apply, or somebody could use it up by sign-ups to change an address unnoticed.
    Changes have a limit of their own.
    """
    present = subscription.subscriber.address
    _queue(QueuedMail(subscription=subscription, kind=QueuedMail.Kind.ADDRESS_NOTICE, recipient=present))


def _queue(queued_mail: QueuedMail) -> None:
    queued_mail.save()
    if app_settings.mail_at_once():
        transaction.on_commit(partial(send_at_once, queued_mail.pk, queued_mail.due_at), robust=True)


def send_next_mail(now: datetime) -> bool:
    """Send one email that is due, and return whether there was one."""
    return send_next(QUEUE, _mails(), _send, now=now)


def send_at_once(pk: int, due_at: datetime) -> None:
    """Send a queued email, unless a process has claimed it since it was queued to be sent at this time."""
    queued_mail = _mails().filter(pk=pk, due_at=due_at).first()
    if queued_mail is not None and claim_mail(QUEUE, queued_mail):
        _send(queued_mail)


def _mails() -> QuerySet[QueuedMail]:
    return QueuedMail.objects.select_related("subscription__list", "subscription__subscriber__address_change")


def _send(queued_mail: QueuedMail) -> None:
    if queued_mail.kind == QueuedMail.Kind.NEW_ADDRESS and _change_of(queued_mail) is None:
        queued_mail.delete()  # the change was cancelled or has expired
        return
    send_claimed(QUEUE, queued_mail, compose, end=lambda claimed, _is_sent: claimed.delete())


def compose(queued_mail: QueuedMail) -> SystemMail:
    """Return the email for a queued row, in the look of its list and the language in which the person signed up."""
    subscription, mailing_list = queued_mail.subscription, queued_mail.subscription.list
    language, change = language_of(subscription), _change_of(queued_mail)
    context = {
        "list": mailing_list,
        "is_active": subscription.state == Subscription.State.ACTIVE,
        "confirm_url": signed_links.make_url(Purpose.CONFIRM, subscription),
        "preferences_url": signed_links.make_url(Purpose.PREFERENCES, subscription.subscriber),
        "new_address_url": signed_links.make_url(Purpose.NEW_ADDRESS, change) if change else "",
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
        recipient=change.address if change else queued_mail.recipient or subscription.subscriber.address,
        headers={
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            # Each attempt has the same Message-ID, so that a mailbox recognises a repeated email.
            "Message-ID": f"<{name}@{domain_in_ascii(sender[1].rpartition('@')[2])}>",
        },
    )


def _change_of(queued_mail: QueuedMail) -> AddressChange | None:
    """Return the change of address that an email asks to confirm, if it is one and is still wanted."""
    if queued_mail.kind != QueuedMail.Kind.NEW_ADDRESS:
        return None
    change: AddressChange | None = getattr(queued_mail.subscription.subscriber, "address_change", None)
    return change if change and change.confirmed_at is None else None


def sender_of(queued_mail: QueuedMail) -> tuple[str, str]:
    """Return name and address of the sender: the list's own or, if it has none, the default."""
    mailing_list = queued_mail.subscription.list
    if not mailing_list.sender_address:
        return parseaddr(app_settings.default_sender())
    name = mailing_list.sender_name or mailing_list.publisher or mailing_list.name
    return name, mailing_list.sender_address
