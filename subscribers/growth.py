"""How a list grows and shrinks, from the consent log: who joined and who left, by period and by source."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import (
    Case,
    CharField,
    Count,
    DateTimeField,
    Exists,
    F,
    OuterRef,
    Q,
    Subquery,
    When,
)
from django.db.models.functions import Coalesce, Trunc
from django.utils import timezone

from subscribers.errors import Invalid
from subscribers.models import ConsentEntry, List, Subscription

Act = ConsentEntry.Act
PERIODS = ("day", "week", "month", "year")
JOINED = (Act.CONFIRMED, Act.ADDED, Act.IMPORTED, Act.CAME_BACK)
LEFT = (Act.LEFT, Act.SUPPRESSED)


@dataclass(frozen=True, slots=True)
class Growth:
    """What happened in the period that begins on `start`: who joined came by `source`, who left went by it."""

    start: date
    source: str
    joined: int
    left: int

    @property
    def net(self) -> int:
        """How much the list grew."""
        return self.joined - self.left


def growth(mailing_list: List, since: datetime | None = None, *, by: str = "month") -> list[Growth]:
    """The movements of a list, oldest first; periods begin at midnight of the current time zone, weeks on Monday.

    Asking somebody to confirm is no movement, confirming is. Raises Invalid for an unknown period.
    """
    if by not in PERIODS:
        raise Invalid(f"“{by}” is no period: give {', '.join(PERIODS)}.")
    entries = ConsentEntry.objects.filter(list=mailing_list).filter(_moved(mailing_list))
    if since is not None:
        entries = entries.filter(at__gte=since)
    counted = (
        entries.order_by()
        .annotate(start=Trunc("at", by, output_field=DateTimeField()), door=_door())
        .values("start", "door")
        .annotate(
            joined=Count("pk", filter=~Q(act__in=LEFT)),
            left=Count("pk", filter=Q(act__in=LEFT)),
        )
        .order_by("start", "door")
    )
    return [
        Growth(timezone.localdate(row["start"]), row["door"], row["joined"], row["left"]) for row in counted
    ]


def totals(rows: Iterable[Growth]) -> list[Growth]:
    """The same by period alone."""
    sums: dict[date, tuple[int, int]] = {}
    for row in rows:
        joined, left = sums.get(row.start, (0, 0))
        sums[row.start] = (joined + row.joined, left + row.left)
    return [Growth(start, "", joined, left) for start, (joined, left) in sums.items()]


def _moved(mailing_list: List) -> Q:
    moved = Q(act__in=(*JOINED, *LEFT))
    if mailing_list.double_opt_in:
        return moved
    # On such a list a sign-up is enough, unless somebody who had left was asked to confirm.
    confirmed = ConsentEntry.objects.filter(subscriber_id=OuterRef("subscriber_id"), list=mailing_list)
    return moved | Q(~Exists(confirmed.filter(act=Act.CONFIRMED)), act=Act.SIGNED_UP)


def _door() -> Case:
    """Who confirmed came by the door of their sign-up, not by the letter with the link."""
    first = Subscription.objects.filter(subscriber_id=OuterRef("subscriber_id"), list_id=OuterRef("list_id"))
    sign_up = Coalesce(Subquery(first.values("source")[:1]), F("source"))
    return Case(When(act=Act.CONFIRMED, then=sign_up), default=F("source"), output_field=CharField())
