"""How a list grows and shrinks, from the consent log: who subscribed and who unsubscribed, by period and source."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, DateTimeField, Q
from django.db.models.functions import Trunc
from django.utils import timezone

from subscribers.errors import Invalid
from subscribers.models import ConsentEntry, List

PERIODS = ("day", "week", "month", "year")


@dataclass(frozen=True, slots=True)
class Growth:
    """What happened in the period that begins on `start`, for one `source` of subscriptions and unsubscriptions."""

    start: date
    source: str
    joined: int
    left: int

    @property
    def net(self) -> int:
        """Return how much the list grew."""
        return self.joined - self.left


def growth(mailing_list: List, since: datetime | None = None, *, by: str = "month") -> list[Growth]:
    """Return the movements of a list, oldest first. Periods begin at midnight of the current time zone, weeks on
    Monday.

    Asking somebody to confirm is not a movement; confirming is. All movements before a moment add up to the
    people who were active then, including people erased since. Raises Invalid for an unknown period.
    """
    if by not in PERIODS:
        raise Invalid(f"“{by}” is not a period. Use {', '.join(PERIODS)}.")
    entries = ConsentEntry.objects.filter(list=mailing_list).exclude(moved=0)
    if since is not None:
        entries = entries.filter(at__gte=since)
    counted = (
        entries.order_by()
        .annotate(start=Trunc("at", by, output_field=DateTimeField()))
        .values("start", "counted_by")
        .annotate(joined=Count("pk", filter=Q(moved=1)), left=Count("pk", filter=Q(moved=-1)))
        .order_by("start", "counted_by")
    )
    return [
        Growth(timezone.localdate(row["start"]), row["counted_by"], row["joined"], row["left"])
        for row in counted
    ]


def totals(rows: Iterable[Growth]) -> list[Growth]:
    """Return the same figures by period only."""
    sums: dict[date, tuple[int, int]] = {}
    for row in rows:
        joined, left = sums.get(row.start, (0, 0))
        sums[row.start] = (joined + row.joined, left + row.left)
    return [Growth(start, "", joined, left) for start, (joined, left) in sums.items()]
