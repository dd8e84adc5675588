"""Approving freezes the letter of an issue: what was approved is what goes, or nothing goes.

The letter is made again before it goes and compared by its digest. Whatever changed it since (an edit, a block, the
sender, an article at its source) ends the approval, and whoever must approve anew is told what is other.
"""

from datetime import date

from django.db import transaction
from django.utils import timezone

from newsletter.accounts.actor import Role, acting, require
from newsletter.errors import Refused
from newsletter.issues.approvals import can_change, reopen, standing_approval
from newsletter.issues.audit import record
from newsletter.issues.compose import locked
from newsletter.issues.four_eyes import require_approver
from newsletter.issues.labels import at_start
from newsletter.issues.models import Approval, Issue
from newsletter.rendering.render import render_letter
from newsletter.scheduling.changes import changes_since, require_articles
from newsletter.scheduling.dating import day_of_going, schedule_of

FROZEN = (Issue.State.APPROVED, Issue.State.SCHEDULED, Issue.State.HELD)


def approve(issue: Issue, *, seen: str = "", day: date | None = None) -> Approval:
    """Freeze the letter as it is for a day: unless one is given, that of its time, else today.

    An issue that has a time is scheduled with it; one that has just passed counts by the grace. `seen` is the digest of
    the letter that was looked at, where a person looked at one. Raises Refused for whoever may not approve it, for
    an issue that has gone, or a letter that is not the one that was seen; Invalid for what cannot be a letter.
    """
    with transaction.atomic():
        issue = lock_issue(issue)
        actor = require_approver(issue)
        if not can_change(issue):
            raise Refused(f"{at_start(issue)} is {issue.state}; only what has not gone can be approved.")
        require_articles(issue)
        before = issue.state
        reopen(issue, "Approved anew.")
        schedule = schedule_of(issue)
        day = day or day_of_going(issue, schedule)
        letter = render_letter(issue, day)
        if seen and letter.digest != seen:
            raise Refused(
                f"{at_start(issue)} was changed while you looked at it. Read it again, then approve it."
            )
        approval = Approval.objects.create(
            issue=issue,
            letter=letter.to_dict(),
            digest=letter.digest,
            day=day,
            approved_by=actor.name,
            account=actor.account,
            approved_at=timezone.now(),
        )
        _set_state(issue, Issue.State.SCHEDULED if schedule else Issue.State.APPROVED)
        record(
            "approve",
            f"Approved “{letter.subject}” for {day.day} {day:%B %Y}.",
            issue=issue,
            changes={"state": [before, issue.state], "email": [None, letter.digest]},
        )
    return approval


def withdraw(issue: Issue) -> None:
    """Take an approval back: the issue is a draft again. Raises Refused when there is none."""
    require(Role.APPROVER, "Taking an approval back")
    with transaction.atomic():
        issue = lock_issue(issue)
        if not can_change(issue) or standing_approval(issue) is None:
            raise Refused(f"{at_start(issue)} is {issue.state} and has no approval to take back.")
        reopen(issue, f"{acting().name} took the approval back.")


def frozen_letter(issue: Issue) -> Approval | None:
    """The approval of an issue, if the letter would still be the same. None: it never was, or it is ended now.

    Inside a transaction that holds the publication.
    """
    approval = standing_approval(issue)
    if approval is None:
        return None
    changed = changes_since(approval, approval.day)
    if changed:
        reopen(issue, " ".join(changed))
        return None
    return approval


def require_frozen(issue: Issue) -> Approval:
    """The approval of an issue whose letter is still the same. Raises Refused for any other."""
    approval = standing_approval(issue)
    changed = changes_since(approval, approval.day) if approval else []
    if approval is None or changed:
        raise Refused(
            f"{at_start(issue)} is not approved as it is now. Approve it first. {' '.join(changed)}".strip()
        )
    return approval


def check_next_approval() -> bool:
    """Look at one approved issue whose letter is other now, and reopen it; says whether there was one."""
    standing = Approval.objects.filter(withdrawn_at=None, issue__state__in=FROZEN, issue__mailing=None)
    for approval in standing.select_related("issue__publication").order_by("pk"):
        # What cannot be compared counts as changed, so that it keeps no other from being looked at.
        if changes_since(approval, approval.day):
            with transaction.atomic():
                issue = lock_issue(approval.issue)
                if issue.state in FROZEN and frozen_letter(issue) is None:
                    return True
    return False


def lock_issue(issue: Issue) -> Issue:
    """The issue as it is now, its publication held by this transaction, as every change of an issue holds it."""
    locked(issue.publication)
    return Issue.objects.select_related("publication").get(pk=issue.pk)


def _set_state(issue: Issue, state: Issue.State) -> None:
    issue.state, issue.held_because = state, ""
    issue.save(update_fields=["state", "held_because"])
