"""A database that is older than what was sent: nothing goes from it until an administrator decides."""

from collections.abc import Iterator
from datetime import datetime

from newsletter.instance.guard import TO_SETTLE
from newsletter.instance.models import Residence
from newsletter.issues.page_urls import desk_path
from newsletter.notifications.detectors.finding import Fact, Kind, is_told


def quarantined(since: datetime) -> Iterator[Fact]:
    """That this database quarantined itself, each time that it did."""
    for row in Residence.objects.filter(quarantined_at__gte=since).exclude(quarantine=""):
        key = f"quarantine:{row.quarantined_at:%Y%m%dT%H%M%S.%f}"
        if not is_told(key):
            yield Fact(
                key=key,
                kind=Kind.QUARANTINED,
                subject=f"{Kind.QUARANTINED.label}: this database is older than what was sent",
                text=TO_SETTLE,
                reason=row.quarantine,
                link=desk_path(),
            )
