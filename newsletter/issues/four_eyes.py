"""Separation of duties: if a publication requires it, nobody can approve an issue that they worked on.

The rule needs to know who works on an issue, so people on the command line sign in to an account first. Issues composed
automatically count as nobody's work. The audit log shows who worked on the issue itself, who changed what appears in
every issue, and who wrote or changed one of its articles, even before the issue had it. The last two count until an
email that contains the change was approved by somebody else and sent. The rule still applies to an issue that was
started under it, even if the rule is turned off later.
"""

from collections.abc import Callable, Container, Iterable, Sequence

from django.db.models import Q, Subquery

from newsletter.accounts.actor import SYSTEM, Actor, Role, current_actor, why_not_role
from newsletter.articles.models import Correction
from newsletter.errors import refuse_if
from newsletter.issues.blocks_shown_in_email import shown_on
from newsletter.issues.issue_labels import issue_label
from newsletter.issues.models import Approval, AuditEntry, Issue, IssueBlock, Item, Publication, StandingBlock
from subscribers.leases import CLOCKS_DIFFER

# `article` means that an article of the issue was excluded, or included again.
WORK = ("compose", "edit", "article")
# These acts change what appears in every issue, so they count as work on each issue.
WORK_ON_ALL = ("block", "publication", "series", "topic-rules")
# Those of an article that an email shows. Only those of an editor: sources change articles without an entry.
WORDS = frozenset(
    {
        "title",
        "standfirst",
        "body_html",
        "authors",
        "url",
        "image_alt",
        "picture",
        "references",
        "reviewed_on",
    }
)
SETTINGS_OUTSIDE_EMAIL = frozenset({"undo_minutes", "four_eyes"})


def require_editor(publication: Publication, act: str, *, role: Role = Role.EDITOR) -> Actor:
    """Return the current actor. Raises Refused with the sentence of `why_not_work_on`."""
    refuse_if(why_not_work_on(publication, act, role=role))
    return current_actor()


def why_not_work_on(publication: Publication, act: str, *, role: Role = Role.EDITOR) -> str:
    """Return why the current actor may not work on a publication's issues, or an empty string if they may.

    `role` is the author for texts alone.
    """
    actor = current_actor()
    if missing := why_not_role(role, act, publication=publication.pk):
        return missing
    unknown = publication.four_eyes and actor.account is None and actor != SYSTEM
    return _why_unknown_actor(publication) if unknown else ""


def why_not_approver(issue: Issue) -> str:
    """Return why the current actor may not approve an issue, or an empty string if they may."""
    if missing := why_not_role(Role.APPROVER, "Approving an issue", publication=issue.publication_id):
        return missing
    if not requires_four_eyes(issue):
        return ""
    actor = current_actor()
    why = _why_not_second(
        issue.publication,
        actor,
        worked=lambda: worked_on(issue, actor),
        did=f"worked on {issue_label(issue)}",
        each="issue",
    )
    return f"{why}{_why_still(issue.publication, 'issues that were started')}" if why else ""


def why_not_approve_correction(publication: Publication, correction: Correction) -> str:
    """Return why the current actor may not approve the email about a correction, or an empty string if they may.

    With separation of duties, nobody who corrected the article can, also if the rule was turned off since then.
    """
    if missing := why_not_role(
        Role.APPROVER, "Approving an email about a correction", publication=publication.pk
    ):
        return missing
    made_since = Q(at__gte=correction.made_at - CLOCKS_DIFFER) if correction.made_at else Q()
    if not publication.four_eyes and not _was_turned_off(publication.pk, made_since):
        return ""
    actor = current_actor()
    thing = f"article {correction.article_id}"
    made = AuditEntry.objects.filter(_theirs(actor), act="correction", thing=thing).order_by()
    why = _why_not_second(
        publication, actor, worked=made.exists, did="corrected this article", each="email about a correction"
    )
    return f"{why}{_why_still(publication, 'corrections that were made')}" if why else ""


def _why_still(publication: Publication, things: str) -> str:
    """Return that the rule was turned off but still applies, or an empty string if it is on."""
    if publication.four_eyes:
        return ""
    return f" This rule has since been turned off, but it still applies to {things} before then, or shortly afterwards."


def _why_not_second(
    publication: Publication, actor: Actor, *, worked: Callable[[], bool], did: str, each: str
) -> str:
    """Return why somebody is not the second person that a publication requires, or an empty string if they are."""
    if actor.account is None:
        return _why_unknown_actor(publication, each)
    if not worked():
        return ""
    return (
        f"{actor.name} {did}. {publication.name} requires a second person to approve "
        f"each {each}, so somebody else must approve this one."
    )


def _theirs(actor: Actor) -> Q:
    """Return the condition for what an actor did, by their account or under their name."""
    return Q(account=actor.account) | Q(actor=actor.name)


