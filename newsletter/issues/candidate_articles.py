"""Finds the articles for an issue: a mix of the newest in its selection that are in no other issue of the publication.

The database filters by date and by use in other issues. Topics are compared in Python, for the newest 20,000 articles,
which include those that cannot be used, so that the issue can say why it does not have them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from newsletter.articles.models import Article, Source
from newsletter.articles.reuse_terms import forbidden_for
from newsletter.articles.search_words import topic_key
from newsletter.errors import Invalid
from newsletter.issues.article_mix import Candidate, Maxima, mix
from newsletter.issues.models import Issue, Item, Publication
from newsletter.issues.selection_rule import LAST_ISSUE, Selection

LATE_ARRIVAL = timedelta(days=31)
"""We only treat an article found after the last issue as new if it is not older than this."""
MAX_LOOKED_AT = 20_000
MAX_LEFT_OUT = 100
"""Maximum number of left-out articles to name."""
WAITING = "waiting"
"""Why an article was left out: its source has changed."""
FORBIDDEN = "forbidden"
"""Why an article was left out: its terms forbid emailing it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateSearch:
    """What to search for: the publication, the issue before, and the issue to fill (None means a new one).

    `kept` are articles that the issue has in any case: they take places and count towards the maxima.
    """

    publication: Publication
    selection: Selection
    now: datetime
    previous: Issue | None
    issue: Issue | None = None
    again: bool = False
    kept: tuple[Article, ...] = ()


def last_issue(publication: Publication, *, before: Issue | None = None) -> Issue | None:
    """Return the issue with the highest number that was not cancelled."""
    return _issues(publication, before).first()


def last_composed_issue(publication: Publication, *, before: Issue | None = None) -> Issue | None:
    """Return the last issue that took the latest articles: not one that was begun empty, such as an urgent appeal."""
    return _issues(publication, before).filter(began_empty=False).first()


def _issues(publication: Publication, before: Issue | None) -> QuerySet[Issue]:
    issues = publication.issues.exclude(state=Issue.State.CANCELLED)
    if before is not None:
        issues = issues.filter(number__lt=before.number)
    return issues.order_by("-number")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The articles for an issue, newest first, and the numbers of those left out, each with a reason.

    The reasons are those of article_mix.py, WAITING and FORBIDDEN.
    """

    articles: list[Article]
    left_out: list[tuple[int, str]]


def choose_articles(search: CandidateSearch) -> Choice:
    """Choose the articles that fill an issue besides those that are kept.

    Raises Invalid if the selection names an unknown source.
    """
    maxima = Maxima(search.selection, search.publication.sections)
    for article in search.kept:
        maxima.count(_candidate(article))
    found = mix(
        _candidates(search),
        places=max(search.selection.at_most - len(search.kept), 0),
        maxima=maxima,
        recent=search.now - LATE_ARRIVAL,
    )
    by_key = Article.objects.defer("body_html").in_bulk(found.chosen)
    # First those that no other selection would choose: an editor can do something about them.
    left_out = sorted(found.left_out, key=lambda pair: pair[1] not in {FORBIDDEN, WAITING})
    return Choice(articles=[by_key[key] for key in found.chosen], left_out=left_out[:MAX_LEFT_OUT])


def _candidates(search: CandidateSearch) -> Iterator[Candidate]:
    """Yield the articles that the selection allows, newest first, each once and without those that are kept.

    An article that waits, or whose terms forbid emailing it, comes with that reason.
    """
    wanted = {topic_key(topic) for topic in search.selection.topics}
    seen = {article.pk for article in search.kept}
    for date, key, source, topics, unusable in merge(*map(_rows, _streams(search)), reverse=True):
        if key not in seen and (not wanted or wanted & {topic_key(topic) for topic in topics}):
            seen.add(key)
            yield Candidate(date, key, source, tuple(map(str, topics)), unusable)


def _candidate(article: Article) -> Candidate:
    date = article.published_at or article.found_at
    return Candidate(date, article.pk, article.source_id, tuple(map(str, article.topics)))


def items_used_by(publication: Publication, *, besides: Issue | None = None) -> QuerySet[Item]:
    """Return the items of a publication's issues, without removed items and without those of cancelled issues."""
    items = Item.objects.filter(issue__publication=publication, dropped=False)
    items = items.exclude(issue__state=Issue.State.CANCELLED)
    return items if besides is None else items.exclude(issue=besides)


