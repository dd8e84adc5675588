"""Which articles an issue may take: the newest in its selection that no other issue of the publication carries.

The database filters by date and by what was carried; only a bounded slice is looked at for topics.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from newsletter.articles.models import Article, Source
from newsletter.errors import Invalid
from newsletter.issues.models import Issue, Item, Publication
from newsletter.issues.selection import LAST_ISSUE, Selection, topic_key

LATE = timedelta(days=31)
"""How old an article found after the last issue may be and still count as new: an archive is no news."""
MOST_LOOKED_AT = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is looked for: for which publication, after which issue, into which issue (None: a new one)."""

    publication: Publication
    selection: Selection
    now: datetime
    previous: Issue | None
    issue: Issue | None = None
    again: bool = False


def last_issue(publication: Publication, *, before: Issue | None = None) -> Issue | None:
    """The issue with the highest number that was not cancelled."""
    issues = publication.issues.exclude(state=Issue.State.CANCELLED)
    if before is not None:
        issues = issues.filter(number__lt=before.number)
    return issues.order_by("-number").first()


def newest_articles(search: Search) -> list[Article]:
    """At most `at_most` articles, the newest first. Raises Invalid if the selection names no known source."""
    found = _newest_in_time(_allowed(search), search)
    if not search.selection.topics:
        return list(found.defer("body_html")[: search.selection.at_most])
    keys = list(islice(_on_topic(found, search.selection.topics), search.selection.at_most))
    by_key = Article.objects.defer("body_html").in_bulk(keys)
    return [by_key[key] for key in keys]


def carried(publication: Publication, *, besides: Issue | None = None) -> QuerySet[Item]:
    """The items that carry articles for a publication: not the dropped ones, nor those of cancelled issues."""
    items = Item.objects.filter(issue__publication=publication, dropped=False)
    items = items.exclude(issue__state=Issue.State.CANCELLED)
    return items if besides is None else items.exclude(issue=besides)


def _allowed(search: Search) -> QuerySet[Article]:
    articles = Article.objects.filter(withdrawn_at=None, held_back=False, source__active=True)
    if search.selection.sources:
        articles = articles.filter(source__in=_sources(search.selection.sources))
    if search.issue is not None:
        articles = articles.exclude(pk__in=search.issue.items.filter(dropped=True).values("article"))
    if search.again:
        return articles
    others = carried(search.publication, besides=search.issue).filter(article=OuterRef("pk"))
    if search.issue is None:
        return articles.filter(~Exists(others))
    # What an editor has put into this issue already was asked for, whatever other issues carry.
    return articles.filter(
        ~Exists(others) | Q(pk__in=search.issue.items.filter(dropped=False).values("article"))
    )


def _newest_in_time(articles: QuerySet[Article], search: Search) -> QuerySet[Article]:
    dated = articles.annotate(dated=Coalesce("published_at", "found_at")).order_by("-dated", "-pk")
    dated = dated.filter(dated__lte=search.now)
    if search.selection.since != LAST_ISSUE:
        return dated.filter(dated__gt=search.now - timedelta(days=search.selection.since))
    if search.previous is None:
        return dated
    then = search.previous.composed_at
    return dated.filter(
        Q(dated__gt=then)
        | Q(found_at__gt=then, dated__gt=then - LATE)
        | Q(pk__in=search.previous.items.filter(dropped=True).values("article"))
    )


def _on_topic(articles: QuerySet[Article], topics: tuple[str, ...]) -> Iterator[int]:
    wanted = {topic_key(topic) for topic in topics}
    rows = articles.values_list("pk", "topics")[:MOST_LOOKED_AT].iterator(chunk_size=500)
    return (key for key, has in rows if wanted & {topic_key(topic) for topic in has})


def _sources(names: tuple[str, ...]) -> list[Source]:
    known = {source.name: source for source in Source.objects.all()}
    for name in names:
        if name not in known:
            there_are = (
                f"the sources are {', '.join(known)}"
                if known
                else "there is none yet: `newsletter sources add`"
            )
            raise Invalid(f"There is no source “{name}”; {there_are}.")
    return [known[name] for name in names]
