"""“Was this useful?”: who may answer about which article, and how often each answer was given.

A link in the email only leads to a page: mail programs and virus scanners open links too. An answer counts once its
reader has confirmed it there.
"""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from newsletter.errors import NotFound
from newsletter.feedback.models import UsefulAnswer
from newsletter.issues.models import Issue, Item
from newsletter.sending.models import Recipient
from subscribers import signed_links
from subscribers.models import Subscriber
from subscribers.signed_links import NOBODY, Purpose

NOT_REACHED = (Recipient.State.SKIPPED, Recipient.State.REJECTED)
ANSWERS = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Question:
    """The question about one article of an issue to one reader. Without a reader, it comes from a test or preview."""

    item: Item
    reader: Subscriber | None

    @property
    def title(self) -> str:
        """The headline of the article as the issue has it."""
        return self.item.headline or self.item.article.title

    @property
    def answer(self) -> bool | None:
        """What the reader has answered so far, or None."""
        if self.reader is None:
            return None
        found = _answers(self.item).filter(subscriber=self.reader)
        return found.values_list("useful", flat=True).first()


@dataclass(frozen=True, slots=True)
class ArticleAnswers:
    """How many readers of an issue found an article useful, and how many did not."""

    title: str
    yes: int
    no: int


def question(slug: str, number: int, article: int, token: str) -> Question:
    """Return the question that a link asks.

    Raises WrongLink for a token that we did not make, and NotFound if the issue does not have the article or did not
    go to this reader.
    """
    row = signed_links.read_token(Purpose.USEFUL, token)
    items = Item.objects.select_related("article", "issue__publication__mailing_list")
    item = items.filter(
        issue__publication__slug=slug, issue__number=number, article=article, dropped=False
    ).first()
    if item is None:
        raise NotFound("We could not find this article in the issue.")
    if row == NOBODY:
        return Question(item, None)
    reader = Subscriber.objects.filter(pk=row.number, link_nonce=row.nonce).first()
    got = Recipient.objects.filter(issue=item.issue, subscriber=reader).exclude(state__in=NOT_REACHED)
    if reader is None or not got.exists():
        raise NotFound("This link belongs to somebody who did not receive this issue.")
    return Question(item, reader)


def answer_question(asked: Question, *, useful: bool) -> None:
    """Record the reader's answer, or change it. Nothing is recorded for a test or preview."""
    if asked.reader is not None:
        UsefulAnswer.objects.update_or_create(
            issue=asked.item.issue,
            article=asked.item.article,
            subscriber=asked.reader,
            defaults={"useful": useful, "answered_at": timezone.now()},
        )


def answers_about(issue: Issue) -> list[ArticleAnswers]:
    """Return the answers about each article of an issue that has any, in the order of the issue."""
    counted = (
        UsefulAnswer.objects.filter(issue=issue)
        .values("article")
        .annotate(yes=Count("pk", filter=Q(useful=True)), no=Count("pk", filter=Q(useful=False)))
        .order_by()
    )
    found = {row["article"]: row for row in counted}
    items = Item.objects.filter(issue=issue, article__in=found).select_related("article")
    return [
        ArticleAnswers(
            each.headline or each.article.title, found[each.article_id]["yes"], found[each.article_id]["no"]
        )
        for each in sorted(items, key=lambda item: (not item.lead, item.position, item.pk))
    ]


def _answers(item: Item) -> QuerySet[UsefulAnswer]:
    return UsefulAnswer.objects.filter(issue=item.issue_id, article=item.article_id)
