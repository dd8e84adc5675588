"""Corrections that readers of earlier issues should hear of."""

from django.db.models import Exists, OuterRef
from django.utils import timezone

from newsletter.articles.models import Correction
from newsletter.issues.candidate_articles import items_used_by, last_issue
from newsletter.issues.models import Issue, Publication


def corrections_since_last_issue(
    publication: Publication, *, before: Issue | None = None
) -> list[Correction]:
    """Corrections of articles that issues before this one carried, made since the last of them, oldest first.

    `before` is the issue that is being written; without it, the next one. A correction of the very day of the
    last issue is among them: it may have come after that issue was written.
    """
    previous = last_issue(publication, before=before)
    if previous is None:
        return []
    earlier = items_used_by(publication).filter(
        issue__number__lte=previous.number, article=OuterRef("article")
    )
    day = timezone.localtime(previous.composed_at, publication.tzinfo).date()
    found = Correction.objects.filter(Exists(earlier), corrected_on__gte=day)
    return list(found.select_related("article").order_by("corrected_on", "pk"))
