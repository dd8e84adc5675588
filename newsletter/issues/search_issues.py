"""Finds issues by their number or by words of their subject."""

from django.db.models import Q, QuerySet

from newsletter.issues.models import Issue
from newsletter.issues.visible_to_actor import visible
from subscribers.clean_text import without_controls
from subscribers.whole_numbers import whole_number

# Subjects have no index: only those of the newest issues are read, which is 20 years of a weekly publication.
NEWEST = 1_000
MAX_WORDS = 5
MAX_DIGITS = 9


def search_issues(text: str, *, at_most: int) -> list[Issue]:
    """Return the newest issues with this number, or with every one of these words in their subject, newest first.

    Only issues that the current actor may see are searched.
    """
    words = without_controls(text).split()[:MAX_WORDS]
    if not words:
        return []
    newest = visible(Issue.objects.all()).order_by("-pk").values("pk")[:NEWEST]
    subject = Q(pk__in=newest)
    for word in words:
        subject &= Q(subject__icontains=word)
    found = visible(Issue.objects.select_related("publication")).order_by("-pk")
    by_number = list(_with_number(found, words)[:at_most])
    others = found.filter(subject).exclude(pk__in=[issue.pk for issue in by_number])
    return [*by_number, *others[: at_most - len(by_number)]]


def _with_number(issues: QuerySet[Issue], words: list[str]) -> QuerySet[Issue]:
    number = whole_number(words[-1].removeprefix("#"), digits=MAX_DIGITS)
    return issues.none() if number is None else issues.filter(number=number)
