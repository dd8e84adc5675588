"""Approving freezes the letter of an issue: what was approved is what goes, or nothing goes.

The letter is made again before it goes and compared by its digest. Whatever changed it since (an edit, a block, the
sender, an article at its source) ends the approval, and whoever must approve anew is told what is other.
"""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from newsletter.accounts.actor import Role, current_actor, why_not_role
from newsletter.errors import Refused, refuse_if
from newsletter.issues.approvals import current_approval, keep_approval, last_ended_approval, reopen_issue
from newsletter.issues.change_locks import lock_issue, why_not_change
from newsletter.issues.four_eyes import why_not_approver
from newsletter.issues.issue_labels import issue_label_at_start
from newsletter.issues.models import Approval, Issue
from newsletter.rendering.render_email import render_to_send
from newsletter.scheduling.changes_since_approval import changes_since
from newsletter.scheduling.dateline import dateline_day, schedule_of

APPROVED_STATES = (Issue.State.APPROVED, Issue.State.SCHEDULED, Issue.State.BLOCKED)


@dataclass(frozen=True, slots=True)
class ApprovalNow:
    """How the approval of an issue is now: the one that stands, else the last that ended, and what changed since it."""

    standing: Approval | None
    ended: Approval | None
    changes: list[str]

    @property
    def is_valid(self) -> bool:
        """Whether the issue is approved as it is now."""
        return self.standing is not None and not self.changes


def approve(issue: Issue, *, seen: str = "", day: date | None = None) -> Approval:
    """Freeze the letter as it is for a day: unless one is given, that of its time, else today.

    An issue that has a time is scheduled with it; one that has just passed counts by the grace. `seen` is the digest of
    the letter that was looked at, where a person looked at one. Raises Refused for whoever may not approve it, for
    an issue that was sent, or a letter that is not the one that was seen; Invalid for what cannot be a letter.
    """
    with transaction.atomic():
        issue = lock_issue(issue)
        refuse_if(why_not_approve(issue))
        schedule = schedule_of(issue)
        day = day or dateline_day(issue, schedule)
        emails = render_to_send(issue, day)
        if seen and emails.digest != seen:
            raise Refused(
                f"{issue_label_at_start(issue)} was changed while you looked at it. Read it again, then approve it."
            )
        state = Issue.State.SCHEDULED if schedule else Issue.State.APPROVED
        return keep_approval(
            issue, emails.to_list(), emails.digest, day, subject=emails.main.subject, state=state
        )


def why_not_approve(issue: Issue) -> str:
    """Say why whoever acts may not approve an issue; empty when they may."""
    return why_not_approver(issue) or why_not_change(issue, "approved")


def withdraw_approval(issue: Issue) -> None:
    """Take an approval back: the issue is a draft again. Raises Refused with the sentence of `why_not_withdraw`."""
    with transaction.atomic():
        issue = lock_issue(issue)
        refuse_if(why_not_withdraw(issue))
        reopen_issue(issue, f"{current_actor().name} took the approval back.")


def why_not_withdraw(issue: Issue) -> str:
    """Say why whoever acts may not take the approval of an issue back; empty when they may."""
    missing = why_not_role(Role.APPROVER, "Taking an approval back")
    if missing or current_approval(issue) is not None:
        return missing or why_not_change(issue, "approved or not")
    return f"{issue_label_at_start(issue)} has no approval to take back."


def approval_now(issue: Issue) -> ApprovalNow:
    """How the approval of an issue is now. The email is rendered again for it."""
    standing = current_approval(issue)
    ended = last_ended_approval(issue) if standing is None else None
    last = standing or ended
    return ApprovalNow(standing, ended, changes_since(last, last.day) if last else [])


def why_not_approved(issue: Issue, now: ApprovalNow) -> str:
    """Say that an issue is not approved as it is now, and what changed; empty when it is."""
    if now.is_valid:
        return ""
    changed = now.changes if now.standing else []
    return f"{issue_label_at_start(issue)} is not approved as it is now. Approve it first. {' '.join(changed)}".strip()


def valid_approval(issue: Issue) -> Approval | None:
    """The approval of an issue, if the letter would still be the same. None: it never was, or it is ended now.

    Inside a transaction that holds the publication.
    """
    approval = current_approval(issue)
    if approval is None:
        return None
    changed = changes_since(approval, approval.day)
    if changed:
        reopen_issue(issue, " ".join(changed))
        return None
    return approval


def check_next_approval() -> bool:
    """Look at one approved issue whose letter is other now, and reopen it; says whether there was one."""
    standing = Approval.objects.filter(
        withdrawn_at=None, issue__state__in=APPROVED_STATES, issue__mailings=None
    )
    for approval in standing.select_related("issue__publication").order_by("pk"):
        # What cannot be compared counts as changed, so that it keeps no other from being looked at.
        if changes_since(approval, approval.day):
            with transaction.atomic():
                issue = lock_issue(approval.issue)
                if issue.state in APPROVED_STATES and valid_approval(issue) is None:
                    return True
    return False
