"""Detects comments by people with a proof link. Those that come soon after each other are one notification."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min
from django.utils import timezone

from newsletter.issues.models import Issue
from newsletter.notifications.detectors.notable_event import Kind, NotableEvent, issue_event
from newsletter.notifications.models import Notification
from newsletter.proof.models import ProofComment
from subscribers.phrases import counted

# People write several comments in a row.
GATHERED_FOR = timedelta(minutes=10)


def commented(since: datetime) -> Iterator[NotableEvent]:
    """Yield issues on which somebody commented by a proof link some minutes ago, with how many comments are new."""
    ready = timezone.now() - GATHERED_FOR
    issues = Issue.objects.filter(proof_comments__link__isnull=False, proof_comments__made_at__gte=since)
    for issue in issues.select_related("publication").distinct().order_by("pk"):
        new = ProofComment.objects.filter(
            issue=issue, link__isnull=False, made_at__gte=since, pk__gt=_last_notified(issue)
        )
        found = new.aggregate(count=Count("pk"), last=Max("pk"), first_at=Min("made_at"))
        if not found["count"] or found["first_at"] > ready:
            continue
        how_many = counted(found["count"], "new comment", "new comments")
        yield issue_event(
            issue,
            Kind.COMMENTED,
            key=f"commented:{issue.pk}:{found['last']}",
            happened=f"{how_many[:1].upper()}{how_many[1:]}",
            text=f"Reviewers wrote {how_many} on this issue.",
            page="proof",
            comments=found["count"],
            last_comment=found["last"],
        )


def _last_notified(issue: Issue) -> int:
    """Return the number of the last comment on an issue that was notified, or 0."""
    told = Notification.objects.filter(
        kind=Kind.COMMENTED, publication=issue.publication, data__issue=issue.number
    )
    latest = told.order_by("-pk").first()
    return int(latest.data["last_comment"]) if latest else 0
