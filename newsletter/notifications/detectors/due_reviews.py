"""Detects articles whose review is due: each once for each day on which it is due, and all of a day together."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from newsletter.issues.article_reviews import DueReview, due_reviews, with_reviews_in_sight
from newsletter.issues.models import Publication
from newsletter.notifications.detectors.notable_event import Kind, NotableEvent, was_notified
from newsletter.notifications.models import Notification, NotifiedReview
from subscribers.phrases import counted, shortened

MOST_NAMED = 20
LONGEST_TITLE = 150


def reviews_due(since: datetime) -> Iterator[NotableEvent]:  # noqa: ARG001 - every detector gets it
    """Yield publications of which reviews have fallen due, at most once a day, with the articles."""
    # In some time zones, the next day has begun.
    tomorrow = timezone.now().date() + timedelta(days=1)
    publications = Publication.objects.filter(archived_at=None).order_by("pk")
    for publication in with_reviews_in_sight(publications, until=tomorrow):
        day = timezone.localdate(timezone=publication.tzinfo)
        key = f"reviews-due:{publication.pk}:{day}"
        if was_notified(key):
            continue
        if found := _not_notified(publication, day):
            yield _event(publication, key, found)


def _not_notified(publication: Publication, day: date) -> list[DueReview]:
    notified = set(NotifiedReview.objects.filter(publication=publication).values_list("article", "due_on"))
    found = due_reviews(publication, until=day)
    return [each for each in found if (each.article, each.due_on) not in notified]


def _event(publication: Publication, key: str, found: Sequence[DueReview]) -> NotableEvent:
    def remember(_notification: Notification) -> None:
        NotifiedReview.objects.bulk_create(
            [
                NotifiedReview(publication=publication, article_id=each.article, due_on=each.due_on)
                for each in found
            ],
            ignore_conflicts=True,
            batch_size=500,
        )

    named = [f"“{shortened(each.title, LONGEST_TITLE)}”: {_day(each.due_on)}" for each in found[:MOST_NAMED]]
    if len(found) > MOST_NAMED:
        named.append(f"and {len(found) - MOST_NAMED:,} more")
    return NotableEvent(
        key=key,
        kind=Kind.REVIEWS_DUE,
        subject=f"{Kind.REVIEWS_DUE.label}: {publication.name}",
        text=f"{counted(len(found), 'article is', 'articles are')} due for review.",
        reason="\n\n".join(named),
        link=f"{reverse('desk:article-reviews')}#calendar-{publication.slug}",
        publication=publication,
        data={
            "due": len(found),
            "articles": [
                {"article": each.article, "due_on": each.due_on.isoformat()} for each in found[:MOST_NAMED]
            ],
        },
        also=remember,
    )


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
