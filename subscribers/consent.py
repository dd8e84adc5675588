"""The acts that change a subscription. Each writes the consent log in the same transaction.

Only these and those in consent_by_editor.py change a subscription. Each waits for its locks (locks.py), and raises
NotFound if the person was erased meanwhile.

People who unsubscribed, were erased or are suppressed are never brought back by an import or an editor. Only they
themselves can do that, or `suppression.end_suppression`, which is deliberate and logged.
"""

from collections.abc import Sequence
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_noop as _

from subscribers import confirmation_mails, erasure, locks, suppression
from subscribers import consent_rules as rules
from subscribers.consent_log import SOURCES_OF_THE_PERSON, ConsentSource, chosen_topics, record, record_about
from subscribers.consent_rules import PersonalDetails
from subscribers.email_addresses import Address, parse
from subscribers.errors import Invalid, Refused
from subscribers.lawful_basis import becomes_consent
from subscribers.models import Basis, ConsentEntry, List, QueuedMail, Subscriber, Subscription, Topic, Wording
from subscribers.phrases import written_day
from subscribers.transactions import one_transaction, repeated

__all__ = [
    "ConsentSource",
    "PersonalDetails",
    "TooOften",
    "change",
    "change_details",
    "confirm",
    "erase_person",
    "give_reason",
    "pause",
    "resubscribe",
    "sign_up",
    "unsubscribe",
    "unsubscribe_from_all",
]  # fmt: skip

Act = ConsentEntry.Act
UNSUBSCRIBED_AGAIN = _("The person unsubscribed again.")
State = Subscription.State


class TooOften(Refused):
    """There were too many requests in a short time."""


def sign_up(
    mailing_list: List,
    address: str,
    source: ConsentSource,
    *,
    wording: Wording,
    topics: Sequence[str] = (),
    person: PersonalDetails | None = None,
) -> None:
    """Sign a person up. Returns nothing, so that nobody learns whether we know the address.

    Raises Invalid for an invalid address or topic, and TooOften if the network, or all networks together, exceed
    their limit.
    """
    found, chosen = parse(address), rules.topics_of(mailing_list, topics)
    if why_not := repeated(lambda: rules.why_not_ask_now(source)):
        raise TooOften(why_not)
    _record_sign_up(mailing_list, found, source, (wording, chosen, person))


@one_transaction
def _record_sign_up(
    mailing_list: List,
    found: Address,
    source: ConsentSource,
    said: tuple[Wording, list[Topic], PersonalDetails | None],
) -> None:
    wording, chosen, person = said
    locks.share_for([found.key])
    why_not = suppression.reasons(found.key)
    if why_not - suppression.OWN_CHOICE:
        return
    subscription = rules.subscription_of(mailing_list, found, source, person)
    if subscription.state == State.ACTIVE:
        if becomes_consent(subscription.basis, Basis.CONSENT):
            rules.ask_for_consent(subscription, Act.SIGNED_UP, source, wording)
        elif mailing_list.double_opt_in:
            confirmation_mails.queue_mail(subscription, QueuedMail.Kind.ALREADY)
        return
    # Somebody else may have typed the address of a person who unsubscribed: only the mailbox's owner may undo
    # that.
    was, left = subscription.state, subscription.state == State.UNSUBSCRIBED
    must_ask = mailing_list.double_opt_in or left or bool(why_not)
    subscription.asked_at = timezone.now()
    if not must_ask:
        rules.activate(subscription)
        subscription.basis = Basis.CONSENT
    subscription.save()
    if not left:
        subscription.topics.set(chosen)
    record_about(
        Act.SIGNED_UP, subscription, source, was=was, wording=wording, wished=chosen if left else None
    )
    if must_ask:
        rules.ask_to_confirm(subscription)


@one_transaction
def confirm(subscription: Subscription, source: ConsentSource) -> Subscription:
    """Confirm a subscription for the owner of the mailbox. Safe to repeat.

    Raises Refused if there is nothing to confirm any more, or the address must not be mailed.
    """
    subscription = rules.lock_subscription(subscription)
    if subscription.asked_at is None:
        if subscription.state == State.ACTIVE:
            return subscription
        raise Refused("There is nothing to confirm. Sign up again if you want to be on the list.")
    rules.end_own_suppressions(subscription, source)
    rules.apply_chosen_topics(subscription)
    was = subscription.state
    if was == State.ACTIVE:
        rules.settle_consent(subscription)
    else:
        rules.activate(subscription)
        subscription.paused_until, subscription.basis = None, Basis.CONSENT
    subscription.save()
    record_about(Act.CONFIRMED, subscription, source, was=was, wording=rules.wording_agreed_to(subscription))
    return subscription


