"""The issues that readers have when they get this one: those that were sent, and those that are being sent."""

from django.db.models import F, Q, QuerySet

from newsletter.issues.models import Issue

# The issue that is being sent now is the last one.
LAST_FIRST = (F("sent_at").desc(nulls_first=True), "-number")


def earlier_issues(issue: Issue) -> QuerySet[Issue]:
    """Return the other issues of the publication that were sent, or that are scheduled or being sent."""
    on_their_way = Q(state__in=(Issue.State.SCHEDULED, Issue.State.SENDING))
    found = Issue.objects.filter(Q(sent_at__isnull=False) | on_their_way, publication=issue.publication_id)
    return found.exclude(pk=issue.pk)
