"""Change a person's address once the owner of the new mailbox has confirmed it.

Asking sends a confirmation email to the new address and a notice to the old one. Nothing else changes until somebody
opens the link in the new mailbox and confirms. The person who asks never learns whether we know the new address. If
another person has it, the change is refused when it is confirmed, which only the owner of that mailbox sees. See
docs/decisions/0078-changes-of-address.md.
"""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext_noop as _

from subscribers import app_settings, confirmation_mails, locks, rate_limits, suppression
from subscribers import consent_rules as rules
from subscribers.business_addresses import refuse_personal_address
from subscribers.consent import TooOften
from subscribers.consent_log import ConsentSource, record
from subscribers.email_addresses import Address, parse
from subscribers.errors import Invalid, Refused
from subscribers.models import (
    AddressChange,
    ConsentEntry,
    QueuedMail,
    Subscriber,
    Subscription,
    new_link_nonce,
)
from subscribers.transactions import one_transaction, repeated

Act = ConsentEntry.Act
Kind = QueuedMail.Kind
ASKED_A_DAY = 5
ASKED, CANCELLED, CONFIRMED = (
    _("Asked to change the address."),
    _("Cancelled the change of address."),
    _("Changed the address."),
)
TOO_OFTEN = "There have been too many requests to change this address today. Try again tomorrow."


class AddressTaken(Refused):
    """Another person already has this address."""


class ChangeEnded(Refused):
    """The change of address was cancelled or replaced by a newer one."""


def ask_to_change_address(subscriber: Subscriber, address: str, source: ConsentSource) -> None:
    """Ask the owner of a new address to confirm it. Returns nothing, so that nobody learns whether we know it.

    Raises Invalid for an invalid address or the person's own, Refused for a person on no list, PersonalAddress if a
    business address is their lawful basis, and TooOften if the person, the network or all networks together exceed
    their limit.
    """
    found = parse(address)
    if found.key == subscriber.address_key:
        raise Invalid("The person already has this address.")
    if why_not := repeated(lambda: rules.why_not_ask_now(source)):
        raise TooOften(why_not)
    day, who = timedelta(days=1), str(subscriber.pk)
    if not repeated(
        lambda: rate_limits.is_within_limit("address change of", who, at_most=ASKED_A_DAY, span=day)
    ):
        raise TooOften(TOO_OFTEN)
    _record_wish(subscriber, found, source)


@one_transaction
def _record_wish(subscriber: Subscriber, found: Address, source: ConsentSource) -> None:
    locks.share_for([subscriber.address_key, found.key])
    person = rules.lock_person(subscriber)
    refuse_personal_address(person, found.key)
    subscription = _subscription_for_mails(person)
    if subscription is None:
        raise Refused("This person is not on any list, so we cannot send them a confirmation email.")
    forget_wish(person)
    AddressChange.objects.filter(subscriber=person).delete()
    AddressChange.objects.create(
        subscriber=person, address=found.address, address_key=found.key, link_nonce=new_link_nonce()
    )
    record(Act.CHANGED, person, source, note=ASKED)
    if not suppression.reasons(found.key) - suppression.OWN_CHOICE:
        confirmation_mails.queue_mail(subscription, Kind.NEW_ADDRESS, mailbox=found.key)
    if not suppression.reasons(person.address_key):
        confirmation_mails.queue_address_notice(subscription)


@one_transaction
def cancel_address_change(subscriber: Subscriber, source: ConsentSource) -> bool:
    """Cancel a change that was not confirmed yet, and return whether there was one."""
    person = rules.lock_person(subscriber)
    was_there = forget_wish(person)
    if was_there:
        record(Act.CHANGED, person, source, note=CANCELLED)
    return was_there


@one_transaction
def confirm_new_address(change: AddressChange, source: ConsentSource) -> Subscriber:
    """Give a person the new address that its owner confirms, with the objections made under the former one.

    The former address is suppressed: imports, editors and restored backups then leave it out, until its owner signs
    up with it again.

    Does nothing if the change was confirmed before. Raises AddressTaken if another person has the address, ChangeEnded
    if the change was cancelled or replaced, and Refused if the address must not be mailed.
    """
    person = change.subscriber
    locks.share_for([person.address_key, change.address_key])
    person = rules.lock_person(person)
    stored = AddressChange.objects.filter(pk=change.pk, link_nonce=change.link_nonce).first()
    if stored is None:
        raise ChangeEnded("The change of address was cancelled or replaced by a newer one.")
    if stored.confirmed_at is not None:
        return person
    if Subscriber.objects.filter(address_key=change.address_key).exists():
        raise AddressTaken("Another person has this address, so nothing was changed.")
    if suppression.reasons(change.address_key) - suppression.OWN_CHOICE:
        raise Refused("We cannot send emails to this address at the moment.")
    # These are about the mailbox, and not about what the person wants.
    about_the_mailbox = {suppression.Reason.HARD_BOUNCE, suppression.Reason.MOVED}
    objections = suppression.reasons(person.address_key) - about_the_mailbox
    refuse_personal_address(person, change.address_key)
    suppression.end_suppressions_of(
        change.address_key, suppression.OWN_CHOICE, by=f"the person ({source.kind})", why="confirmed"
    )
    suppression.suppressions_of(person.address_key).update(subscriber=None)
    former, person.address, person.address_key = person.address, change.address, change.address_key
    person.save(update_fields=("address", "address_key"))
    suppression.suppress_former_address(former, person, source)
    record(Act.CHANGED, person, source, note=CONFIRMED)
    for reason in sorted(objections):
        suppression.suppress(person.address, reason, source)
    stored.confirmed_at = timezone.now()
    stored.save(update_fields=("confirmed_at",))
    return person


def waiting_change(subscriber: Subscriber) -> AddressChange | None:
    """Return the change of a person that waits to be confirmed, if there is one."""
    return AddressChange.objects.filter(subscriber=subscriber, confirmed_at=None).first()


def was_confirmed(subscriber: Subscriber) -> bool:
    """Return whether the person's address was changed while the link for this is valid."""
    return AddressChange.objects.filter(subscriber=subscriber).exclude(confirmed_at=None).exists()


def prune_address_changes(now: datetime) -> int:
    """Delete changes whose link has expired, and return how many there were."""
    # An hour longer than a link is valid, which ends with an hour.
    before = now - timedelta(hours=app_settings.confirm_hours() + 1)
    return AddressChange.objects.filter(asked_at__lt=before).delete()[0]


def drop_address_changes() -> None:
    """Delete every change and its emails, when a backup was restored: a change may have been cancelled since."""
    QueuedMail.objects.filter(kind__in=(Kind.NEW_ADDRESS, Kind.ADDRESS_NOTICE)).delete()
    AddressChange.objects.all().delete()


def _subscription_for_mails(subscriber: Subscriber) -> Subscription | None:
    """Return the subscription whose list sends the emails: an active one if there is one."""
    every = subscriber.subscriptions.select_related("list", "subscriber").order_by("pk")
    return every.filter(state=Subscription.State.ACTIVE).first() or every.first()


def forget_wish(subscriber: Subscriber) -> bool:
    """Forget a change that is not confirmed, with its emails. The notice to a former address is still sent."""
    queued = QueuedMail.objects.filter(subscription__subscriber=subscriber)
    queued.filter(kind=Kind.NEW_ADDRESS).delete()
    queued.filter(kind=Kind.ADDRESS_NOTICE, recipient=subscriber.address).delete()
    waiting = waiting_change(subscriber)
    if waiting is None:
        return False
    waiting.delete()
    return True
