"""Detects a database that is older than the emails already sent. It sends nothing until an administrator decides."""

from collections.abc import Iterator
from datetime import datetime

from newsletter.instance.guard import HOW_TO_END_QUARANTINE
from newsletter.instance.models import Instance
from newsletter.issues.page_urls import desk_path
from newsletter.notifications.detectors.notable_event import Kind, NotableEvent, was_notified


def quarantined(since: datetime) -> Iterator[NotableEvent]:
    """Yield an event each time this database has quarantined itself."""
    for row in Instance.objects.filter(quarantined_at__gte=since).exclude(quarantine=""):
        key = f"quarantine:{row.quarantined_at:%Y%m%dT%H%M%S.%f}"
        if not was_notified(key):
            yield NotableEvent(
                key=key,
                kind=Kind.QUARANTINED,
                subject=f"{Kind.QUARANTINED.label}: the database is an older copy, made before some emails were sent",
                text=HOW_TO_END_QUARANTINE,
                reason=row.quarantine,
                link=desk_path(),
            )
