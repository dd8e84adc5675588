"""Times as editors read them: an instant by the clock of a zone, when an issue is sent, and how long that is."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from newsletter.scheduling.models import Schedule
from subscribers.text import counted

MINUTE, HOUR = 60, 3_600


def moment(at: datetime, zone: ZoneInfo) -> str:
    """Return an instant by the clock of a zone, such as Tuesday 1 December at 07:30; another year is named."""
    return _written(timezone.localtime(at, zone))


def send_time(schedule: Schedule) -> str:
    """Return when an issue is sent, such as Tuesday 1 December at 07:30 GMT (Europe/London)."""
    if schedule.readers_time:
        return f"{_written(datetime.fromisoformat(schedule.local_time))} by each reader’s own clock"
    at = timezone.localtime(schedule.due_at, schedule.tzinfo)
    return f"{_written(at)} {at:%Z} ({schedule.zone})"


def seconds_left(at: datetime) -> int:
    """Return how many seconds are left until an instant; 0 once it has come."""
    return max(0, round((at - timezone.now()).total_seconds()))


def span(seconds: int) -> str:
    """Return a span of time as a person says it: in minutes below two hours, then in full hours."""
    if seconds < MINUTE:
        return "less than a minute"
    if seconds < 2 * HOUR:
        return counted(round(seconds / MINUTE), "minute", "minutes")
    return f"{round(seconds / HOUR)} hours"


def _written(local: datetime) -> str:
    year = "" if local.year == timezone.now().year else f" {local.year}"
    return f"{local:%A} {local.day} {local:%B}{year} at {local:%H:%M}"
