"""How many recipients may go now: by rates per second and hour, and by a warm-up in which the days grow.

What went is kept in the database, so that all processes together keep the limits. Recipients are let go before their
batch is claimed; whoever did not leave after all is given back.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from newsletter.environment import Environment
from newsletter.sending.models import SendingDay, SendRecord
from subscribers.leases import CLOCKS_DIFFER

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
KEPT = 2 * HOUR
# No plan: more than any list has.
UNLIMITED = 10**9


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many may go; `count` is None where nothing limits them."""

    count: int | None = None
    departure: int = 0
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Throttled:
    """Nobody may go before then, and why."""

    until: datetime
    reason: str


def is_limited(environment: Environment) -> bool:
    """Whether anything limits how many go."""
    return bool(environment.rate_per_second or environment.rate_per_hour or environment.warm_up)


def max_batch_size(most: int) -> int:
    """The size in which batches are planned, so that one can go at once under the rates."""
    rates = (settings.NEWSLETTER.rate_per_second, settings.NEWSLETTER.rate_per_hour)
    return min(most, *(rate for rate in rates if rate)) if any(rates) else most


def acquire(wanted: int) -> Allowance | Throttled:
    """Let as many go as may, up to so many, in one transaction that others wait for."""
    with transaction.atomic():
        now = timezone.now()
        today = _lock_today(now.astimezone(UTC).date())
        clamp_future_send_records(now)
        rooms = [_warm_up_allowance(today), *_allowances_by_rate(now)]
        shut = [wait for room, wait in rooms if room <= 0]
        if shut:
            return max(shut, key=lambda wait: wait.until)
        count = min(wanted, *(room for room, _wait in rooms))
        departure = SendRecord.objects.create(at=now, count=count)
        SendingDay.objects.filter(pk=today.pk).update(count=F("count") + count)
        SendRecord.objects.filter(at__lt=now - KEPT).delete()
    return Allowance(count, departure.pk, today.day)


def clamp_future_send_records(now: datetime) -> None:
    """Date what was counted while the clock was ahead now: else it would fill the rates until that time comes."""
    SendRecord.objects.filter(at__gt=now + CLOCKS_DIFFER).update(at=now)


def return_unused(grant: Allowance | None, *, left: int = 0) -> None:
    """Take back those of a grant who did not leave after all: all of them but so many."""
    if grant is None or grant.count is None or grant.count <= left:
        return
    unused = grant.count - left
    with transaction.atomic():
        departure = SendRecord.objects.filter(pk=grant.departure, count__gte=unused)
        if not departure.update(count=F("count") - unused):
            # The transaction that counted them was undone, and the day's count with it.
            return
        SendingDay.objects.filter(day=grant.day or date.min, count__gte=unused).update(
            count=F("count") - unused
        )


def _lock_today(today: date) -> SendingDay:
    """Today's row. Whoever holds it and yesterday's is alone, also at midnight; on SQLite, whoever writes is."""
    SendingDay.objects.get_or_create(day=today)
    days = SendingDay.objects.select_for_update().filter(day__gte=today - timedelta(days=1)).order_by("day")
    return {each.day: each for each in days}[today]


def _allowances_by_rate(now: datetime) -> list[tuple[int, Throttled]]:
    environment = settings.NEWSLETTER
    rates = ((environment.rate_per_second, SECOND, "second"), (environment.rate_per_hour, HOUR, "hour"))
    return [_allowance(most, span, name, now) for most, span, name in rates if most]


def _allowance(most: int, span: timedelta, name: str, now: datetime) -> tuple[int, Throttled]:
    """How many more may go within the span that ends now, and when the next may if none."""
    gone = list(SendRecord.objects.filter(at__gt=now - span).order_by("at").values_list("at", "count"))
    used, until = sum(count for _at, count in gone), now
    left = used
    for at, count in gone:
        if left < most:
            break
        left, until = left - count, at + span
    return most - used, Throttled(
        until, f"We send at most {most:,} emails per {name} (NEWSLETTER_RATE_PER_{name.upper()})."
    )


def _warm_up_allowance(today: SendingDay) -> tuple[int, Throttled]:
    """What the warm-up leaves for today. Its days are those on which something went."""
    plan = settings.NEWSLETTER.warm_up
    number = SendingDay.objects.filter(day__lt=today.day, count__gt=0).count()
    tomorrow = datetime.combine(today.day + timedelta(days=1), datetime.min.time(), UTC)
    if number >= len(plan):
        return UNLIMITED, Throttled(tomorrow, "")
    reason = f"We sent all {plan[number]:,} emails that day {number + 1} of the warm-up allows (NEWSLETTER_WARM_UP)."
    return plan[number] - today.count, Throttled(tomorrow, reason)
