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
from newsletter.scheduling.recurrence.local_time import instant_of, wall_of
from subscribers.models import Subscription


@dataclass(frozen=True, slots=True)
class Wave:
    """Readers who have their wall time at one moment: those of `zones`; with `rest`, all others as well."""

    at: datetime
    zones: tuple[str, ...]
    rest: bool


def wave_at(moment: datetime) -> str:
    """How batches name the wave of a moment: later ones sort after earlier ones."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def moment_of(wave: str) -> datetime:
    """The moment that a wave is named after."""
    return datetime.strptime(wave, "%Y-%m-%dT%H:%M%z")


def waves(schedule: Schedule) -> list[Wave]:
    """The moments at which an issue goes to its readers, the first first; one of them takes the rest."""
    publication = schedule.issue.publication
    return _waves(publication, datetime.fromisoformat(schedule.wall), schedule.tzinfo)


def first_moment(publication: Publication, at: datetime) -> datetime:
    """When the first reader's clock shows what the publication's clock shows at this moment; not before now."""
    zone = publication.tzinfo
    return max(_waves(publication, wall_of(at, zone), zone)[0].at, min(at, timezone.now()))


def _waves(publication: Publication, wall: datetime, home: ZoneInfo) -> list[Wave]:
    zones_at = defaultdict[datetime, list[str]](list)
    for name in _zones_of_readers(publication):
        zone = _known(name)
        if zone is not None:
            zones_at[instant_of(wall, zone)].append(name)
    at_home = instant_of(wall, home)
    zones_at[at_home].append(home.key)
    return [Wave(at, tuple(sorted(set(zones))), at == at_home) for at, zones in sorted(zones_at.items())]


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
