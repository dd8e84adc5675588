"""The people of a mailing whose outcome is unknown, by name: for anyone who knows whether they received the email."""

from dataclasses import dataclass
from datetime import datetime

from newsletter.errors import refuse_if
from newsletter.sending.models import Batch, Mailing, Recipient
from newsletter.sending.undecided_batches import unfinished_batches
from newsletter.sending.who_may_see_recipients import why_not_see_people
from subscribers.phrases import counted

BATCHES = 20
NAMES = 50


@dataclass(frozen=True, slots=True)
class UnconfirmedBatch:
    """People who were sent to together, and why their outcome is unknown. `names` has the first of them."""

    id: int
    posted_at: datetime | None
    count: int
    reason: str
    names: tuple[str, ...]


def unconfirmed_batches(mailing: Mailing, *, whole: int = 0) -> list[UnconfirmedBatch]:
    """Return the batches of a mailing with unknown recipients, oldest first, at most 20, with at most 50 names each.

    The batch with the number `whole` has all its names. Raises Refused with the sentence of `why_not_see_people`.
    """
    refuse_if(why_not_see_people(mailing.issue))
    unknown = [
        each for each in unfinished_batches(mailing) if each.state == Batch.State.UNKNOWN and each.unknown
    ]
    found = unknown[:BATCHES]
    names = _names([each.id for each in found], whole)
    return [
        UnconfirmedBatch(each.id, each.posted_at, each.unknown, each.reason, tuple(names.get(each.id, ())))
        for each in found
    ]


def settle_sentence(mailing: Mailing, settled: int, *, accepted: bool | None = None) -> str:
    """Say what was settled: by evidence, or as somebody recorded it."""
    people = counted(settled, "person", "people")
    if accepted is None:
        if not settled:
            return (
                "We asked the transport again whether these emails were sent, but there is no new evidence."
            )
        return f"We have found out whether {people} received the email."
    if accepted:
        return f"We recorded that {people} received the email. We will not send it to them again."
    recorded = f"We recorded that {people} did not receive the email."
    if mailing.state == Mailing.State.STOPPED:
        return f"{recorded} The mailing was stopped, so we will not send it to them."
    return f"{recorded} We will send it to them again."


def _names(batches: list[int], whole: int) -> dict[int, list[str]]:
    rows = Recipient.objects.filter(batch__in=batches, state=Recipient.State.UNKNOWN).order_by("batch", "pk")
    found: dict[int, list[str]] = {}
    fields = ("batch_id", "subscriber__first_name", "subscriber__last_name", "subscriber__address")
    for batch, first, last, address in rows.values_list(*fields).iterator(chunk_size=2_000):
        names = found.setdefault(batch, [])
        if len(names) < NAMES or batch == whole:
            name = f"{first or ''} {last or ''}".strip()
            names.append(f"{name} ({address})" if name else address or "an erased person")
    return found
