"""Sends an issue because a person says so: the one act behind “Send” at the desk and `newsletter issues send`."""

from datetime import datetime

from django.utils import timezone

from newsletter.accounts.actor import Role, current_actor, require_role
from newsletter.errors import refuse_if
from newsletter.instance.guard import require_may_send
from newsletter.issues.change_locks import CHANGEABLE, lock_issue
from newsletter.issues.models import Issue
from newsletter.scheduling.approval import ApprovalNow
from newsletter.scheduling.release import release_now
from newsletter.scheduling.schedule import send_after_undo_window, why_not_send
from newsletter.sending.audience import audience_day, audience_is_empty, audience_size, rule_for
from newsletter.sending.plan import approval_to_send, write_plan
from newsletter.sending.sendgrid_plan_credits import plan_credits
from newsletter.sending.sync_sendgrid_suppressions import pull_before_mailing
from newsletter.sending.why_nobody import why_nobody
from subscribers.transactions import repeated


def why_not_send_now(issue: Issue, approval: ApprovalNow | None = None) -> str:
    """Return why the current actor may not send an issue now, or an empty string if they may.

    Give `approval` if it is already known, so that the email is not rendered again.
    """
    return why_not_send(issue, approval) or _why_nobody(issue)


def send_now(issue: Issue, *, without_undo: bool = False) -> datetime:
    """Send an approved issue, and return when that begins: once its publication's undo window is over, or at once.

    The scheduler sends it when the undo window is over. Without an undo window, the mailing is planned at once, all of
    it or nothing. Raises Refused with the sentence of `why_not_send_now`, or if this installation may not send or the
    SendGrid plan has too few emails left, and Invalid if the last reader has left meanwhile.
    """
    refuse_if(_why_nobody(issue))
    if not without_undo:
        _require_credits(issue)
        return send_after_undo_window(issue).due_at
    require_role(Role.SENDER, "Sending an issue", publication=issue.publication_id)
    require_may_send()
    without_pull, credits_left = pull_before_mailing(), plan_credits()

    def plan() -> None:
        locked = lock_issue(issue)
        if locked.state == Issue.State.SENDING:
            # The issue was released, and the scheduler has not planned its mailing yet.
            approval = approval_to_send(locked)
        else:
            approval = release_now(locked)
            locked.refresh_from_db()
        write_plan(
            locked,
            approval,
            planned_by=current_actor().name,
            remark=without_pull,
            credits_left=credits_left,
        )

    # Again if somebody in the audience was erased, or the import that brought them was undone.
    repeated(plan)
    return timezone.now()


def _require_credits(issue: Issue) -> None:
    """Raise Refused at once for an issue that would be refused once its undo window is over."""
    credits_left = plan_credits()
    if credits_left is not None:
        credits_left.require(audience_size(issue))


def _why_nobody(issue: Issue) -> str:
    if issue.state not in CHANGEABLE or not audience_is_empty(issue):
        return ""
    nobody = why_nobody(rule_for(issue), audience_day(issue))
    return f"Nobody would receive {issue}, {nobody.why}. {nobody.what_to_do}"
