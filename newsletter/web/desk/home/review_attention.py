"""Newsletters with articles that are due for review, for the people who can record a review."""

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from newsletter.accounts.actor import Role
from newsletter.issues.archived_publications import open_publications
from newsletter.issues.article_reviews import due_reviews, with_reviews_in_sight
from newsletter.issues.models import Publication
from newsletter.issues.visible_to_actor import visible_with
from newsletter.web.desk.home.home_rows import SHOWN, Row
from subscribers.phrases import counted, shortened

SOON = timedelta(days=14)
LONGEST_TITLE = 100


def review_rows(publication: Publication | None) -> Iterator[Row]:
    """Yield a row for each newsletter with reviews that are overdue, or fall due within 14 days."""
    chosen = visible_with(open_publications(), Role.AUTHOR, "pk").order_by("name")
    if publication is not None:
        chosen = chosen.filter(pk=publication.pk)
    until = timezone.now().date() + timedelta(days=1) + SOON
    for each in with_reviews_in_sight(chosen, until=until)[: SHOWN + 1]:
        yield from _row(each)


def _row(publication: Publication) -> Iterator[Row]:
    today = timezone.localdate(timezone=publication.tzinfo)
    found = due_reviews(publication, until=today + SOON)
    if not found:
        return
    overdue = sum(each.due_on < today for each in found)
    soon = len(found) - overdue
    parts = (
        f"{counted(overdue, 'review is', 'reviews are')} overdue" if overdue else "",
        f"{counted(soon, 'review is', 'reviews are')} due within {SOON.days} days" if soon else "",
    )
    first = found[0]
    title, due = shortened(first.title, LONGEST_TITLE), f"{first.due_on.day} {first.due_on:%B %Y}"
    yield Row(
        badge="Review overdue" if overdue else "Review due",
        title=publication.name,
        path=f"{reverse('desk:article-reviews')}#calendar-{publication.slug}",
        act="Review",
        sentences=(f"{' and '.join(filter(None, parts))}. The first is “{title}”, due on {due}.",),
    )
