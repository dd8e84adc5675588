"""Approving an issue freezes its email: either exactly the approved email is sent, or nothing is.

The email is rendered again before it is sent, and the digests are compared. Any change since (an edit, a block, the
sender, an article at its source) ends the approval, and the person who has to approve again is told what changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import QuerySet

from newsletter.accounts.actor import Role, current_actor, why_not_role
from newsletter.errors import Refused, refuse_if
from newsletter.issues.approvals import current_approval, keep_approval, last_ended_approval, reopen_issue
from newsletter.issues.change_locks import lock_issue, why_not_change
from newsletter.issues.four_eyes import why_not_approver
from newsletter.issues.issue_labels import issue_label, issue_label_at_start
from newsletter.issues.look_up_audience import audience_mark, change_of_audience
from newsletter.issues.models import Approval, Issue, PreflightRun, Publication
from newsletter.issues.running_order import why_nothing_to_send
from newsletter.rendering.render_email import render_to_send
from newsletter.scheduling.changes_since_approval import changes_since
from newsletter.scheduling.dateline import dateline_day, schedule_of
from subscribers.phrases import counted, listed

# More would fill the screen of a phone, and “Review” shows all of them.
MOST_NAMED = 3
APPROVED_STATES = (Issue.State.APPROVED, Issue.State.SCHEDULED, Issue.State.BLOCKED)


@dataclass(frozen=True, slots=True)
class ApprovalNow:
    """The approval of an issue now: the one that stands, or else the last that ended, and what changed since then."""

    standing: Approval | None
    ended: Approval | None
    changes: list[str]

    @property
    def is_valid(self) -> bool:
        """Return whether the issue is approved as it is now."""
        return self.standing is not None and not self.changes


def approve(issue: Issue, *, seen: str = "", audience_seen: str = "", day: date | None = None) -> Approval:
    """Freeze the email for a day. Without a `day`, this is the day of the issue's scheduled time, or else today.

    An issue with a scheduled time becomes scheduled. A time that has just passed still counts, within the grace. `seen`
    is the digest of the email that the person looked at, if any, and `audience_seen` the `audience_mark` of its
    readers. Raises Refused if the actor may not approve the issue, if it was sent, if the checks found errors in this
    email, or if the email or the audience is not the one that was seen. Raises Invalid if the email cannot be rendered.
    If the same person approves the same again, as with a double click, their approval stands.
    """
    with transaction.atomic():
        issue = lock_issue(issue)
        schedule = schedule_of(issue)
        own_day = dateline_day(issue, schedule)
        refuse_if(why_not_approve_with_content(issue) or why_nothing_to_send(issue, own_day))
        day = day or own_day
        emails = render_to_send(issue, day)
        if seen and emails.digest != seen:
            raise Refused(
                f"{issue_label_at_start(issue)} was changed after you opened it. Read it again, then "
                "approve it."
            )
        if audience_seen and audience_seen != audience_mark(issue):
            raise Refused(
                f"Somebody has changed who receives {issue_label(issue)} since you opened the page. Check "
                "who would receive it now, then approve it."
            )
        refuse_if(why_not_by_checks(issue, emails.digest))
        state = Issue.State.SCHEDULED if schedule else Issue.State.APPROVED
        standing = current_approval(issue)
        if standing and issue.state == state and _is_repeated(standing, emails.digest, day):
            return standing
        return keep_approval(
            issue, emails.to_list(), emails.digest, day, subject=emails.main.subject, state=state
        )


def _is_repeated(standing: Approval, digest: str, day: date) -> bool:
    """Return whether the current actor has approved these emails for this day and the same audience already."""
    actor = current_actor()
    return (
        (standing.approved_by, standing.account) == (actor.name, actor.account)
        and (standing.digest, standing.day) == (digest, day)
        and not change_of_audience(standing.audience, standing.issue)
        and standing.blocks is not None
    )


def why_not_approve(issue: Issue) -> str:
    """Return why the current actor may not approve an issue, or an empty string if they may."""
    return why_not_approve_with_content(issue) or why_nothing_to_send(
        issue, dateline_day(issue, schedule_of(issue))
    )


def why_not_approve_with_content(issue: Issue) -> str:
    """Return why the current actor may not approve an issue that has something to send, or an empty string."""
    return why_not_approver(issue) or why_not_change(issue, "approved")


def why_not_by_checks(issue: Issue, digest: str) -> str:
    """Return which errors the checks found in the emails with this digest, if nobody overruled them.

    This reads only what the checks stored. Empty if they found none.
    """
    run = PreflightRun.objects.filter(issue=issue, digest=digest, errors__gt=0).first()
    if run is None:
        return ""
    errors = [
        each["what"] for each in run.findings if each["level"] == "error" and not each["overruled_because"]
    ]
    found = counted(run.errors, "error", "errors")
    named = f" {' '.join(errors)}" if len(errors) <= MOST_NAMED else ""
    return (
        f"{issue_label_at_start(issue)} has {found}, so it cannot be approved.{named} Go to “Review” to correct or "
        "overrule each error."
    )


def withdraw_approval(issue: Issue) -> None:
    """Withdraw an approval, so that the issue is a draft again. Raises Refused as `why_not_withdraw` says."""
    with transaction.atomic():
        issue = lock_issue(issue)
        refuse_if(why_not_withdraw(issue))
        reopen_issue(issue, f"{current_actor().name} withdrew the approval.")


def why_not_withdraw(issue: Issue) -> str:
    """Return why the current actor may not withdraw the approval of an issue, or an empty string if they may."""
    missing = why_not_role(Role.APPROVER, "Withdrawing an approval", publication=issue.publication_id)
    if missing or current_approval(issue) is not None:
        return missing or why_not_change(issue, "changed back to a draft")
    return f"{issue_label_at_start(issue)} has no approval to withdraw."


def approval_now(issue: Issue) -> ApprovalNow:
    """Return the approval of an issue now. This renders the email again."""
    standing = current_approval(issue)
    ended = last_ended_approval(issue) if standing is None else None
    last = standing or ended
    return ApprovalNow(standing, ended, changes_since(last, last.day) if last else [])


def why_not_approved(issue: Issue, now: ApprovalNow) -> str:
    """Return why an issue is not approved as it is now, with what changed, or an empty string if it is."""
    if now.is_valid:
        return ""
    changed = now.changes if now.standing else []
    return (
        f"The current version of {issue_label(issue)} is not approved. Approve it first. {' '.join(changed)}"
    ).strip()


def valid_approval(issue: Issue) -> Approval | None:
    """Return the approval of an issue if its email is still the same. Otherwise end the approval and return None.

    Call this inside a transaction that locks the publication.
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
    """Reopen one approved issue whose email has changed. Return whether there was one."""
    return any(_reopened(approval) for approval in _standing_approvals())


def end_changed_approvals(publication: Publication) -> list[Issue]:
    """Reopen the approved issues of a publication whose emails have changed, at once, and return them.

    After a change to texts that are in every issue, this tells the person who made it what they have to approve again.
    """
    found = _standing_approvals().filter(issue__publication=publication)
    return [approval.issue for approval in found if _reopened(approval)]


def sentence_about_reopened(issues: Sequence[Issue]) -> str:
    """Return which issues must be approved again, as a sentence, or an empty string."""
    if not issues:
        return ""
    names = listed([issue_label(each) for each in issues])
    return f"The email has changed, so somebody must approve {names} again."


def _standing_approvals() -> QuerySet[Approval]:
    standing = Approval.objects.filter(
        withdrawn_at=None, issue__state__in=APPROVED_STATES, issue__mailings=None
    )
    return standing.select_related("issue__publication").order_by("pk")


def _reopened(approval: Approval) -> bool:
    # An email that cannot be compared counts as changed, so that the other issues are still checked.
    if not changes_since(approval, approval.day):
        return False
    with transaction.atomic():
        issue = lock_issue(approval.issue)
        return issue.state in APPROVED_STATES and valid_approval(issue) is None
