"""Detects sources that have been failing for a day."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from newsletter.articles.models import Source
from newsletter.notifications.detectors.notable_event import Kind, NotableEvent, describe_moment, was_notified

LONG = timedelta(days=1)


def failing(since: datetime) -> Iterator[NotableEvent]:
    """Yield sources that have been failing for a day. A source is notified again only after it has recovered."""
    now = timezone.now()
    sources = Source.objects.filter(
        active=True, failing_since__lte=now - LONG, failing_since__gt=since - LONG
    )
    for each in sources.order_by("pk"):
        assert each.failing_since is not None
        key = f"failing:{each.pk}:{each.failing_since:%Y%m%dT%H%M%S}"
        if was_notified(key):
            continue
        yield NotableEvent(
            key=key,
            kind=Kind.FAILING,
            subject=f"{Kind.FAILING.label}: {each}",
            text=f"We have not been able to read the source {each} since "
            f"{describe_moment(each.failing_since, timezone.get_default_timezone())}.",
            reason=each.error,
            link=reverse("desk:source", args=[each.pk]),
            data={"source": each.name, "failing_since": each.failing_since.isoformat()},
        )
