"""Defers a mailing: until a time, nothing of it is sent."""

from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from newsletter.scheduling.display_times import moment
from newsletter.sending.models import Mailing
from subscribers.clean_text import on_one_line
from subscribers.leases import CLOCKS_DIFFER


def defer_mailing(mailing_id: int, until: datetime, reason: str) -> bool:
    """Defer a mailing until a time, unless it is already deferred for longer; return whether that changed anything."""
    now = timezone.now()
    shorter = Q(not_before=None) | Q(not_before__lt=until) | Q(deferred_at__gt=now + CLOCKS_DIFFER)
    earlier = Mailing.objects.filter(shorter, pk=mailing_id)
    return bool(earlier.update(not_before=until, deferred_at=now, defer_reason=on_one_line(reason)))


def deferred_until(mailing: Mailing) -> datetime | None:
    """Return the time until which a mailing is deferred; None if it is not."""
    now = timezone.now()
    if mailing.not_before is None or mailing.not_before <= now:
        return None
    was_set_back = mailing.deferred_at is not None and mailing.deferred_at > now + CLOCKS_DIFFER
    return None if was_set_back else mailing.not_before


def why_deferred(mailing: Mailing) -> str:
    """Say until when a mailing is deferred, in its publication's time zone, and why; empty if it is not."""
    until = deferred_until(mailing)
    if mailing.state != Mailing.State.SENDING or until is None:
        return ""
    zone = mailing.issue.publication.tzinfo
    at = f"{moment(until, zone)} {until.astimezone(zone):%Z}"
    return f"Sending will continue on {at}. {mailing.defer_reason}".strip()