def approvable_among(issues: Sequence[Issue]) -> set[int]:
    """Return which of these issues the current actor may approve, by their IDs.

    This is one query, and more only for publications with separation of duties.
    """
    actor = current_actor()
    issues = [issue for issue in issues if actor.may(Role.APPROVER, issue.publication_id)]
    if not issues:
        return set()
    since = min(issue.composed_at for issue in issues) - CLOCKS_DIFFER
    entries = AuditEntry.objects.filter(
        publication__in={issue.publication_id for issue in issues}, act="publication", at__gte=since
    ).order_by()  # in their usual order, SQLite reads the whole log
    switched = {
        publication
        for publication, changes in entries.values_list("publication", "changes")
        if changes.get("four_eyes") == [True, False]
    }
    return {
        issue.pk
        for issue in issues
        if not (issue.publication.four_eyes or issue.publication_id in switched)
        or not why_not_approver(issue)
    }


def requires_four_eyes(issue: Issue) -> bool:
    """Return whether a second person must approve an issue, by the rule now or at any time since it was started."""
    if issue.publication.four_eyes:
        return True
    first = AuditEntry.objects.filter(issue=issue).order_by("at").values("at")[:1]
    return _was_turned_off(issue.publication_id, Q(at__gte=issue.composed_at) | Q(at__gte=Subquery(first)))


def _was_turned_off(publication: int, since: Q) -> bool:
    """Return whether somebody turned the rule off since then."""
    switches = AuditEntry.objects.filter(since, publication=publication, act="publication")
    switches = switches.order_by()  # in their usual order, SQLite reads the whole log
    return any(
        changes.get("four_eyes") == [True, False] for changes in switches.values_list("changes", flat=True)
    )


def worked_on(issue: Issue, actor: Actor) -> bool:
    """Return whether an actor composed an issue or changed its content, by their account or under their name."""
    theirs = AuditEntry.objects.filter(_theirs(actor))
    if theirs.filter(issue=issue, act__in=WORK).exists():
        return True
    on_all = Q(publication=issue.publication_id, act__in=WORK_ON_ALL)
    on_its_list = Q(act="list", thing=f"list {issue.publication.mailing_list_id}")
    articles = [f"article {number}" for number in issue.items.values_list("article", flat=True)]
    of_no_issue = Q(act="article", issue=None, thing__in=articles)
    found = [entry for entry in theirs.filter(on_all | on_its_list | of_no_issue) if _is_in_an_email(entry)]
    if not found:
        return False
    sent = _sent_emails_approved_by_others(issue, actor)
    blocks = {f"block {block.pk}": block for block in issue.publication.blocks.all()}
    unseen = _blocks_that_issues_changed(sent)
    having = _approvals_of_articles(sent, [entry.thing for entry in found if entry.act == "article"])
    return not all(
        _was_seen(entry, blocks.get(entry.thing), having.get(entry.thing, sent), unseen) for entry in found
    )


def meets_four_eyes(approval: Approval) -> bool:
    """Return whether an approval meets the rule, even if the rule was turned on after the approval."""
    if not requires_four_eyes(approval.issue):
        return True
    approver = Actor(approval.approved_by, account=approval.account)
    return approval.account is not None and not worked_on(approval.issue, approver)


def _is_in_an_email(entry: AuditEntry) -> bool:
    """Return whether a change can be seen in an email. For a series, only its selection of articles can.

    Adding an article by its link changes no words of it: that records only a headline where there was none.
    """
    if entry.act == "article":
        changed = WORDS & entry.changes.keys()
        return bool(changed) and (changed != {"title"} or entry.changes["title"][0] is not None)
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


def _approvals_of_articles(sent: Iterable[Approval], things: Sequence[str]) -> dict[str, list[Approval]]:
    """Return which of these approvals are of an issue that has an article, for each of these articles."""
    having: dict[str, list[Approval]] = {thing: [] for thing in things}
    by_issue = {approval.issue_id: approval for approval in sent}
    numbers = [int(thing.removeprefix("article ")) for thing in having]
    for issue, number in Item.objects.filter(issue__in=by_issue, article__in=numbers).values_list(
        "issue", "article"
    ):
        having[f"article {number}"].append(by_issue[issue])
    return having


def _blocks_that_issues_changed(sent: Iterable[Approval]) -> set[tuple[int, int | None]]:
    """Return the standing blocks that these issues hid or gave another content, each with the issue."""
    rows = IssueBlock.objects.filter(issue__in=[approval.issue_id for approval in sent])
    return {(row.issue_id, row.block_id) for row in rows if row.hidden or row.content}


def _was_seen(
    entry: AuditEntry,
    block: StandingBlock | None,
    sent: Iterable[Approval],
    unseen: Container[tuple[int, int | None]],
) -> bool:
    """Return whether one of these approvals covers an email in which the change of a log entry could be seen."""
    later = (approval for approval in sent if approval.approved_at > entry.at)
    return any(
        block is None or (shown_on(block, approval.day) and (approval.issue_id, block.pk) not in unseen)
        for approval in later
    )


def _why_unknown_actor(publication: Publication, each: str = "issue") -> str:
    return (
        f"{publication.name} requires a second person to approve each {each}, so we need to know who you are. "
        "Run the command as `newsletter --as NAME …`, or log in to the desk."
    )
