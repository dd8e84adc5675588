"""The posts of a mailing that, according to this database, were not made yet."""

from django.db.models import Max, Q

from newsletter.sending.models import Batch, Mailing, Recipient
from newsletter.sending.transport import BatchReference

State = Recipient.State
OPEN = (Batch.State.WAITING, Batch.State.POSTING, Batch.State.UNKNOWN)
# A post that was not accepted leaves no trace, so the accepted one may not be the next: a batch is posted at most 12
# times, and while we look for the cause of a rejection, many batches in a row are rejected.
ATTEMPTS_ASKED = 12
NEW_BATCHES_ASKED = 30
BATCHES_ASKED = 70


def not_made_posts(mailing: Mailing) -> list[BatchReference]:
    """Return the posts that would be made next, by batch and attempt."""
    batches = Batch.objects.filter(mailing=mailing, state__in=OPEN).order_by("number")
    rows = list(batches.values_list("number", "attempts"))
    last = Batch.objects.filter(mailing=mailing).aggregate(last=Max("number"))["last"] or 0
    rows = [*rows[:BATCHES_ASKED], *new_batches(mailing, after=last)]
    return [trace for number, attempts in rows for trace in next_attempts(mailing, number, attempts)]


def new_batches(mailing: Mailing, *, after: int) -> list[tuple[int, int]]:
    """Return the next batches that do not exist yet, as (number, attempts)."""
    return [(after + further, mailing.attempts_offset) for further in range(1, NEW_BATCHES_ASKED + 1)]


def next_attempts(mailing: Mailing, number: int, attempts: int) -> list[BatchReference]:
    return [_trace(mailing, number, attempts + further) for further in range(1, ATTEMPTS_ASKED + 1)]


def unposted_issue(mailing: Mailing) -> BatchReference | None:
    """Return a reference to the issue while, according to this database, nobody can have received it.

    A mailing that is planned again has a different key, so we ask about the issue. None for a mailing with another
    purpose, because others may have received the issue.
    """
    got_it = Q(state__in=(State.ACCEPTED, State.UNKNOWN)) | Q(batch__state=Batch.State.POSTING)
    if not mailing.sends_the_issue or mailing.attempts_offset:
        return None
    if Recipient.objects.filter(got_it, batch__mailing=mailing).exists():
        return None
    return _trace(mailing, 0, 0)


def _trace(mailing: Mailing, number: int, attempt: int) -> BatchReference:
    issue = mailing.issue
    return BatchReference(
        mailing=mailing.key,
        batch=-1,
        number=number,
        attempt=attempt,
        publication=issue.publication.slug,
        issue=issue.number,
        posted_at=mailing.planned_at,
    )
