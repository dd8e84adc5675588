"""The audit log of issues and publications. See accounts/audit_log.py for what the log stores and never stores."""

from django.db.models import QuerySet

from newsletter.accounts import audit_log
from newsletter.accounts.audit_log import Changes
from newsletter.issues.models import AuditEntry, Issue, Publication


def record(
    act: str,
    sentence: str,
    *,
    issue: Issue | None = None,
    publication: Publication | None = None,
    thing: str = "",
    changes: Changes | None = None,
) -> AuditEntry:
    """Record that the current actor did this to an issue, a publication, or neither."""
    publication = publication or (issue.publication if issue else None)
    about = f"{publication.slug}/{issue.number}" if publication and issue else ""
    entry: AuditEntry = audit_log.write(
        act,
        sentence,
        thing=thing,
        about=about or (publication.slug if publication else ""),
        issue=issue.pk if issue else None,
        publication=publication.pk if publication else None,
        changes=changes,
    )
    return entry


def entries(*, issue: Issue | None = None, publication: Publication | None = None) -> QuerySet[AuditEntry]:
    """Return the log entries, newest first: all of them, or those about one issue or publication."""
    found = AuditEntry.objects.order_by("-pk")
    if issue is not None:
        found = found.filter(issue=issue)
    return found if publication is None else found.filter(publication=publication)
