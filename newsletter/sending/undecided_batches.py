"""Batches whose outcome is not known yet, and mailings that only a person can end."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, Max, Min, OuterRef, QuerySet
from django.utils import timezone

from newsletter.sending.models import Batch, Mailing, Recipient
from subscribers.phrases import counted

# After this, evidence has arrived or will not arrive soon.
LONG = timedelta(hours=1)
MAX_REASONS = 3
NOT_DONE = (Batch.State.POSTING, Batch.State.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfinishedBatch:
    """A batch that is being posted, or in which `unknown` recipients may or may not have received the email."""

    id: int
    state: str
    posted_at: datetime | None
    unknown: int
    reason: str


def unfinished_batches(mailing: Mailing) -> list[UnfinishedBatch]:
    """Return the unfinished batches of a mailing.

    The reasons are those of the people in doubt alone, because somebody decides by them what happened to these people.
    """
    reasons: dict[int, dict[str, int]] = {}
    # By the unfinished batches, which are few: else SQLite reads the recipients of all mailings in their order.
    doubtful = Recipient.objects.filter(
        batch__in=mailing.batches.filter(state__in=NOT_DONE).order_by().values("pk"),
        state=Recipient.State.UNKNOWN,
    )
    rows = doubtful.values_list("batch_id", "reason").annotate(first=Min("pk"), number=Count("pk"))
    for batch, reason, _first, number in rows.order_by("first"):
        reasons.setdefault(batch, {})[reason] = number
    return [
        UnfinishedBatch(
            id=batch,
            state=state,
            posted_at=posted_at,
            unknown=sum(reasons.get(batch, {}).values()),
            reason=_most_frequent(reasons.get(batch, {})),
        )
        for batch, state, posted_at in mailing.batches.filter(state__in=NOT_DONE)
        .order_by("pk")
        .values_list("pk", "state", "posted_at")
    ]


def undecided_mailings(since: datetime) -> QuerySet[Mailing]:
    """Return the mailings that wait for nothing but a decision about people in doubt, and have done so for an hour.

    Those whose last post was before `since` are left out.
    """
    of_mailing = Batch.objects.filter(mailing=OuterRef("pk"))
    return (
        Mailing.objects.filter(state=Mailing.State.SENDING, finished_at=None)
        .filter(Exists(of_mailing.filter(state=Batch.State.UNKNOWN)))
        .exclude(Exists(of_mailing.filter(state__in=(Batch.State.WAITING, Batch.State.POSTING))))
        .annotate(last_post=Max("batches__posted_at"))
        .filter(last_post__gte=since, last_post__lte=timezone.now() - LONG)
    )


def _most_frequent(reasons: dict[str, int]) -> str:
    named = sorted(filter(None, reasons), key=lambda reason: -reasons[reason])
    return " ".join(named[:MAX_REASONS])


def undecided_sentence(mailing: Mailing) -> str:
    """Say how many people are in doubt, and what somebody can do about it."""
    unknown = Recipient.objects.filter(batch__mailing=mailing, state=Recipient.State.UNKNOWN).count()
    return (
        f"We do not know whether {counted(unknown, 'person', 'people')} received this email. We will not "
        "send it to them again, unless you tell us to. To see who they are, run `newsletter mailings show "
        f"{mailing.pk}`. To record what you know, run `newsletter mailings settle {mailing.pk}`."
    )
