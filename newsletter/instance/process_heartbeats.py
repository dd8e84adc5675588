"""Heartbeats of background processes, stored in the database so that any process can read them.

An old heartbeat, one from the future and a missing one all mean the same: we do not know that the scheduler is running.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from newsletter.instance.models import Heartbeat

SCHEDULER = "scheduler"
# Recorded whenever bounces could be read.
BOUNCES = "bounces"
EVERY_SECONDS = 10
# A heartbeat further from now than this, in the past or the future, shows that something is wrong.
LONG_SILENCE_SECONDS = 6 * EVERY_SECONDS


def record_heartbeat(name: str = SCHEDULER) -> None:
    """Record that a process is alive now."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": timezone.now()})


def last_heartbeat(name: str = SCHEDULER) -> datetime | None:
    """Return the time of the last heartbeat, by the clock of its machine, or None if there never was one."""
    return Heartbeat.objects.filter(name=name).values_list("at", flat=True).first()


def heartbeat_age(name: str = SCHEDULER) -> timedelta | None:
    """Return the age of the last heartbeat, below zero for one from the future, or None if there never was one."""
    at = last_heartbeat(name)
    return timezone.now() - at if at else None


def is_in_future(ago: timedelta) -> bool:
    """Return whether a heartbeat is so far in the future that a machine's clock must be wrong, here or there."""
    return ago.total_seconds() < -LONG_SILENCE_SECONDS


def why_overdue(ago: timedelta | None) -> str:
    """Return why scheduled work may not be done on time, given the age of the last heartbeat, or an empty string."""
    if ago is None:
        return "The scheduler has never run, so we are not fetching articles, drafting issues or starting mailings."
    seconds = ago.total_seconds()
    if is_in_future(ago):
        return (
            f"The database says that the scheduler last ran at a time that is {-seconds:,.0f} seconds in the future. "
            "The clock on this machine or another machine must be wrong."
        )
    if seconds > LONG_SILENCE_SECONDS:
        return (
            f"The scheduler last ran {seconds:,.0f} seconds ago, so we are not fetching articles, drafting "
            "issues or starting mailings at the moment."
        )
    return ""
