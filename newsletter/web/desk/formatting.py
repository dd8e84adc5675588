"""Formats times, figures and sentences for the pages of the desk."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from newsletter.scheduling.display_times import MINUTE, moment, seconds_left, send_time, span
from newsletter.sending.recipient_counts import RecipientCounts
from newsletter.sending.status_sentences import RECIPIENTS
from subscribers.phrases import counted, listed

__all__ = [
    "capital",
    "countdown",
    "day",
    "listed",
    "moment",
    "moment_and_zone",
    "number",
    "outcomes",
    "people",
    "seconds_left",
    "send_time",
    "settled_count",
    "settled_percent",
    "short_moment",
    "span",
    "when",
    "without_commands",
]


def short_moment(at: datetime, zone: ZoneInfo) -> str:
    """Return a moment in a time zone, such as “today at 09:41” or “Saturday 28 November at 09:41”."""
    local = timezone.localtime(at, zone)
    days = (timezone.localdate(timezone=zone) - local.date()).days
    day = {0: "today", 1: "yesterday"}.get(days) or moment(at, zone).rpartition(" at ")[0]
    return f"{day} at {local:%H:%M}"


def when(at: datetime, zone: ZoneInfo) -> str:
    """Return a short moment as a sentence needs it after a verb, such as “on Saturday 28 November at 09:41”."""
    short = short_moment(at, zone)
    return short if short.startswith(("today", "yesterday")) else f"on {short}"


def day(at: datetime, zone: ZoneInfo) -> str:
    """Return the day of a moment in a time zone, such as “28 November”."""
    local = timezone.localtime(at, zone)
    return f"{local.day} {local:%B}"


def people(count: int) -> str:
    """Return a number of people, such as “1 person” or “2,000 people”."""
    return counted(count, "person", "people")


def number(count: int) -> str:
    """Return a number with thousands separators."""
    return f"{count:,}"


def capital(text: str) -> str:
    """Return the text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def moment_and_zone(at: datetime, zone: ZoneInfo) -> str:
    """Return a moment with the name of its offset, which tells apart two times that a clock shows the same."""
    return f"{moment(at, zone)} {at.astimezone(zone):%Z}"


def countdown(seconds: int) -> str:
    """Return minutes and seconds, such as 4:32."""
    return f"{seconds // MINUTE}:{seconds % MINUTE:02}"


def settled_count(counted: RecipientCounts) -> int:
    """Return how many recipients are no longer waiting."""
    return counted.audience - counted.waiting


def settled_percent(counted: RecipientCounts) -> int:
    """Return the percentage that is no longer waiting, rounded down to tens.

    Without rounding, screen readers would read it out every second.
    """
    return settled_count(counted) * 10 // max(counted.audience, 1) * 10


def outcomes(counted: RecipientCounts, why: dict[str, dict[str, int]]) -> list[tuple[str, int, str]]:
    """Return the label of each recipient state, how many recipients are in it, and the reasons."""
    return [
        (status.label, getattr(counted, state), _reasons(why.get(state, {})))
        for state, status in RECIPIENTS.items()
    ]


def _reasons(why: dict[str, int]) -> str:
    return ", ".join(f"{reason} {count:,}" for reason, count in why.items())


def without_commands(sentences: str) -> str:
    """Return what an error says without the sentences that name a shell command: nobody types one at the desk."""
    kept = [each for each in re.split(r"(?<=[.!?:]) ", sentences) if "`newsletter " not in each]
    return " ".join(kept) or "You cannot do this in the desk. Ask an administrator."
