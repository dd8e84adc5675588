"""Where a publication asks for a second person, nobody approves what they worked on, by whatever door.

For that it must be known who works on it: whoever has the shell proves an account first. What the press composed by
itself is nobody's own. Work is read from the audit log: on the issue itself, and on what stands in every issue, until
an email that another person approved was sent with it. An issue that was begun under the rule keeps it, also if the
rule is switched off meanwhile.
"""

from collections.abc import Iterable

from django.db.models import Q

from newsletter.accounts.actor import SYSTEM, Actor, Role, current_actor, why_not_role
from newsletter.errors import refuse_if
from newsletter.issues.issue_labels import issue_label
from newsletter.issues.models import Approval, AuditEntry, Issue, Publication, StandingBlock
from newsletter.issues.standing_blocks import shown_on

# `article`: an article of the issue was excluded, or included again.
WORK = ("compose", "edit", "article")
# What stands in every issue is work on each that is made of it.
WORK_ON_ALL = ("block", "publication", "series")
SETTINGS_OUTSIDE_EMAIL = frozenset({"undo_minutes", "four_eyes"})


def require_editor(publication: Publication, act: str) -> Actor:
    """Return who acts. Raises Refused with the sentence of `why_not_work_on`."""
    refuse_if(why_not_work_on(publication, act))
    return current_actor()


def why_not_work_on(publication: Publication, act: str) -> str:
    """Say why whoever acts may not work on the issues of a publication; empty when they may."""
    actor = current_actor()
    if missing := why_not_role(Role.EDITOR, act):
        return missing
    unknown = publication.four_eyes and actor.account is None and actor != SYSTEM
    return _who(publication) if unknown else ""


def why_not_approver(issue: Issue) -> str:
    """Say why whoever acts is not somebody who may approve an issue; empty when they are."""
    if missing := why_not_role(Role.APPROVER, "Approving an issue"):
        return missing
    if not requires_four_eyes(issue):
        return ""
    actor = current_actor()
    if actor.account is None:
        return _who(issue.publication)
    if not worked_on(issue, actor):
        return ""
    begun_before = "" if issue.publication.four_eyes else " It was begun before that rule was switched off."
    return (
        f"{actor.name} worked on {issue_label(issue)}, and {issue.publication.name} asks for a second person: "
        f"somebody else approves it.{begun_before}"
    )


def requires_four_eyes(issue: Issue) -> bool:
    """Whether an issue needs a second person: by the rule of now, or by one that stood while it was being made."""
    if issue.publication.four_eyes:
        return True
    first = AuditEntry.objects.filter(issue=issue).order_by("at").values_list("at", flat=True).first()
    since = min(first, issue.composed_at) if first else issue.composed_at
    switches = AuditEntry.objects.filter(publication=issue.publication_id, act="publication", at__gte=since)
    return any(
        changes.get("four_eyes") == [True, False] for changes in switches.values_list("changes", flat=True)
    )


def worked_on(issue: Issue, actor: Actor) -> bool:
    """Whether somebody composed an issue or changed what is in it, under their account or under its name."""
    theirs = AuditEntry.objects.filter(Q(account=actor.account) | Q(actor=actor.name))
    if theirs.filter(issue=issue, act__in=WORK).exists():
        return True
    on_all = Q(publication=issue.publication_id, act__in=WORK_ON_ALL)
    on_its_list = Q(act="list", thing=f"list {issue.publication.mailing_list_id}")
    found = [entry for entry in theirs.filter(on_all | on_its_list) if _is_in_an_email(entry)]
    if not found:
        return False
    sent = _sent_emails_approved_by_others(issue, actor)
    blocks = {f"block {block.pk}": block for block in issue.publication.blocks.all()}
    return not all(_was_seen(entry, blocks.get(entry.thing), sent) for entry in found)


def meets_four_eyes(approval: Approval) -> bool:
    """Whether an approval is one by a second person, where one is asked for: also if that is asked only since then."""
    if not requires_four_eyes(approval.issue):
        return True
    approver = Actor(approval.approved_by, account=approval.account)
    return approval.account is not None and not worked_on(approval.issue, approver)


def _is_in_an_email(entry: AuditEntry) -> bool:
    """Whether an email can show what was changed; of a series, that is which articles it chooses."""
    if entry.act == "series":
        return "selection" in entry.changes
    return bool(entry.changes.keys() - SETTINGS_OUTSIDE_EMAIL)


def _sent_emails_approved_by_others(issue: Issue, actor: Actor) -> list[Approval]:
    sent = Approval.objects.filter(
        issue__publication=issue.publication_id,
        issue__in=Issue.objects.filter(mailings__isnull=False),
        withdrawn_at=None,
        account__isnull=False,
    )
    others = sent.exclude(issue=issue).exclude(account=actor.account).exclude(approved_by=actor.name)
    return list(others.defer("emails"))


def _was_seen(entry: AuditEntry, block: StandingBlock | None, sent: Iterable[Approval]) -> bool:
    """Whether one of those who approved these emails saw in it what an entry of the log says was changed."""
    later = (approval for approval in sent if approval.approved_at > entry.at)
    return any(block is None or shown_on(block, approval.day) for approval in later)


def _who(publication: Publication) -> str:
    return (
        f"{publication.name} asks for a second person, so it must be known who works on its issues: "
        "`newsletter --as NAME …`, or the desk."
    )
