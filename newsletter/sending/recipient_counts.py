"""Counts the recipients of a mailing by state and reason, and lists them."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from django.db.models import Count, F, Q

from newsletter.sending.models import Batch, Mailing, Recipient
from newsletter.sending.open_batches import STOPPED
from subscribers import raw_sql
from subscribers.database import is_postgres

RECIPIENTS, BATCHES = raw_sql.table(Recipient), raw_sql.table(Batch)
# Batch by batch, in the order of the index: one group of a million rows takes SQLite three times as long.
_COUNTED_BY_SQLITE = (
    f"SELECT state, sum(number) FROM (SELECT batch_id, state, count(*) AS number FROM {RECIPIENTS} "  # noqa: S608 - our own names
    f"WHERE batch_id IN (SELECT id FROM {BATCHES} WHERE mailing_id = %(mailing)s) "
    "GROUP BY batch_id, state) AS of_batches GROUP BY state"
)
# PostgreSQL would look up the batch of each recipient. It needs not for a range of batches with consecutive IDs.
_COUNTED_BY_POSTGRESQL = (
    "WITH ranges AS (SELECT min(id) AS first, max(id) AS last FROM ("  # noqa: S608 - our own names
    f"SELECT id, id - row_number() OVER (ORDER BY id) AS range FROM {BATCHES} WHERE mailing_id = %(mailing)s"
    ") AS numbered GROUP BY range) "
    "SELECT state, sum(number) FROM ranges CROSS JOIN LATERAL ("
    f"SELECT batch_id, state, count(*) AS number FROM {RECIPIENTS} WHERE batch_id BETWEEN first AND last "
    "GROUP BY batch_id, state) AS of_batches GROUP BY state"
)
# A separate message that was started, or a request for everybody in a batch, and no outcome is known yet.
ON_THE_WAY = Q(batch__state=Batch.State.POSTING, state=Recipient.State.WAITING) & (
    Q(batch__current_recipient__isnull=True) | Q(pk=F("batch__current_recipient"))
)
HAVE_REASONS = (Recipient.State.SKIPPED, Recipient.State.REJECTED, Recipient.State.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientCounts:
    """How many recipients of a mailing are in each state. `posting` is the part of `waiting` that is being sent."""

    audience: int
    waiting: int = 0
    accepted: int = 0
    skipped: int = 0
    rejected: int = 0
    unknown: int = 0
    posting: int = 0

    @property
    def add_up(self) -> bool:
        """Whether every planned recipient is in one of the states."""
        return self.audience == self.waiting + self.accepted + self.skipped + self.rejected + self.unknown

    @property
    def open(self) -> int:
        """How many recipients do not have a final state yet."""
        return self.waiting + self.unknown

    def to_dict(self) -> dict[str, int]:
        """Return the counts for JSON."""
        return asdict(self)


def count_recipients(mailing: Mailing) -> RecipientCounts:
    """Count the recipients of a mailing by state."""
    counted = raw_sql.rows(
        _COUNTED_BY_POSTGRESQL if is_postgres() else _COUNTED_BY_SQLITE, {"mailing": mailing.pk}
    )
    posting = Recipient.objects.filter(
        batch__mailing=mailing, batch__state=Batch.State.POSTING, state=Recipient.State.WAITING
    ).count()
    return RecipientCounts(
        audience=mailing.audience, posting=posting, **{state: int(number) for state, number in counted}
    )


def count_on_the_way(mailing: Mailing) -> int:
    """Count the recipients to whom the email is being sent at the moment, which nobody can take back.

    If each recipient has a separate message, that is at most one recipient of a batch: once the mailing is paused or
    stopped, no other message begins. Otherwise it is everybody in the request.
    """
    return Recipient.objects.filter(ON_THE_WAY, batch__mailing=mailing).count()


def count_not_sent_after_stop(mailing: Mailing) -> int:
    """Count the recipients who will not be sent the email because the mailing was stopped.

    It is one statement, because batches may be closed at the same moment.
    """
    open_or_left_out = (Recipient.State.SKIPPED, Recipient.State.WAITING)
    left_out = Q(state=Recipient.State.SKIPPED, reason=STOPPED)
    not_sent = left_out | Q(state=Recipient.State.WAITING) & ~ON_THE_WAY
    return Recipient.objects.filter(not_sent, batch__mailing=mailing, state__in=open_or_left_out).count()


def count_reasons(mailing: Mailing, counts: RecipientCounts | None = None) -> dict[str, dict[str, int]]:
    """Count the reasons for which recipients were skipped, rejected or unknown: {state: {reason: count}}.

    The `counts`, if the caller knows them, say whether there are any. PostgreSQL may read all recipients to see that.
    """
    found: dict[str, dict[str, int]] = {}
    if counts and not (counts.skipped or counts.rejected or counts.unknown):
        return found
    rows = (
        # By state, so that the rows of a great many accepted people need not be read.
        Recipient.objects.filter(batch__mailing=mailing, state__in=HAVE_REASONS)
        .exclude(reason="")
        .values_list("state", "reason")
        .annotate(count=Count("pk"))
        .order_by("state", "-count", "reason")
    )
    for state, reason, count in rows:
        found.setdefault(state, {})[reason] = count
    return found


@dataclass(frozen=True, slots=True)
class RecipientRow:
    """A recipient for people to read; the address is empty if the person was erased."""

    recipient: int
    address: str
    state: str
    reason: str
    batch: int

    def to_dict(self) -> dict[str, object]:
        """Return the row for JSON."""
        return asdict(self)


def recipients_of(mailing: Mailing, state: Recipient.State | None = None) -> Iterator[RecipientRow]:
    """Yield the recipients of a mailing, all of them or those in one state."""
    recipients = Recipient.objects.filter(batch__mailing=mailing)
    if state is not None:
        recipients = recipients.filter(state=state)
    rows = recipients.values_list("pk", "subscriber__address", "state", "reason", "batch__number")
    for recipient, address, now, reason, batch in rows.order_by("pk").iterator(chunk_size=2_000):
        yield RecipientRow(recipient, address or "", now, reason, batch)
