"""Detects sources that have changed in a way that needs a person to look."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse

from newsletter.articles.models import Source
from newsletter.notifications.detectors.notable_event import Kind, NotableEvent, was_notified


def changed(since: datetime) -> Iterator[NotableEvent]:
    """Yield sources that have changed. A source is notified again only if it changes again after it was settled."""
    for each in Source.objects.filter(active=True, changed_since__gt=since).order_by("pk"):
        assert each.changed_since is not None
        key = f"changed:{each.pk}:{each.changed_since:%Y%m%dT%H%M%S}"
        if was_notified(key):
            continue
        waiting = each.articles.exclude(waiting_since=None).count()
        yield NotableEvent(
            key=key,
            kind=Kind.CHANGED,
            subject=f"{Kind.CHANGED.label}: {each}",
            text=(
                f"The source {each} has changed. {each.change} We will not use its new articles until you "
                "accept the change or the source changes back. To accept it, open the list of sources, "
                "select this source, and choose “Accept the change”."
            ),
            link=reverse("desk:source", args=[each.pk]),
            data={
                "source": each.name,
                "changed_since": each.changed_since.isoformat(),
                "change": each.change,
                "articles_waiting": waiting,
            },
        )
