"""Detects emails about corrections that were not sent when their undo window was over, and why."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse

from newsletter.corrections.models import CorrectionNotice
from newsletter.notifications.detectors.notable_event import Kind, NotableEvent, was_notified


def blocked_corrections(since: datetime) -> Iterator[NotableEvent]:
    """Yield emails about corrections that are blocked. Each attempt to send one is a separate event."""
    found = CorrectionNotice.objects.filter(state=CorrectionNotice.State.BLOCKED, due_at__gte=since)
    for each in found.select_related("correction__article", "publication").order_by("pk"):
        key = f"blocked-correction:{each.pk}:{each.due_at:%Y%m%dT%H%M%S}"
        if was_notified(key):
            continue
        yield NotableEvent(
            key=key,
            kind=Kind.BLOCKED,
            subject=f"{Kind.BLOCKED.label}: correction to “{each.correction.article.title[:100]}”",
            text="This email about a correction is blocked, so it will not be sent until you decide what to do.",
            reason=each.blocked_reason,
            link=reverse("desk:correction-email", args=[each.correction_id, each.publication.slug]),
            publication=each.publication,
            data={"correction": each.correction_id},
        )
