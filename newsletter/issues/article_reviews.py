"""When articles were last reviewed, when the next review is due, and what falls due for a publication.

An article is due on the day that somebody set for it. Otherwise, if the publication has a rule for one of its topics,
it is due that many months after its last review, or after its publication if nobody has reviewed it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from newsletter.accounts.actor import ANY, Role, require_role
from newsletter.articles.article_keys import key_of
from newsletter.articles.models import Article, ArticleReview
from newsletter.errors import InvalidFields, Refused
from newsletter.issues.change_articles_for_all_issues import (
    CHANGING,
    open_issues_to_change,
    record_article_change,
)
from newsletter.issues.models import Issue, Item, Publication, TopicRule
from newsletter.issues.topic_rules import key_of_rule, rules_of, topic_keys
from subscribers.database import locked

if TYPE_CHECKING:
    from dateutil.relativedelta import relativedelta

EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
MAX_CARRIED = 20_000


@dataclass(frozen=True, slots=True)
class DueReview:
    """An article, by its number and headline, whose review is due on a day. `reviewed_on` is None if it had none."""

    article: int
    title: str
    due_on: date
    reviewed_on: date | None


def review_of(article: Article) -> ArticleReview:
    """Return the review of an article, or one without days."""
    return ArticleReview.objects.filter(article=article).first() or ArticleReview(article=article)


def review_version(article: Article) -> str:
    """Return a digest of the review of an article, by which two versions are told apart."""
    review = review_of(article)
    return key_of(review.reviewed_on, review.due_on)


def review_in(article: Article) -> ArticleReview | None:
    """Return the review of an article that was read with it (`select_related`), or None if it has none."""
    found: ArticleReview | None = getattr(article, "review", None)
    return found


def due_day(
    article: Article, review: ArticleReview | None, rules: Sequence[TopicRule], publication: Publication
) -> date | None:
    """Return the day on which the next review of an article is due in a publication, or None if it never is."""
    if review is not None and review.due_on:
        return review.due_on
    interval = _shortest(_months_by_key(rules), article.topics)
    if not interval:
        return None
    last = review.reviewed_on if review is not None else None
    return (last or _day_of(article.published_at or article.found_at, publication)) + interval


def with_reviews_in_sight(publications: QuerySet[Publication], *, until: date) -> QuerySet[Publication]:
    """Return those of the publications of which a review can be due by a day. Reading all their articles takes longer.

    They have a rule for reviews, or carried an article for which somebody set such a day.
    """
    rules = TopicRule.objects.filter(publication=OuterRef("pk"), review_months__gt=0)
    set_by_hand = Item.objects.filter(
        issue__publication=OuterRef("pk"), dropped=False, article__review__due_on__lte=until
    )
    return publications.filter(Q(Exists(rules)) | Q(Exists(set_by_hand)))


def _months_by_key(rules: Sequence[TopicRule]) -> Mapping[str, int]:
    months: dict[str, int] = {}
    for rule in rules:
        if rule.review_months:
            key = key_of_rule(rule)
            # Two rules can be about one topic that is spelt in two ways.
            months[key] = min(rule.review_months, months.get(key, rule.review_months))
    return months


def _shortest(months: Mapping[str, int], topics: Iterable[object]) -> "relativedelta | None":
    """Return the shortest time between two reviews that a topic asks for, or None if none does."""
    from dateutil.relativedelta import relativedelta

    found = [months[key] for key in topic_keys(topics) if key in months] if months else []
    return relativedelta(months=min(found)) if found else None


def _day_of(moment: datetime, publication: Publication) -> date:
    return timezone.localtime(moment, publication.tzinfo).date()


def record_review(
    number: int, *, reviewed_on: date | None, due_on: date | None, seen: str | None = None
) -> bool:
    """Store when an article was last reviewed and when the next review is due. Return whether anything changed.

    `seen` is the `review_version` that a form started from. Raises NotFound, InvalidFields, and Refused unless the
    actor may change the article, or if somebody else has changed the days since then.
    """
    require_role(Role.AUTHOR, CHANGING, publication=ANY)
    wrong: dict[str, str] = {}
    # A day can have begun elsewhere in the world.
    tomorrow = timezone.now().date() + timedelta(days=1)
    if reviewed_on and reviewed_on > tomorrow:
        wrong["reviewed_on"] = "The date of the last review cannot be in the future."
    if reviewed_on and reviewed_on < EARLIEST:
        wrong["reviewed_on"] = f"The date of the last review cannot be before {EARLIEST.year}."
    if due_on and not (reviewed_on or EARLIEST) <= due_on <= LATEST:
        wrong["due_on"] = "The next review must be after the last one."
    if wrong:
        raise InvalidFields(wrong)
    with transaction.atomic():
        issues = open_issues_to_change(number)
        article = locked(Article.objects.all(), number)
        if seen is not None and seen != review_version(article):
            raise Refused(
                "Somebody else has changed the review since you opened the page. The page now shows the new dates. "
                "To replace them with yours, save again."
            )
        before = review_of(article)
        if (before.reviewed_on, before.due_on) == (reviewed_on, due_on):
            return False
        ArticleReview.objects.update_or_create(
            article=article, defaults={"reviewed_on": reviewed_on, "due_on": due_on}
        )
        changes = {
            name: [old and old.isoformat(), new and new.isoformat()]
            for name, old, new in (
                ("reviewed_on", before.reviewed_on, reviewed_on),
                ("due_on", before.due_on, due_on),
            )
            if old != new
        }
        sentence = f"Changed the review of “{article.title[:200]}”."
        record_article_change(article, issues, changes, sentence=sentence)
    return True


def due_reviews(publication: Publication, *, until: date) -> list[DueReview]:
    """Return the articles of a publication's issues whose review is due by a day, the longest overdue first.

    Withdrawn and excluded articles are left out. They cannot be carried again.
    """
    months = _months_by_key(rules_of(publication))
    carried = Item.objects.filter(issue__publication=publication, dropped=False)
    carried = carried.exclude(issue__state=Issue.State.CANCELLED)
    articles = Article.objects.filter(pk__in=carried.values("article"), withdrawn_at=None, excluded=False)
    is_due = Q(review__due_on__lte=until)
    if months:
        is_due |= _can_be_due_by_rule(months, until)
    names = ("pk", "title", "topics_as_stored", "published_at", "found_at")
    rows = articles.filter(is_due).annotate(topics_as_stored=Cast("topics", TextField())).order_by("-pk")
    # There can be thousands of articles, most of them with other topics. So equal topics are only read once, and
    # the day is only calculated for articles that a rule is about.
    intervals: dict[str, relativedelta | None] = {}
    found: list[DueReview] = []
    for number, title, topics, published_at, found_at, reviewed_on, own in rows.values_list(
        *names, "review__reviewed_on", "review__due_on"
    )[:MAX_CARRIED]:
        due = own
        if due is None:
            if topics not in intervals:
                intervals[topics] = _shortest(months, json.loads(topics))
            if (interval := intervals[topics]) is None:
                continue
            due = (reviewed_on or _day_of(published_at or found_at, publication)) + interval
        if due <= until:
            found.append(DueReview(number, title, due, reviewed_on))
    return sorted(found, key=lambda each: (each.due_on, each.article))


def _can_be_due_by_rule(months: Mapping[str, int], until: date) -> Q:
    """Return the condition for articles without a day of their own that a rule can make due by a day."""
    from dateutil.relativedelta import relativedelta

    # Later articles are certainly not due. The months differ by up to 3 days, and time zones by one.
    latest = until - relativedelta(months=min(months.values())) + timedelta(days=5)
    start = datetime(latest.year, latest.month, latest.day, tzinfo=UTC)
    never = Q(published_at__lt=start) | Q(published_at=None, found_at__lt=start)
    return Q(review__due_on=None) & (Q(review__reviewed_on__lt=latest) | Q(review__reviewed_on=None) & never)
