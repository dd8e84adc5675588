"""Times for editors to read: a moment in a time zone, when an issue will be sent, and how long that is from now."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from newsletter.scheduling.models import Schedule
from subscribers.phrases import counted

MINUTE, HOUR = 60, 3_600


def moment(at: datetime, zone: ZoneInfo) -> str:
    """Return a moment in a time zone, such as Tuesday 1 December at 07:30. The year is added unless it is this year."""
    return _written(timezone.localtime(at, zone))


def send_time(schedule: Schedule) -> str:
    """Return when an issue will be sent, such as Tuesday 1 December at 07:30 GMT (Europe/London)."""
    if schedule.readers_time:
        return f"{_written(datetime.fromisoformat(schedule.local_time))} in each reader’s time zone"
    at = timezone.localtime(schedule.due_at, schedule.tzinfo)
    offset = f"{at:%Z}"
    return f"{_written(at)} {offset}" + (f" ({schedule.zone})" if schedule.zone != offset else "")


def seconds_left(at: datetime) -> int:
    """Return how many seconds are left until a moment, or 0 if it has passed."""
    return max(0, round((at - timezone.now()).total_seconds()))


def span(seconds: int) -> str:
    """Return a duration in words: in minutes if it is under 2 hours, otherwise in full hours."""
    if seconds < MINUTE:
        return "less than a minute"
    if seconds < 2 * HOUR:
        return counted(round(seconds / MINUTE), "minute", "minutes")
    return f"{round(seconds / HOUR)} hours"


def _written(local: datetime) -> str:
    year = "" if local.year == timezone.now().year else f" {local.year}"
    return f"{local:%A} {local.day} {local:%B}{year} at {local:%H:%M}"
