"""Times, figures and states in the words of the desk."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from newsletter.issues.models import Issue
from newsletter.scheduling.models import Schedule
from newsletter.sending.ledger import Figures
from newsletter.sending.models import Recipient
from subscribers.text import counted

IN_WORDS = {
    Issue.State.DRAFT: "A draft. It does not go before somebody approves it.",
    Issue.State.APPROVED: "Approved. It goes once it has a time, or you send it.",
    Issue.State.SCHEDULED: "Approved and scheduled.",
    Issue.State.SENDING: "It is going out.",
    Issue.State.SENT: "It has gone out.",
    Issue.State.CANCELLED: "Cancelled. It is not sent, and its articles are free for other issues.",
    Issue.State.HELD: "Held. It does not go until somebody decides.",
}
BECAME = {
    Recipient.State.ACCEPTED: "Taken over for delivery",
    Recipient.State.WAITING: "Still waiting",
    Recipient.State.SKIPPED: "Left out",
    Recipient.State.REFUSED: "Refused",
    Recipient.State.UNKNOWN: "Not known",
}
MINUTE, HOUR = 60, 3_600


def moment(at: datetime, zone: ZoneInfo) -> str:
    """An instant by the clock of a zone, such as Tuesday 1 December at 07:30."""
    return _written(timezone.localtime(at, zone))


def going(schedule: Schedule) -> str:
    """When an issue goes, such as Tuesday 1 December at 07:30 GMT (Europe/London)."""
    if schedule.readers_time:
        return f"{_written(datetime.fromisoformat(schedule.wall))} by each reader’s own clock"
    at = timezone.localtime(schedule.due_at, schedule.tzinfo)
    return f"{_written(at)} {at:%Z} ({schedule.zone})"


def people(count: int) -> str:
    """So many people."""
    return counted(count, "person", "people")


def number(count: int) -> str:
    """A figure with its thousands apart."""
    return f"{count:,}"


def capital(text: str) -> str:
    """The text as a sentence begins."""
    return text[:1].upper() + text[1:]


def seconds_left(at: datetime) -> int:
    """How many seconds are left until an instant; 0 once it has come."""
    return max(0, round((at - timezone.now()).total_seconds()))


def span(seconds: int) -> str:
    """A span of time as a person says it: 4 minutes, 1 hour."""
    if seconds < MINUTE:
        return "less than a minute"
    if seconds < 2 * HOUR:
        return counted(round(seconds / MINUTE), "minute", "minutes")
    return f"{round(seconds / HOUR)} hours"


def countdown(seconds: int) -> str:
    """Minutes and seconds, such as 4:32."""
    return f"{seconds // MINUTE}:{seconds % MINUTE:02}"


def gone(counted: Figures) -> int:
    """Of how many it is said what became of them."""
    return counted.audience - counted.waiting


def percent_gone(counted: Figures) -> int:
    """The same in full tens of a hundred, so that it is not said anew each second."""
    return gone(counted) * 10 // max(counted.audience, 1) * 10


def became(counted: Figures, why: dict[str, dict[str, int]]) -> list[tuple[str, int, str]]:
    """Each state of recipients in words, how many are in it, and the reasons."""
    return [(label, getattr(counted, state), _reasons(why.get(state, {}))) for state, label in BECAME.items()]


def _reasons(why: dict[str, int]) -> str:
    return ", ".join(f"{reason} {count:,}" for reason, count in why.items())


def _written(local: datetime) -> str:
    year = "" if local.year == timezone.now().year else f" {local.year}"
    return f"{local:%A} {local.day} {local:%B}{year} at {local:%H:%M}"
