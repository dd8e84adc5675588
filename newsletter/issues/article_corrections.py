"""Corrections to articles of earlier issues, which the next issue tells its readers about."""

from django.db.models import Exists, OuterRef
from django.utils import timezone

from newsletter.articles.models import Correction
from newsletter.issues.candidate_articles import items_used_by, last_issue
from newsletter.issues.models import Issue, Publication


def corrections_since_last_issue(
    publication: Publication, *, before: Issue | None = None
) -> list[Correction]:
    """Return corrections since the last issue to articles of earlier issues, oldest first.

    `before` is the issue being written. Without it, the next issue is meant. Corrections made on the day of the last
    issue are included, because they may have come after that issue was written.
    """
    previous = last_issue(publication, before=before)
    if previous is None:
        return []
    earlier = items_used_by(publication).filter(
        issue__number__lte=previous.number, article=OuterRef("article")
    )
    day = timezone.localtime(previous.composed_at, publication.tzinfo).date()
    found = Correction.objects.filter(Exists(earlier), corrected_on__gte=day)
    # Not by a join: without statistics, SQLite would go through every article to find the few that were corrected.
    return list(found.prefetch_related("article").order_by("corrected_on", "pk"))
