"""The inbox of articles: search and filters, one page of articles, and acts on a selection of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from newsletter.accounts.actor import Role
from newsletter.articles.models import Article, Source
from newsletter.articles.search_articles import ArticleSearch, State, search_articles, topics_in_use
from newsletter.errors import InvalidFields
from newsletter.issues.article_uses import edited_since_sent, sent_articles, used_articles
from newsletter.issues.change_locks import CHANGEABLE
from newsletter.issues.models import Issue, Publication
from newsletter.issues.visible_to_actor import visible_with
from newsletter.web.desk.articles.article_badges import article_rows
from newsletter.web.desk.articles.short_dates import Dates
from newsletter.web.desk.desk_page import desk, show
from newsletter.web.desk.form_error import FormError
from subscribers.typed_days import typed_day

MAX_DRAFTS = 20
PERIODS = {"": "Any time", "1": "Last 24 hours", "7": "Last 7 days", "31": "Last month", "366": "Last year"}
SHOWN = {
    "": "All articles",
    "unused": "Not in an issue yet",
    "sent": "Sent",
    "edited": "Edited since they were sent",
    "withdrawn": "Withdrawn by their source",
    "excluded": "Excluded",
    "waiting": "Waiting for somebody to check their source",
}
_STATES = {
    "withdrawn": State.WITHDRAWN,
    "excluded": State.EXCLUDED,
    "waiting": State.WAITING,
    "unused": State.USABLE,
}
FILTERS = ("q", "source", "topic", "period", "from", "to", "show")


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of the list as its address has them."""

    values: Mapping[str, str]

    @classmethod
    def of(cls, request: HttpRequest) -> "Filters":
        """Return the filters that a request asks for."""
        return cls({name: request.GET.get(name, "").strip()[:300] for name in FILTERS})

    @property
    def are_set(self) -> bool:
        """Whether anything is filtered out."""
        return any(self.values.values())

    def address(self, after: str = "") -> str:
        """Return the address of the list with these filters, or of its page after a cursor."""
        query = {name: value for name, value in {**self.values, "after": after}.items() if value}
        return f"{reverse('desk:articles')}{'?' if query else ''}{urlencode(query)}"

    def search(self, dates: Dates) -> ArticleSearch:
        """Return the search that the filters mean. A date that cannot be read counts as none."""
        days = self.values["period"]
        since = timezone.now() - timedelta(days=int(days)) if days in PERIODS and days else None
        last = _day(self.values["to"], dates, after=1)
        return ArticleSearch(
            text=self.values["q"],
            source=self.values["source"],
            topic=self.values["topic"],
            since=_day(self.values["from"], dates) or since,
            before=last,
            state=_STATES.get(self.values["show"], State.ALL),
        )


@desk("GET", "HEAD")
def articles(request: HttpRequest) -> HttpResponse:
    """Show the articles that came in, newest first."""
    return show_articles(request)


def show_articles(request: HttpRequest, form_error: FormError | None = None) -> HttpResponse:
    """Show the list as its address asks for it, with any error above it."""
    dates, filters = Dates(request), Filters.of(request)
    after = request.GET.get("after", "")
    within, besides = _uses(filters.values["show"], dates.publication)
    page = search_articles(filters.search(dates), within=within, besides=besides, after=after)
    sources = list(Source.objects.filter(active=True).order_by("title", "name"))
    return show(
        request,
        "articles/articles",
        status=form_error.status if form_error else 200,
        filters=filters,
        rows=article_rows(page.articles, dates),
        older=filters.address(page.next_cursor) if page.next_cursor else "",
        newest=filters.address() if after else "",
        sources=[("", "All sources"), *((it.name, it.title or it.name) for it in sources)],
        topics=topics_in_use(),
        periods=list(PERIODS.items()),
        shown=list(SHOWN.items()),
        drafts=open_drafts(),
        here_again=filters.address(after),
        form_error=form_error,
    )


def open_drafts() -> list[Issue]:
    """Return the issues to which the user may add articles, the latest first."""
    found = visible_with(Issue.objects.filter(state__in=CHANGEABLE, mailings=None), Role.EDITOR)
    return list(found.select_related("publication").order_by("-pk")[:MAX_DRAFTS])


def _uses(
    shown: str, publication: Publication | None
) -> tuple[QuerySet[Article] | None, QuerySet[Article] | None]:
    """Return the articles that must, and those that must not, be in the list."""
    match shown:
        case "unused":
            return None, used_articles()
        case "sent":
            return sent_articles(publication), None
        case "edited":
            return edited_since_sent(), None
        case _:
            return None, None


def _day(text: str, dates: Dates, *, after: int = 0) -> datetime | None:
    """Return the beginning of a day such as 2026-11-28, or of a day after it; None if it cannot be read."""
    try:
        day = typed_day(text, "day")
        return datetime.combine(day + timedelta(days=after), time(), dates.zone) if day else None
    except (InvalidFields, OverflowError):
        return None