def _allowed(search: CandidateSearch) -> QuerySet[Article]:
    """Return the articles that the selection allows on any date, each with the reason why it cannot be used, if any."""
    # By exclusion: SQLite then walks the articles by date instead of source by source.
    removed = Source.objects.filter(active=False)
    articles = Article.objects.filter(withdrawn_at=None, excluded=False).exclude(source__in=removed)
    if search.selection.sources:
        articles = articles.filter(source__in=_sources(search.selection.sources))
    fresh = Q()
    if not search.again:
        others = items_used_by(search.publication, besides=search.issue).filter(article=OuterRef("pk"))
        fresh = Q(~Exists(others))
    reasons = [
        When(
            forbidden_for(search.publication.organisation, search.publication.website), then=Value(FORBIDDEN)
        ),
        When(waiting_since__isnull=False, then=Value(WAITING)),
    ]
    if search.issue is not None:
        # An article that an editor has already added to this issue is wanted, even if another issue has it or it waits.
        added = Q(pk__in=search.issue.items.filter(dropped=False).values("article"))
        reasons.insert(0, When(added, then=Value("")))
        fresh |= added
        articles = articles.exclude(pk__in=search.issue.items.filter(dropped=True).values("article"))
    return articles.filter(fresh).annotate(unusable=Case(*reasons, default=Value("")))


def _streams(search: CandidateSearch) -> list[QuerySet[Article]]:
    """Return streams of the articles in the period, each newest first by a column that the database has indexed."""
    allowed = _allowed(search)
    dated = allowed.filter(published_at__lte=search.now).annotate(date=F("published_at"))
    undated = allowed.filter(published_at=None, found_at__lte=search.now).annotate(date=F("found_at"))
    since, streams = search.selection.since, []
    if since != LAST_ISSUE:
        start = search.now - timedelta(days=since)
        dated, undated = dated.filter(published_at__gt=start), undated.filter(found_at__gt=start)
    elif search.previous:
        then = search.previous.composed_at
        streams = _dropped(allowed, search.previous, search)
        dated = dated.filter(
            Q(published_at__gt=then) | Q(found_at__gt=then), published_at__gt=then - LATE_ARRIVAL
        )
        undated = undated.filter(found_at__gt=then)
    return [dated, undated, *streams]


def _dropped(allowed: QuerySet[Article], previous: Issue, search: CandidateSearch) -> list[QuerySet[Article]]:
    keys = list(previous.items.filter(dropped=True).values_list("article", flat=True))
    if not keys:
        return []
    articles = allowed.filter(pk__in=keys).annotate(date=Coalesce("published_at", "found_at"))
    return [articles.filter(date__lte=search.now)]


def _rows(articles: QuerySet[Any]) -> Iterator[tuple[datetime, int, int, list[str], str]]:
    columns = ("date", "pk", "source_id", "topics", "unusable")
    rows = articles.order_by("-date", "-pk").values_list(*columns)[:MAX_LOOKED_AT]
    return rows.iterator(chunk_size=500)


def _sources(names: tuple[str, ...]) -> list[Source]:
    known = {source.name: source for source in Source.objects.all()}
    for name in names:
        if name not in known:
            hint = (
                f"The sources are {', '.join(known)}."
                if known
                else "You have not added any sources yet. To add one, run `newsletter sources add`."
            )
            raise Invalid(f"We could not find a source called “{name}”. {hint}")
    return [known[name] for name in names]
