"""Correct a typing mistake in an address that an editor added, as long as nobody but editors had to do with the person.

Nothing was sent to the wrong mailbox but a confirmation email, and its owner has done nothing with it. A change of any
other address needs the confirmation of its owner: see address_changes.py. The wrong address is suppressed as a former
one, so that the sheet from which it was typed or an older backup does not bring it back.
"""

from typing import cast

from django.utils.translation import gettext_noop as _

from subscribers import consent_rules as rules
from subscribers import locks, suppression
from subscribers.address_changes import AddressTaken, forget_wish
from subscribers.business_addresses import refuse_personal_address
from subscribers.consent_log import ConsentSource, record
from subscribers.email_addresses import parse
from subscribers.errors import Invalid, Refused
from subscribers.models import (
    ConsentEntry,
    QueuedMail,
    SourceKind,
    Subscriber,
    Subscription,
    new_link_nonce,
)
from subscribers.signals import History, asking_for_history
from subscribers.transactions import one_transaction

State = Subscription.State
CORRECTED = _("Corrected a typing mistake in the address.")
# What editors do before anything else has happened. An import is not theirs alone: a file has more people to correct.
ACTS = frozenset(
    {ConsentEntry.Act.ADDED, ConsentEntry.Act.INVITED, ConsentEntry.Act.BASIS, ConsentEntry.Act.CHANGED}
)


def why_not_correct(subscriber: Subscriber) -> str:
    """Return why the address cannot be corrected without asking its owner, or an empty string."""
    entries = set(subscriber.consent_entries.values_list("source", "act"))
    if not entries or any(source != SourceKind.EDITOR or act not in ACTS for source, act in entries):
        return (
            "You can only correct an address that an editor added, and only until its owner confirms or changes "
            "something."
        )
    for each in subscriber.subscriptions.select_related("list"):
        answers = asking_for_history.send(Subscriber, subscribers=[subscriber.pk], mailing_list=each.list)
        if any(subscriber.pk in cast("dict[int, History]", found) for _receiver, found in answers):
            return "We have already sent an email to this address, so its owner must confirm a new address."
    return ""


@one_transaction
def correct_address(subscriber: Subscriber, address: str, source: ConsentSource) -> Subscriber:
    """Give a person the address that an editor meant to type, and ask for confirmation there if they were asked before.

    Links in emails to the wrong mailbox become invalid. Raises Invalid for an invalid address or the same one, Refused
    if `why_not_correct` says why or the address must not be mailed, and AddressTaken if another person has it.
    """
    found = parse(address)
    locks.share_for([subscriber.address_key, found.key])
    person = rules.lock_person(subscriber)
    if found.address == person.address:
        raise Invalid("The person already has this address.")
    if why_not := why_not_correct(person):
        raise Refused(why_not)
    if Subscriber.objects.filter(address_key=found.key).exclude(pk=person.pk).exists():
        raise AddressTaken("Another person has this address already.")
    refuse_personal_address(person, found.key)
    _let_back(person, found.key, source)
    rules.refuse_the_suppressed(found.key)
    forget_wish(person)
    QueuedMail.objects.filter(subscription__subscriber=person).delete()
    suppression.suppressions_of(person.address_key).update(subscriber=None)
    wrong = person.address_key
    person.address, person.address_key, person.link_nonce = found.address, found.key, new_link_nonce()
    person.save(update_fields=("address", "address_key", "link_nonce"))
    if wrong != found.key:
        suppression.suppress_former_address(wrong, person, source)
    record(ConsentEntry.Act.CHANGED, person, source, note=CORRECTED)
    for subscription in person.subscriptions.select_related("subscriber", "list").order_by("pk"):
        subscription.link_nonce, subscription.confirmations_sent = new_link_nonce(), 0
        subscription.save(update_fields=("link_nonce", "confirmations_sent"))
        if subscription.state == State.PENDING:
            rules.ask_to_confirm(subscription)
    return person


def _let_back(person: Subscriber, address_key: str, source: ConsentSource) -> None:
    """End the suppression of an address that this person had before, and that is right after all."""
    former = suppression.suppressions_of(address_key).filter(lifted_at=None, former_address_of=person)
    if former.filter(reason=suppression.Reason.MOVED).exists():
        suppression.end_suppressions_of(
            address_key, {suppression.Reason.MOVED}, by=source.name, why="corrected back"
        )
