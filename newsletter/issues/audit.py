"""The audit log: who did what, when. Whoever changes something records it in the same transaction."""

from django.db.models import QuerySet
from django.utils import timezone

from newsletter.actors import acting
from newsletter.issues.models import AuditEntry, Issue, Publication


def record(
    act: str, sentence: str, *, issue: Issue | None = None, publication: Publication | None = None
) -> AuditEntry:
    """Write down that who acts now did this. `act` is one word for programs, such as `approve`."""
    actor = acting()
    publication = publication or (issue.publication if issue else None)
    about = f"{publication.slug}/{issue.number}" if publication and issue else ""
    return AuditEntry.objects.create(
        at=timezone.now(),
        actor=actor.name[:150],
        account=actor.account,
        act=act,
        about=about or (publication.slug if publication else ""),
        issue=issue,
        publication=publication,
        sentence=sentence,
    )


def entries(*, issue: Issue | None = None, publication: Publication | None = None) -> QuerySet[AuditEntry]:
    """What was done, the newest first: all of it, or to one issue or publication."""
    found = AuditEntry.objects.order_by("-pk")
    if issue is not None:
        found = found.filter(issue=issue)
    return found if publication is None else found.filter(publication=publication)
