"""Works out when each reader gets an issue that is sent at the same local time in every reader's own time zone.

Readers whose time zone is unknown have the publication's. Readers for whom the time has passed get the issue in the
first send window.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone

from newsletter.issues.models import Publication
from newsletter.scheduling.models import Schedule
from newsletter.scheduling.recurrence.local_time import to_local, to_utc
from subscribers.models import Subscription


@dataclass(frozen=True, slots=True)
class SendWindow:
    """Readers for whom the local time is at one moment: those in `zones` and, if `rest` is true, all other readers."""

    at: datetime
    zones: tuple[str, ...]
    rest: bool


def window_name(moment: datetime) -> str:
    """Return the name of the send window at a moment. Later names sort after earlier ones."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def window_start(send_window: str) -> datetime:
    """Return the moment of a send window, from its name."""
    return datetime.strptime(send_window, "%Y-%m-%dT%H:%M%z")


def send_windows(schedule: Schedule) -> list[SendWindow]:
    """Return the send windows of an issue, earliest first. One of them has `rest`."""
    publication = schedule.issue.publication
    return _send_windows(publication, datetime.fromisoformat(schedule.local_time), schedule.tzinfo)


def first_moment(publication: Publication, at: datetime) -> datetime:
    """Return when the first reader's clock shows the publication's local time at `at`, but not a moment in the past."""
    zone = publication.tzinfo
    return max(_send_windows(publication, to_local(at, zone), zone)[0].at, min(at, timezone.now()))


def _send_windows(publication: Publication, local_time: datetime, home: ZoneInfo) -> list[SendWindow]:
    zones_at = defaultdict[datetime, list[str]](list)
    for name in _zones_of_readers(publication):
        zone = _known(name)
        if zone is not None:
            zones_at[to_utc(local_time, zone)].append(name)
    first_time = to_utc(local_time, home)
    zones_at[first_time].append(home.key)
    return [
        SendWindow(at, tuple(sorted(set(zones))), at == first_time) for at, zones in sorted(zones_at.items())
    ]


def _zones_of_readers(publication: Publication) -> list[str]:
    active = Subscription.objects.filter(
        list=publication.mailing_list_id, state=Subscription.State.ACTIVE
    ).exclude(subscriber__zone="")
    return list(active.order_by().values_list("subscriber__zone", flat=True).distinct())


def _known(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