@one_transaction
def change(subscription: Subscription, source: ConsentSource, *, topics: Sequence[str]) -> Subscription:
    """Set the topics by their slugs. No slugs mean every topic. Raises Invalid for a topic that the list does not
    have.
    """
    chosen = rules.topics_of(subscription.list, topics)
    subscription = rules.lock_subscription(subscription)
    if set(chosen_topics(subscription)) != {topic.slug for topic in chosen}:
        subscription.topics.set(chosen)
        record_about(Act.CHANGED, subscription, source)
    return subscription


@one_transaction
def change_details(subscriber: Subscriber, source: ConsentSource, person: PersonalDetails) -> Subscriber:
    """Change names, language or time zone. The log records that they changed, but not their values."""
    subscriber = rules.lock_person(subscriber)
    given = person.cleaned(stored_language=subscriber.locale)
    changed = [name for name, value in given.items() if getattr(subscriber, name) != value]
    for name in changed:
        setattr(subscriber, name, given[name])
    if changed:
        if source.kind in SOURCES_OF_THE_PERSON:
            subscriber.own_fields = rules.with_own(subscriber.own_fields, changed)
        subscriber.save(update_fields=(*changed, "own_fields"))
        what = ", ".join(name.replace("_", " ") for name in changed)
        record(Act.CHANGED, subscriber, source, note=f"Changed {what}.")
    return subscriber


@one_transaction
def pause(subscription: Subscription, source: ConsentSource, *, until: date | None) -> Subscription:
    """Send nothing before a day. None ends the pause. Raises Invalid for a day in the past."""
    if until is not None and until <= timezone.localdate():
        raise Invalid(f"A pause must end after today, not on {written_day(until)}.")
    subscription = rules.lock_subscription(subscription)
    if subscription.paused_until != until:
        subscription.paused_until = until
        subscription.save(update_fields=("paused_until",))
        note = f"Paused until {until:%Y-%m-%d}." if until else ""
        record_about(Act.PAUSED if until else Act.RESUMED, subscription, source, note=note)
    return subscription


@one_transaction
def unsubscribe(subscription: Subscription, source: ConsentSource, *, reason: str = "") -> Subscription:
    """Unsubscribe from one list, at once. Safe to repeat: an earlier unsubscription counts, unless it was lifted
    since.
    """
    subscription = rules.lock_subscription(subscription)
    if subscription.state == State.UNSUBSCRIBED and subscription.asked_at is None:
        if rules.was_lifted(subscription):
            # This ends the lifting. The person was not on the list, so the log does not record an unsubscription.
            rules.cancel_lifting(subscription)
            record_about(Act.CHANGED, subscription, source, note=reason or UNSUBSCRIBED_AGAIN)
        return subscription
    was = subscription.state
    if was != State.UNSUBSCRIBED or rules.was_lifted(subscription):
        subscription.state, subscription.left_at = State.UNSUBSCRIBED, timezone.now()
    subscription.asked_at, subscription.paused_until = None, None
    subscription.save()
    record_about(Act.LEFT, subscription, source, was=was, note=reason)
    return subscription


@one_transaction
def give_reason(subscription: Subscription, source: ConsentSource, reason: str) -> None:
    """Record why somebody unsubscribed, if they say so afterwards."""
    subscription = rules.lock_subscription(subscription)
    if subscription.state == State.UNSUBSCRIBED and reason.strip():
        record_about(Act.GAVE_REASON, subscription, source, note=reason.strip())


@one_transaction
def unsubscribe_from_all(subscriber: Subscriber, source: ConsentSource, *, reason: str = "") -> None:
    """Unsubscribe from every list and suppress the person, so that no import or editor adds them to another list."""
    subscriber = rules.lock_person(subscriber)
    for subscription in subscriber.subscriptions.select_related("list"):
        unsubscribe(subscription, source, reason=reason)
    suppression.suppress(subscriber.address, suppression.Reason.LEFT_ALL, source)


@one_transaction
def resubscribe(subscription: Subscription, source: ConsentSource) -> Subscription:
    """Undo an unsubscription for the person, by a link that only they have. Raises Refused if the address
    bounced.
    """
    subscription = rules.lock_subscription(subscription)
    if subscription.state != State.UNSUBSCRIBED:
        return subscription
    rules.end_own_suppressions(subscription, source)
    was = subscription.state
    rules.activate(subscription)
    subscription.paused_until = None
    subscription.save()
    record_about(Act.CAME_BACK, subscription, source, was=was)
    return subscription


def erase_person(subscriber: Subscriber, source: ConsentSource) -> None:
    """Erase the person and everything that refers to them. The address stays suppressed (see erasure.py)."""
    erasure.erase(subscriber, source)
