"""The proof of the lawful basis on which somebody gets the emails of a list, from the consent log."""

from datetime import UTC, datetime

from django.db.models import QuerySet

from subscribers.models import Basis, ConsentEntry, Subscription

Act = ConsentEntry.Act
# What records a basis. An entry that does not name one is about consent.
RECORDS = (Act.SIGNED_UP, Act.CONFIRMED, Act.ADDED, Act.IMPORTED, Act.BASIS)
ASKS = (Act.SIGNED_UP, Act.INVITED)


def proof_of(subscription: Subscription) -> ConsentEntry | None:
    """Return the newest entry of the consent log that records the present lawful basis, or None."""
    named = [subscription.basis, ""] if subscription.basis == Basis.CONSENT else [subscription.basis]
    entries = _entries(subscription).filter(act__in=RECORDS, basis__in=named)
    active = entries.filter(state=Subscription.State.ACTIVE)
    return active.first() or entries.first()


def proof_as_facts(subscription: Subscription) -> dict[str, str]:
    """Return the proof of a lawful basis as names and texts, for a page, a file or a command. Times are in UTC."""
    person, entry = subscription.subscriber, proof_of(subscription)
    facts = {
        "Person": person.address,
        "List": subscription.list.name,
        "Lawful basis": Basis(subscription.basis).label,
        "State": subscription.get_state_display(),
    }
    if entry is None:
        return {**facts, "Proof": "The consent log has no entry about this basis."}
    facts |= {"Recorded": _moment(entry.at), "How": entry.get_act_display(), "Place": _place(entry)}
    if entry.wording:
        facts |= {"Wording": entry.wording.text, "Version of the wording": str(entry.wording.version)}
    facts |= {"Note": entry.note, "Network address": entry.network_address, "Program": entry.user_agent}
    asked = _entries(subscription).filter(act__in=ASKS, pk__lt=entry.pk).first()
    if entry.act == Act.CONFIRMED and asked:
        facts |= {
            "Asked": f"{_moment(asked.at)}, {_place(asked)}",
            "Network address when asked": asked.network_address,
        }
    facts["Entry in the consent log"] = str(entry.pk)
    return {name: text for name, text in facts.items() if text}


def proof_as_text(subscription: Subscription) -> str:
    """Return the proof as a text to keep or to send to somebody."""
    return "".join(f"{name}: {text}\n" for name, text in proof_as_facts(subscription).items())


def _entries(subscription: Subscription) -> QuerySet[ConsentEntry]:
    about = ConsentEntry.objects.filter(subscriber=subscription.subscriber_id, list=subscription.list_id)
    return about.select_related("wording").order_by("-pk")


def _place(entry: ConsentEntry) -> str:
    return (
        f"{entry.get_source_display()}: {entry.source_name}"
        if entry.source_name
        else entry.get_source_display()
    )


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
