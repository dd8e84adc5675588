"""What an editor states about a person: that they consent, or on which lawful basis they get the emails of a list.

The promises of consent.py hold for both.
"""

from collections.abc import Sequence

from django.utils import timezone

from subscribers import consent_rules as rules
from subscribers import consent_wordings, locks
from subscribers.consent_log import ConsentSource, record_about
from subscribers.consent_rules import PersonalDetails
from subscribers.email_addresses import Address, parse
from subscribers.errors import Invalid, InvalidFields, Refused
from subscribers.lawful_basis import ON_CONSENT, BasisStatement, becomes_consent
from subscribers.lists import refuse_archived
from subscribers.models import Basis, ConsentEntry, List, SourceKind, Subscription, Wording
from subscribers.proof_of_basis import proof_of
from subscribers.transactions import one_transaction

CONSENT_MISSING = "Enter where the person’s consent comes from. We log your answer."
Act = ConsentEntry.Act
State = Subscription.State


@one_transaction
def add_by_editor(
    mailing_list: List,
    address: str,
    source: ConsentSource,
    *,
    consent: str,
    topics: Sequence[str] = (),
    person: PersonalDetails | None = None,
    ask: bool = False,
    on: BasisStatement | None = None,
) -> Subscription:
    """Add a person for an editor, recording where the consent comes from. With `ask`, the person confirms by
    email, which is consent. `on` is another lawful basis, and `consent` then says where it comes from.

    People who are on the list already are left as they are, except that consent replaces another lawful basis. If only
    an import recorded their consent, the log also records what the editor says, so that the undo of the import does not
    end it. People who were asked but have not confirmed are left as they are, too: asking again sends nothing. Topics,
    names, language and a pause that people chose themselves stay.

    Raises InvalidFields without a consent, and for an address, a name, a topic or a basis that cannot be recorded, and
    Refused for an archived list and people who are suppressed or unsubscribed, unless that was lifted.
    """
    if not consent.strip():
        raise InvalidFields({"consent": CONSENT_MISSING})
    refuse_archived(mailing_list)
    found, chosen = _parsed(address), rules.topics_of(mailing_list, topics)
    on = on or ON_CONSENT
    on.require_for(found.key)
    if ask and on.basis != Basis.CONSENT:
        raise InvalidFields(
            {
                "basis": "If the person confirms by email, their lawful basis is consent. Either choose consent, or "
                "do not ask them to confirm."
            }
        )
    locks.share_for([found.key])
    rules.refuse_the_suppressed(found.key)
    subscription = rules.subscription_of(mailing_list, found, source, person)
    rules.refuse_unsubscribed(subscription)
    is_active = subscription.state == State.ACTIVE
    if (is_active and not becomes_consent(subscription.basis, on.basis)) or (ask and subscription.asked_at):
        _record_beside_import(subscription, source, consent, None if ask else on.basis)
        return subscription
    statement = consent_wordings.kept_wording(mailing_list, consent.strip())
    if is_active and ask:
        rules.ask_for_consent(subscription, Act.INVITED, source, statement)
        return subscription
    if is_active:
        return _with_basis(subscription, source, on, statement)
    subscription.asked_at, was = timezone.now(), subscription.state
    if not ask:
        rules.activate(subscription)
        subscription.basis = on.basis
    subscription.save()
    wished = None
    if chosen and not rules.chose_for_themselves(subscription):
        if subscription.state == State.UNSUBSCRIBED:
            wished = chosen
        else:
            subscription.topics.set(chosen)
    act = Act.INVITED if ask else Act.ADDED
    basis = "" if on.basis == Basis.CONSENT else on.basis
    record_about(
        act, subscription, source, was=was, wording=statement, wished=wished, basis=basis, note=on.note
    )
    if ask:
        rules.ask_to_confirm(subscription)
    return subscription


def _parsed(address: str) -> Address:
    try:
        return parse(address)
    except Invalid as error:
        raise InvalidFields({"address": str(error)}) from error


def _record_beside_import(
    subscription: Subscription, source: ConsentSource, consent: str, said: Basis | None
) -> None:
    """Record what an editor says about consent that only an import recorded, because the import can be undone."""
    proof = proof_of(subscription) if subscription.basis == said == Basis.CONSENT else None
    if proof is not None and proof.source == SourceKind.IMPORT:
        statement = consent_wordings.kept_wording(subscription.list, consent.strip())
        record_about(Act.BASIS, subscription, source, wording=statement, basis=Basis.CONSENT)


@one_transaction
def record_basis(
    subscription: Subscription, source: ConsentSource, said: BasisStatement, *, statement: str
) -> Subscription:
    """Record on which lawful basis a person gets the emails of a list. `statement` says where it comes from.

    Raises InvalidFields without a statement or for a basis that cannot be recorded, and Refused for a person who
    unsubscribed.
    """
    if not statement.strip():
        raise InvalidFields(
            {"consent": "Enter where the lawful basis comes from. We keep your answer as proof."}
        )
    subscription = rules.lock_subscription(subscription)
    if subscription.state == State.UNSUBSCRIBED:
        raise Refused("This person has unsubscribed, so no lawful basis allows us to email them.")
    said.require_for(subscription.subscriber.address_key)
    wording = consent_wordings.kept_wording(subscription.list, statement.strip())
    return _with_basis(subscription, source, said, wording)


def _with_basis(
    subscription: Subscription, source: ConsentSource, said: BasisStatement, wording: Wording
) -> Subscription:
    """Change the basis of a locked subscription, and record it."""
    if subscription.state == State.ACTIVE and said.basis == Basis.CONSENT:
        rules.settle_consent(subscription)
    subscription.basis = said.basis
    subscription.save(update_fields=("basis", "asked_at", "confirmations_sent"))
    record_about(Act.BASIS, subscription, source, wording=wording, note=said.note, basis=said.basis)
    return subscription
