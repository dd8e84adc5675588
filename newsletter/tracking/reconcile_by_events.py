"""Settles lost responses by events. A request is accepted or rejected whole, so one event of a batch proves that all
of it arrived; and a recipient with an event has received the email.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from django.db.models import Exists, OuterRef, Q, QuerySet

from newsletter.sending.models import Batch, Recipient
from newsletter.sending.outcomes import Accepted, RecipientsOutcome, Rejected
from newsletter.sending.proven_duplicates import settle_earlier_post
from newsletter.sending.reconcile_unknown_recipients import apply_evidence
from newsletter.tracking.event_queries import RecipientState
from newsletter.tracking.match_recipients import MatchedReport
from newsletter.tracking.models import BatchArrival, Event
from newsletter.tracking.parse_events import BOUNCE_MAILBOX, SENDGRID, SMTP_SERVER, Report
from subscribers.database import portions

SETTLED_BY = "SendGrid's event webhook"
BY_A_BOUNCE = "a message in the bounce mailbox"
DROPPED = Event.Kind.DROPPED.value
# The states of recipients who count as not reached, so that they might be sent to again.
REACHED = frozenset(
    kind.value
    for kind in (
        Event.Kind.DELIVERED,
        Event.Kind.OPENED,
        Event.Kind.MACHINE_OPENED,
        Event.Kind.CLICKED,
        Event.Kind.COMPLAINED,
        Event.Kind.UNSUBSCRIBED,
    )
)
NOT_GOT = frozenset({Recipient.State.REJECTED.value, Recipient.State.SKIPPED.value})
OPEN = frozenset({Recipient.State.UNKNOWN.value, Recipient.State.WAITING.value})


def settle(new: Sequence[MatchedReport]) -> None:
    """Record what new reports prove. Call inside the transaction that processes them."""
    # The ledger already knows what the server said during sending.
    reported = [each for each in new if each.report.reporter != SMTP_SERVER]
    settle_by_arrivals(_note_arrivals(reported))
    by_mail = [each for each in reported if each.report.reporter == BOUNCE_MAILBOX]
    _settle_those_named([each for each in reported if each.report.reporter == SENDGRID], SETTLED_BY)
    _settle_those_named(by_mail, BY_A_BOUNCE)


def settle_by_arrivals(batches: Iterable[int] | None = None) -> int:
    """Settle batches with a lost response for which an event came, before or after; return how many recipients.

    For some batches, by ID, or for all. Also finds batches that became unknown after their events came.
    """
    arrived = BatchArrival.objects.filter(batch=OuterRef("pk"), attempt=OuterRef("attempts"))
    unsettled = Batch.objects.filter(
        Exists(arrived), Q(state=Batch.State.UNKNOWN) | Q(state=Batch.State.WAITING, attempts__gt=0)
    )
    if batches is None:
        return sum(_settle_whole(batch) for batch in unsettled)
    return sum(_settle_whole(batch) for some in portions(batches) for batch in unsettled.filter(pk__in=some))


def _settle_whole(batch: Batch) -> int:
    return apply_evidence(
        batch, [RecipientsOutcome(list(_open_of(batch)), Accepted(batch.message_id))], SETTLED_BY
    )


def _open_of(batch: Batch) -> QuerySet[Recipient, int]:
    still_open = Recipient.objects.filter(batch=batch, state__in=OPEN)
    return still_open.order_by("pk").values_list("pk", flat=True)


def _note_arrivals(new: Sequence[MatchedReport]) -> set[int]:
    """Record which attempts of batches arrived; return the batches that reports about their own mailing name."""
    named = {(each.report.trace, each.mailing) for each in new if each.mailing}
    belonging: dict[int, int] = {}
    for some in portions({trace.batch for trace, _mailing in named}):
        belonging |= dict(Batch.objects.filter(pk__in=some).values_list("pk", "mailing_id"))
    arrivals = {
        (trace.batch, trace.attempt)
        for trace, mailing in named
        if trace.attempt and belonging.get(trace.batch) == mailing
    }
    BatchArrival.objects.bulk_create(
        [BatchArrival(batch_id=batch, attempt=attempt) for batch, attempt in sorted(arrivals)],
        ignore_conflicts=True,
    )
    return {batch for batch, _attempt in arrivals}


def _settle_those_named(new: Sequence[MatchedReport], settled_by: str) -> None:
    """Settle the recipients in reports: the email was delivered or dropped. A current post gives its own outcome.

    This includes recipients who were rejected or left out meanwhile, and those whom an earlier, lost post reached.
    """
    dropped: defaultdict[int, dict[int, str]] = defaultdict(dict)
    taken: defaultdict[int, set[int]] = defaultdict(set)
    earlier: defaultdict[tuple[int, int, int], set[int]] = defaultdict(set)
    for report, _mailing, recipient, recorded in new:
        if recipient is None or recorded is None:
            continue
        if report.kind == DROPPED:
            if recorded.state in OPEN:
                dropped[recorded.batch][recipient] = reason_of(report)
        elif _is_of_earlier_post(report, recorded):
            earlier[recorded.mailing, report.trace.batch, report.trace.attempt].add(recipient)
        elif _proves_more(report, recorded):
            taken[recorded.batch].add(recipient)
    _settle_earlier(earlier)
    for batch in Batch.objects.filter(pk__in=dropped.keys() | taken.keys()):
        refused = [
            RecipientsOutcome([one], Rejected(reason)) for one, reason in sorted(dropped[batch.pk].items())
        ]
        gone = RecipientsOutcome(sorted(taken[batch.pk] - dropped[batch.pk].keys()), Accepted())
        apply_evidence(batch, [*refused, gone], settled_by)


def _settle_earlier(earlier: Mapping[tuple[int, int, int], AbstractSet[int]]) -> None:
    known = dict(
        Batch.objects.filter(pk__in={batch for _, batch, _ in earlier}).values_list("pk", "mailing_id")
    )
    for (mailing, batch, attempt), recipients in sorted(earlier.items()):
        if known.get(batch) == mailing:
            settle_earlier_post(
                mailing, sorted(recipients), batch_id=batch, attempt=attempt, settled_by=SETTLED_BY
            )


def _is_of_earlier_post(report: Report, recorded: RecipientState) -> bool:
    """Return whether a report is about a post before the latest one for that person."""
    trace = report.trace
    if not (trace.batch and trace.attempt) or report.kind == Event.Kind.OTHER:
        return False
    return trace.batch != recorded.batch or trace.attempt < recorded.attempts


def _proves_more(report: Report, recorded: RecipientState) -> bool:
    """Return whether a report on the latest post proves a delivery that the ledger does not know."""
    if recorded.state in OPEN:
        return recorded.batch_state != Batch.State.POSTING
    if recorded.state not in NOT_GOT or report.kind == Event.Kind.OTHER:
        return False
    # SendGrid also reports "processed" for emails that it drops afterwards.
    return report.kind in REACHED or not recorded.reason.startswith(DROPPED)


def reason_of(report: Report) -> str:
    """Return the reason to store in the recipient row for a report."""
    return f"{report.kind}: {report.detail}" if report.detail else report.kind
