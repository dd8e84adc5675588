"""Limits how many recipients may be sent to now: by rates per second and hour, and by a warm-up with growing days.

What was sent is stored in the database, so that all processes together keep the limits. The allowance is acquired
before the batch is claimed, and the unused part is returned.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from newsletter.environment import Environment
from newsletter.sending.models import SendingDay, SendRecord
from newsletter.sending_settings.current import sending_settings
from subscribers.leases import CLOCKS_DIFFER

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
KEPT = 2 * HOUR
# Without a warm-up plan: more than any list has.
UNLIMITED = 10**9


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many recipients may be sent to; `count` is None without a limit."""

    count: int | None = None
    departure: int = 0
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Throttled:
    """Nothing may be sent before this time, and why."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class WarmUpDay:
    """Where the warm-up is: the number of the day, how many emails were sent today (UTC), and the maximum."""

    number: int
    sent: int
    maximum: int


def warm_up_day() -> WarmUpDay | None:
    """Return where the warm-up is, or None if there is none or it is over."""
    plan, today = sending_settings().warm_up, timezone.now().astimezone(UTC).date()
    before = SendingDay.objects.filter(day__lt=today, count__gt=0).count() if plan else 0
    if before >= len(plan):
        return None
    sent = SendingDay.objects.filter(day=today).values_list("count", flat=True).first()
    return WarmUpDay(before + 1, sent or 0, plan[before])


def is_limited(environment: Environment) -> bool:
    """Return whether there is any sending limit."""
    return bool(environment.rate_per_second or environment.rate_per_hour or environment.warm_up)


def max_batch_size(most: int) -> int:
    """Return the size of planned batches, so that the rates allow one batch at once."""
    chosen = sending_settings()
    rates = (chosen.rate_per_second, chosen.rate_per_hour)
    return min(most, *(rate for rate in rates if rate)) if any(rates) else most


def acquire(wanted: int) -> Allowance | Throttled:
    """Acquire an allowance for at most `wanted` recipients, in one transaction that other processes wait for."""
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
    """Set records in the future to now: made while the clock was ahead, they would fill the rates until that time."""
    SendRecord.objects.filter(at__gt=now + CLOCKS_DIFFER).update(at=now)


def return_unused(grant: Allowance | None, *, left: int = 0) -> None:
    """Return the unused part of an allowance: all but the `left` recipients who were sent to."""
    if grant is None or grant.count is None or grant.count <= left:
        return
    unused = grant.count - left
    with transaction.atomic():
        departure = SendRecord.objects.filter(pk=grant.departure, count__gte=unused)
        if not departure.update(count=F("count") - unused):
            # The transaction that counted them was undone, and the count of the day with it.
            return
        SendingDay.objects.filter(day=grant.day or date.min, count__gte=unused).update(
            count=F("count") - unused
        )


def _lock_today(today: date) -> SendingDay:
    """Lock today's and yesterday's row, so that one process is alone, even at midnight; on SQLite any writer is."""
    SendingDay.objects.get_or_create(day=today)
    days = SendingDay.objects.select_for_update().filter(day__gte=today - timedelta(days=1)).order_by("day")
    return {each.day: each for each in days}[today]


def _allowances_by_rate(now: datetime) -> list[tuple[int, Throttled]]:
    environment = sending_settings()
    rates = ((environment.rate_per_second, SECOND, "second"), (environment.rate_per_hour, HOUR, "hour"))
    return [_allowance(most, span, name, now) for most, span, name in rates if most]


def _allowance(most: int, span: timedelta, name: str, now: datetime) -> tuple[int, Throttled]:
    """Return how many more may be sent in the span that ends now, and when the next may be sent if none."""
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
    """Return what the warm-up still allows today. Only days on which something was sent count."""
    plan = sending_settings().warm_up
    number = SendingDay.objects.filter(day__lt=today.day, count__gt=0).count()
    tomorrow = datetime.combine(today.day + timedelta(days=1), datetime.min.time(), UTC)
    if number >= len(plan):
        return UNLIMITED, Throttled(tomorrow, "")
    reason = (
        f"We have sent the maximum of {plan[number]:,} emails for day {number + 1} of the warm-up "
        "(NEWSLETTER_WARM_UP)."
    )
    return plan[number] - today.count, Throttled(tomorrow, reason)
