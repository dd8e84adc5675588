"""Where a publication asks for a second person, nobody approves what they worked on, by whatever door.

For that it must be known who works on it: whoever has the shell proves an account first. What the press composed by
itself is nobody's own.
"""

from django.db.models import Q

from newsletter.actors import THE_PRESS, Actor, Role, require
from newsletter.errors import Refused
from newsletter.issues.models import Approval, AuditEntry, Issue, Publication
from newsletter.issues.naming import named

WORK = ("compose", "edit")
# What stands in every issue is work on each that is made of it.
WORK_ON_ALL = ("block", "publication")


def require_editor(publication: Publication, act: str) -> Actor:
    """Who acts, if they may work on the issues of a publication. Raises Refused."""
    actor = require(Role.EDITOR, act)
    if publication.second_person and actor.account is None and actor != THE_PRESS:
        raise Refused(_who(publication))
    return actor


def require_approver(issue: Issue) -> Actor:
    """Who acts, if they may approve an issue. Raises Refused."""
    actor = require(Role.APPROVER, "Approving an issue")
    if not issue.publication.second_person:
        return actor
    if actor.account is None:
        raise Refused(_who(issue.publication))
    if worked_on(issue, actor):
        raise Refused(
            f"{actor.name} worked on {named(issue)}, and {issue.publication.name} asks for a second person: "
            "somebody else approves it."
        )
    return actor


def worked_on(issue: Issue, actor: Actor) -> bool:
    """Whether somebody composed an issue or changed what is in it, under their account or under its name."""
    on_all = Q(publication=issue.publication_id, act__in=WORK_ON_ALL, at__gte=issue.composed_at)
    work = AuditEntry.objects.filter(Q(issue=issue, act__in=WORK) | on_all)
    return work.filter(Q(account=actor.account) | Q(actor=actor.name)).exists()


def by_second_person(approval: Approval) -> bool:
    """Whether an approval is one by a second person, where one is asked for: also if that is asked only since then."""
    if not approval.issue.publication.second_person:
        return True
    approver = Actor(approval.approved_by, account=approval.account)
    return approval.account is not None and not worked_on(approval.issue, approver)


def _who(publication: Publication) -> str:
    return (
        f"{publication.name} asks for a second person, so it must be known who works on its issues: "
        "`newsletter --as NAME …`, or the desk."
    )
