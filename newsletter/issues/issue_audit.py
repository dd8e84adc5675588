"""The audit log of issues and publications. See accounts/audit_log.py for what the log stores and never stores."""

from django.db.models import QuerySet

from newsletter.accounts import audit_log
from newsletter.accounts.audit_log import Changes
from newsletter.issues.models import AuditEntry, Issue, Publication
from newsletter.issues.visible_to_actor import visible


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
    """Return the log entries, newest first: those that the actor may see, or those about one issue or publication."""
    found = visible(AuditEntry.objects.order_by("-pk"))
    if issue is not None:
        found = found.filter(issue=issue)
    return found if publication is None else found.filter(publication=publication)


def entries_about(thing: str) -> QuerySet[AuditEntry]:
    """Return the log entries about what publications share, such as `article 7`, newest first.

    Those that belong to a publication are only returned if the actor may see it.
    """
    about = AuditEntry.objects.filter(thing=thing)
    shared = about.filter(publication=None)
    return (shared | visible(about)).order_by("-pk")
