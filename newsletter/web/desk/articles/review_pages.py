"""The review of an article, and the calendar of what falls due for each newsletter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from newsletter.errors import NewsletterError
from newsletter.issues.archived_publications import open_publications
from newsletter.issues.article_reviews import (
    DueReview,
    due_reviews,
    record_review,
    review_of,
    review_version,
)
from newsletter.issues.models import Publication
from newsletter.web.desk.articles.article_page import article_at, show_article
from newsletter.web.desk.desk_page import Undo, desk, done, show
from newsletter.web.desk.form_error import FormError, field_of
from newsletter.web.desk.publication_choice import chosen_publication
from subscribers.typed_days import typed_day

DAYS_AHEAD = 366
MOST_SHOWN = 500
DAYS = ("reviewed_on", "due_on")


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the calendar, or all months that are over, with what is due in it."""

    title: str
    reviews: Sequence[DueReview]
    is_overdue: bool = False


@desk("GET", "HEAD")
def calendar(request: HttpRequest) -> HttpResponse:
    """Show which reviews are overdue, and which fall due within a year, by newsletter and month."""
    chosen = chosen_publication(request)
    publications = [chosen] if chosen else list(open_publications().order_by("name"))
    return show(
        request,
        "articles/reviews",
        calendars=[(publication, _months(publication)) for publication in publications],
    )


@desk("POST", page="article")
def review(request: HttpRequest, article: int) -> HttpResponse:
    """Store when the article was last reviewed, and when the next review is due."""
    found = article_at(article)
    before = review_of(found)
    try:
        days = {name: typed_day(request.POST.get(name, ""), name) for name in DAYS}
        changed = record_review(article, **days, seen=request.POST.get("seen"))
    except NewsletterError as error:
        field = field_of(error)
        form = f"review-{field}" if field else "review"
        return show_article(
            request, found, FormError.of(error, form, {name: request.POST.get(name, "") for name in DAYS})
        )
    page = f"{reverse('desk:article', args=[article])}#review"
    if not changed:
        return done(request, "Nothing was changed.", page)
    days_before = {name: day.isoformat() if (day := getattr(before, name)) else "" for name in DAYS}
    fields = {**days_before, "seen": review_version(found)}
    return done(request, "The review was saved.", page, undo=Undo(request.path, fields))


def _months(publication: Publication) -> list[Month]:
    today = timezone.localdate(timezone.now(), publication.tzinfo)
    found = due_reviews(publication, until=today + timedelta(days=DAYS_AHEAD))[:MOST_SHOWN]
    overdue = [each for each in found if each.due_on < today]
    months: dict[str, list[DueReview]] = {}
    for each in found[len(overdue) :]:
        months.setdefault(f"{each.due_on:%B %Y}", []).append(each)
    calendar = [Month("Overdue", overdue, is_overdue=True)] if overdue else []
    return [*calendar, *(Month(title, reviews) for title, reviews in months.items())]
