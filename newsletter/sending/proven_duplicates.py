"""Finds people who were proven to have received a mailing twice: by one post, and by an earlier one that was given up.

We may learn late that an earlier post was accepted: from its own response, from events, or from the provider's logs.
We store that for each person. If a newer post was accepted for the same person too, we always report the duplicate.
"""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.db.models import QuerySet
from django.utils import timezone

from newsletter.sending.ledger import (
    close_batch,
    close_mailing_if_done,
    record_decision,
    set_recipients_state,
)
from newsletter.sending.mailing_controls import pause_mailing
from newsletter.sending.models import Batch, Decision, EarlierAcceptance, Mailing, Recipient
from newsletter.sending.open_batches import lock_mailing
from subscribers.database import portions
from subscribers.phrases import counted

log = logging.getLogger(__name__)
State = Recipient.State


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A person who received a mailing twice; the address is empty if the person was erased."""

    recipient: int
    address: str

    def to_dict(self) -> dict[str, object]:
        """Return the row for JSON."""
        return asdict(self)


def duplicates_of(mailing: Mailing) -> list[Duplicate]:
    """Return everybody who was proven to have received a mailing twice."""
    rows = _duplicate_rows(mailing).values_list("recipient", "recipient__subscriber__address")
    return [
        Duplicate(recipient, address or "") for recipient, address in rows.distinct().order_by("recipient")
    ]


def count_duplicates(mailing: Mailing) -> int:
    """Count the people who were proven to have received a mailing twice."""
    return _duplicate_rows(mailing).values("recipient").distinct().count()


def duplicates_sentence(count: int) -> str:
    """Say how many people received a mailing twice; empty for none."""
    if not count:
        return ""
    return (
        f"{counted(count, 'person', 'people')} received the email twice, because the provider had accepted "
        "a request that seemed lost. To see who they are, run `newsletter mailings show`. You may want to "
        "explain this to them."
    )


def note_acceptance(mailing_id: int, recipients: Sequence[int], *, batch_id: int, attempt: int) -> None:
    """Record that the latest post for these people was accepted. Call inside the transaction that marks them."""
    if not EarlierAcceptance.objects.exists():
        return  # as nearly always
    earlier = EarlierAcceptance.objects.filter(recipient__batch=batch_id, is_duplicate=False)
    earlier = earlier.exclude(batch=batch_id, attempt=attempt)
    if earlier.exists():
        _mark_duplicates(mailing_id, earlier.filter(recipient__in=set(recipients)))


def note_earlier_acceptance(recipients: Sequence[int], *, batch_id: int, attempt: int) -> None:
    """Record that a post was accepted that may not be the latest for these people, before their states change.

    Call inside a transaction that locks the mailing.
    """
    for some in portions(recipients):
        people = Recipient.objects.filter(pk__in=some).values_list("pk", "state", "batch", "batch__attempts")
        noted: dict[int, set[tuple[int, int]]] = {}
        for person, *post in EarlierAcceptance.objects.filter(recipient__in=some).values_list(
            "recipient", "batch", "attempt"
        ):
            noted.setdefault(person, set()).add((post[0], post[1]))
        this_post, new = (batch_id, attempt), []
        for person, state, batch, attempts in people:
            earlier = noted.get(person, set())
            if (batch, attempts) == this_post or this_post in earlier:
                continue
            # A recipient who is accepted, and not only by an earlier post, was accepted by the latest one.
            is_duplicate = bool(earlier) or state == State.ACCEPTED
            new.append(
                EarlierAcceptance(
                    recipient_id=person,
                    batch_id=batch_id,
                    attempt=attempt,
                    is_duplicate=is_duplicate,
                    found_at=timezone.now(),
                )
            )
        EarlierAcceptance.objects.bulk_create(new, ignore_conflicts=True)
        if found := [each.recipient_id for each in new if each.is_duplicate]:
            _report_duplicates(
                Batch.objects.values_list("mailing_id", flat=True).get(pk=batch_id), len(found)
            )


def settle_earlier_post(
    mailing_id: int, recipients: Sequence[int], *, batch_id: int, attempt: int, settled_by: str
) -> int:
    """Record that a post was accepted after it was given up; return how many recipients that settled.

    Call inside a transaction.
    """
    mailing = lock_mailing(mailing_id)
    note_earlier_acceptance(recipients, batch_id=batch_id, attempt=attempt)
    others = [state for state in State if state is not State.ACCEPTED]
    settled = set_recipients_state(recipients, of=others, state=State.ACCEPTED)
    if settled:
        sentence = (
            f"{counted(settled, 'recipient', 'recipients')} received the email from a request that we "
            "thought was lost."
        )
        record_decision(mailing, Decision.Act.SETTLE, decided_by=settled_by, sentence=sentence)
    close_given_up_batches(recipients)
    close_mailing_if_done(mailing_id)
    return settled


def close_given_up_batches(recipients: Sequence[int]) -> None:
    """Close batches again that were given up before a response came, because nothing else may do so."""
    for some in portions(recipients):
        given_up = Batch.objects.filter(
            pk__in=Recipient.objects.filter(pk__in=some).values("batch"),
            state__in=(Batch.State.UNKNOWN, Batch.State.WAITING),
        )
        for batch in given_up.select_for_update(of=("self",)):
            close_batch(batch, not_before=batch.not_before)


def _duplicate_rows(mailing: Mailing) -> QuerySet[EarlierAcceptance]:
    return EarlierAcceptance.objects.filter(recipient__batch__mailing=mailing, is_duplicate=True)


def _mark_duplicates(mailing_id: int, rows: QuerySet[EarlierAcceptance]) -> None:
    count = rows.update(is_duplicate=True)
    if count:
        _report_duplicates(mailing_id, count)


def _report_duplicates(mailing_id: int, count: int) -> None:
    """Report duplicates: in the log, among the decisions, and by a pause the first time."""
    mailing = Mailing.objects.get(pk=mailing_id)
    sentence = duplicates_sentence(count)
    is_first = count_duplicates(mailing) <= count
    log.error("Mailing %s: %s", mailing_id, sentence)
    record_decision(mailing, Decision.Act.SETTLE, decided_by="the check for duplicates", sentence=sentence)
    if is_first:
        pause_mailing(mailing_id, f"{sentence} To continue, resume the mailing.")
