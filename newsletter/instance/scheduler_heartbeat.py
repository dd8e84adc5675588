"""Who works beside the web, and when it last gave a sign: written into the database, so that any process can tell.

A sign that is old, one from the future and none at all mean the same: nobody can say that the clock ticks.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from newsletter.instance.models import Heartbeat

SCHEDULER = "scheduler"
# Whenever bounces could be read.
BOUNCES = "bounces"
EVERY_SECONDS = 10
# Signs further away than this, before or after now, show that something is wrong.
LONG_SILENCE_SECONDS = 6 * EVERY_SECONDS


def record_heartbeat(name: str = SCHEDULER) -> None:
    """Give a sign."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": timezone.now()})


def last_heartbeat(name: str = SCHEDULER) -> datetime | None:
    """When the last sign was given, by the clock of the machine that gave it; None when there never was one."""
    return Heartbeat.objects.filter(name=name).values_list("at", flat=True).first()


def heartbeat_age(name: str = SCHEDULER) -> timedelta | None:
    """How long ago the last sign was, below zero for one from the future; None when there never was one."""
    at = last_heartbeat(name)
    return timezone.now() - at if at else None


def is_in_future(ago: timedelta) -> bool:
    """Whether a sign is from so far in the future that a clock was set wrong, here or where it was given."""
    return ago.total_seconds() < -LONG_SILENCE_SECONDS


def why_overdue(ago: timedelta | None) -> str:
    """Why nobody can rely on what is due being done, from how long ago the last sign was; empty when all is well."""
    if ago is None:
        return "The scheduler has never ticked: nothing is done at its time."
    seconds = ago.total_seconds()
    if is_in_future(ago):
        return f"The scheduler last ticked {-seconds:,.0f} seconds in the future: a machine's time is wrong."
    if seconds > LONG_SILENCE_SECONDS:
        return f"The scheduler last ticked {seconds:,.0f} seconds ago: nothing is done at its time."
    return ""
