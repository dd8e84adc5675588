"""The emails about corrections to the articles of one issue, for its report."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from newsletter.corrections.models import CorrectionNotice
from newsletter.issues.models import Issue


@dataclass(frozen=True, slots=True)
class SentCorrection:
    """An email about a correction: of which article, when its mailings were planned, and to how many people.

    `left_out` is how many people received the article but not the email. People of other issues count too.
    """

    correction: int
    title: str
    planned_at: datetime
    people: int
    left_out: int


def correction_emails_about(issue: Issue) -> list[SentCorrection]:
    """Return the emails about corrections to articles of an issue that its publication has sent, the latest first."""
    articles = issue.items.filter(dropped=False).values("article")
    found = CorrectionNotice.objects.filter(
        publication=issue.publication_id, correction__article__in=articles, planned_at__isnull=False
    )
    rows = found.select_related("correction__article").annotate(people=Sum("sent_as__mailing__audience"))
    return [
        SentCorrection(
            each.correction_id,
            each.correction.article.title,
            each.planned_at,
            each.people or 0,
            sum(each.left_out.values()),
        )
        for each in rows.order_by("-planned_at", "-pk")
        if each.planned_at
    ]
