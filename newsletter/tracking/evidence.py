"""What events prove about answers that were lost: a request is accepted or refused as a whole, so one event of a batch
shows that all of it arrived; and whoever has an event of their own has the letter.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet

from newsletter.sending.answers import Accepted, Outcome, Refused
from newsletter.sending.models import Batch, Recipient
from newsletter.sending.settle import apply_evidence
from newsletter.tracking.models import Arrival, Event
from newsletter.tracking.people import Placed
from newsletter.tracking.queries import portions
from newsletter.tracking.reading import Report

SETTLED_BY = "SendGrid's event webhook"
DROPPED = Event.Kind.DROPPED.value
# Those that still count as not having got it, so that they might be sent to again.
OPEN = frozenset({Recipient.State.UNKNOWN.value, Recipient.State.WAITING.value})


def settle(new: Sequence[Placed]) -> None:
    """Write down what new reports prove. Inside the transaction that folds them."""
    settle_by_arrivals(_note_arrivals(new))
    _settle_those_named(new)


def settle_by_arrivals(batches: Iterable[int] | None = None) -> int:
    """Settle batches whose answer was lost and of whose request an event came, before or after that; for how many.

    Of some batches, by number, or of all. A batch that was called unknown after its events came is found here too.
    """
    arrived = Arrival.objects.filter(batch=OuterRef("pk"), attempt=OuterRef("attempts"))
    unsettled = Batch.objects.filter(
        Exists(arrived), Q(state=Batch.State.UNKNOWN) | Q(state=Batch.State.WAITING, attempts__gt=0)
    )
    if batches is None:
        return sum(_settle_whole(batch) for batch in unsettled)
    return sum(_settle_whole(batch) for some in portions(batches) for batch in unsettled.filter(pk__in=some))


def _settle_whole(batch: Batch) -> int:
    return apply_evidence(batch, [Outcome(list(_open_of(batch)), Accepted(batch.message_id))], SETTLED_BY)


def _open_of(batch: Batch) -> QuerySet[Recipient, int]:
    still_open = Recipient.objects.filter(batch=batch, state__in=OPEN)
    return still_open.order_by("pk").values_list("pk", flat=True)


def _note_arrivals(new: Sequence[Placed]) -> set[int]:
    """Keep which attempts of which batches arrived; the batches that reports about their own mailing name."""
    named = {(each.report.trace, each.mailing) for each in new if each.mailing}
    belonging: dict[int, int] = {}
    for some in portions({trace.batch for trace, _mailing in named}):
        belonging |= dict(Batch.objects.filter(pk__in=some).values_list("pk", "mailing_id"))
    arrivals = {
        (trace.batch, trace.attempt)
        for trace, mailing in named
        if trace.attempt and belonging.get(trace.batch) == mailing
    }
    Arrival.objects.bulk_create(
        [Arrival(batch_id=batch, attempt=attempt) for batch, attempt in sorted(arrivals)],
        ignore_conflicts=True,
    )
    return {batch for batch, _attempt in arrivals}


def _settle_those_named(new: Sequence[Placed]) -> None:
    """Whoever is reported on has it, or was dropped, wherever they wait now. A post in flight answers for itself."""
    dropped: defaultdict[int, dict[int, str]] = defaultdict(dict)
    taken: defaultdict[int, set[int]] = defaultdict(set)
    for report, _mailing, recipient, standing in new:
        if recipient is None or standing is None or standing.state not in OPEN:
            continue
        if report.kind == DROPPED:
            dropped[standing.batch][recipient] = reason_of(report)
        elif standing.batch_state != Batch.State.POSTING:
            taken[standing.batch].add(recipient)
    for batch in Batch.objects.filter(pk__in=dropped.keys() | taken.keys()):
        refused = [Outcome([one], Refused(reason)) for one, reason in sorted(dropped[batch.pk].items())]
        gone = Outcome(sorted(taken[batch.pk] - dropped[batch.pk].keys()), Accepted())
        apply_evidence(batch, [*refused, gone], SETTLED_BY)


def reason_of(report: Report) -> str:
    """What a recipient's row says about such a report."""
    return f"{report.kind}: {report.detail}" if report.detail else report.kind
