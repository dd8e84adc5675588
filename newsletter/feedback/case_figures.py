"""How many questions about facts readers asked, and how long the answers took: for the public archive."""

from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.timezone import localtime

from newsletter.feedback.models import ReaderCase
from newsletter.feedback.working_days import working_days_between
from newsletter.issues.article_corrections import has_come
from newsletter.issues.models import Publication

COUNTED = timedelta(days=365)
# The newest ones are enough for a median, and the page must not read more rows than this.
MOST_ANSWERS = 2_000


@dataclass(frozen=True, slots=True)
class CaseFigures:
    """Questions about facts in the last 12 months without junk, and the corrections that answered them.

    A correction counts once, however many questions it answered, and not at all if readers can no longer see it.
    `median_days` is the median number of working days until a question was closed, at least 1. It is None if none was.
    """

    questions: int
    corrections: int
    median_days: int | None


def case_figures(publication: Publication) -> CaseFigures:
    """Return the figures about the questions that were asked about a publication."""
    asked = ReaderCase.objects.filter(
        publication=publication,
        kind=ReaderCase.Kind.QUESTION,
        received_at__gte=timezone.now() - COUNTED,
    ).exclude(state=ReaderCase.State.JUNK)
    corrected = asked.filter(state=ReaderCase.State.CORRECTED)
    seen = corrected.filter(has_come(publication, of="correction__"))
    corrections = seen.aggregate(number=Count("correction", distinct=True))["number"]
    return CaseFigures(asked.count(), corrections, _median(publication, asked))


def public_figures(publication: Publication) -> CaseFigures | None:
    """Return the figures if the publication takes questions, and shows its figures in the archive."""
    if not (publication.takes_questions and publication.show_question_figures):
        return None
    return case_figures(publication)


def _median(publication: Publication, asked: QuerySet[ReaderCase]) -> int | None:
    closed = asked.filter(closed_at__isnull=False).order_by("-received_at")
    times = closed.values_list("received_at", "closed_at")[:MOST_ANSWERS]
    zone = publication.tzinfo
    taken = [
        working_days_between(
            localtime(received, zone).date(), localtime(ended, zone).date(), publication.working_days
        )
        for received, ended in times
    ]
    return max(1, round(median(taken))) if taken else None
