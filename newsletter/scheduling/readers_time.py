"""One issue at the same wall time in every reader's own zone: which moments that makes, and for whom.

Readers whose zone is not known have the publication's. Readers whose moment has passed get the issue with the first.
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
    """Readers who have their wall time at one moment: those of `zones`; with `rest`, all others as well."""

    at: datetime
    zones: tuple[str, ...]
    rest: bool


def window_name(moment: datetime) -> str:
    """How batches name the wave of a moment: later ones sort after earlier ones."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def window_start(send_window: str) -> datetime:
    """The moment that a wave is named after."""
    return datetime.strptime(send_window, "%Y-%m-%dT%H:%M%z")


def send_windows(schedule: Schedule) -> list[SendWindow]:
    """The moments at which an issue goes to its readers, the first first; one of them takes the rest."""
    publication = schedule.issue.publication
    return _send_windows(publication, datetime.fromisoformat(schedule.local_time), schedule.tzinfo)


def first_moment(publication: Publication, at: datetime) -> datetime:
    """When the first reader's clock shows what the publication's clock shows at this moment; not before now."""
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
