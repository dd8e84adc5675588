"""The time of one issue: set, moved, taken back, or at once after a while in which one click takes it back."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from newsletter.accounts.actor import Role, current_actor, why_not_role
from newsletter.accounts.audit_log import Changes, changes_between, values_of
from newsletter.errors import Refused, refuse_if
from newsletter.issues.approvals import current_approval
from newsletter.issues.change_locks import CHANGEABLE, lock_issue, why_not_change
from newsletter.issues.issue_audit import record
from newsletter.issues.issue_labels import issue_label_at_start
from newsletter.issues.models import Issue
from newsletter.scheduling.approval import ApprovalNow, approval_now, why_not_approved
from newsletter.scheduling.dateline import dateline_day, redate_approval, schedule_of
from newsletter.scheduling.models import Schedule
from newsletter.scheduling.readers_time import first_moment
from newsletter.scheduling.recurrence.local_time import to_local

LONGEST_AHEAD = timedelta(days=2 * 366)


def schedule_at(
    issue: Issue,
    at: datetime,
    *,
    readers_time: bool = False,
    approve_by: datetime | None = None,
    promised_at: datetime | None = None,
) -> Schedule:
    """Let an issue go at a moment, in place of any time it had; until it is approved, that time waits for the approval.

    With `readers_time`, each reader has it when their own clock shows what the publication's clock shows then. The
    grace counts from `promised_at`, where that was earlier. Raises Refused for a moment that has passed, or one at
    which another issue of the publication goes.
    """
    with transaction.atomic():
        issue = lock_issue(issue)
        refuse_if(why_not_schedule(issue))
        zone = issue.publication.tzinfo
        local_time = to_local(at, zone)
        due_at = first_moment(issue.publication, at) if readers_time else at
        _require_possible(issue, at, due_at)
        if readers_time and due_at <= timezone.now() and current_approval(issue) is None:
            raise Refused(
                "Where clocks are ahead, that time has passed. Approve it first, or take a later time."
            )
        before = schedule_of(issue)
        schedule = _set(
            issue,
            local_time=f"{local_time:%Y-%m-%dT%H:%M}",
            zone=zone.key,
            due_at=due_at,
            promised_at=promised_at,
            readers_time=readers_time,
            approve_by=approve_by,
            in_undo_window=False,
        )
        record(
            "schedule",
            f"Scheduled for {describe_time(schedule)}.",
            issue=issue,
            changes=_changes(before, schedule),
        )
        redate_approval(issue, dateline_day(issue, schedule))
        _set_state_from_approval(issue)
    return schedule


def send_after_undo_window(issue: Issue) -> Schedule:
    """Send an approved issue once its publication's undo window is over; until then it can be taken back.

    Raises Refused with the sentence of `why_not_send`.
    """
    with transaction.atomic():
        issue = lock_issue(issue)
        refuse_if(why_not_send(issue))
        minutes = issue.publication.undo_minutes
        due_at = timezone.now() + timedelta(minutes=minutes)
        local_time = to_local(due_at, issue.publication.tzinfo)
        before = schedule_of(issue)
        schedule = _set(
            issue,
            local_time=f"{local_time:%Y-%m-%dT%H:%M}",
            zone=issue.publication.zone,
            due_at=due_at,
            promised_at=None,
            readers_time=False,
            approve_by=None,
            in_undo_window=True,
        )
        redate_approval(issue, dateline_day(issue, schedule))
        _set_state_from_approval(issue)
        sentence = f"Said “send”; it goes in {minutes} minutes unless it is taken back."
        record("send", sentence, issue=issue, changes=_changes(before, schedule))
    return schedule


def unschedule(issue: Issue) -> None:
    """Take the time of an issue away, also after “send” while it is held; its approval stays. Raises Refused."""
    with transaction.atomic():
        issue = lock_issue(issue)
        refuse_if(why_not_unschedule(issue))
        before = schedule_of(issue)
        Schedule.objects.filter(issue=issue).delete()
        if issue.state == Issue.State.SCHEDULED:
            issue.state = Issue.State.APPROVED
            issue.save(update_fields=["state"])
        record("unschedule", "Took its time away.", issue=issue, changes=_changes(before, None))


def why_not_schedule(issue: Issue) -> str:
    """Say why whoever acts may not give an issue a time; empty when they may."""
    return why_not_role(Role.EDITOR, "Scheduling an issue") or why_not_change(issue, "scheduled")


def why_not_send(issue: Issue, approval: ApprovalNow | None = None) -> str:
    """Say why whoever acts may not send an issue; empty when they may. `approval`: as it is now, if that is known."""
    return (
        why_not_role(Role.APPROVER, "Sending an issue")
        or why_not_change(issue, "sent")
        or why_not_approved(issue, approval or approval_now(issue))
    )


def why_not_unschedule(issue: Issue) -> str:
    """Say why whoever acts may not take the time of an issue away; empty when they may."""
    why = why_not_role(Role.EDITOR, "Taking an issue back") or why_not_change(issue, "taken back")
    if why or schedule_of(issue) is not None:
        return why
    return f"{issue_label_at_start(issue)} has no time that could be taken away."


def describe_time(schedule: Schedule) -> str:
    """A time as a sentence says it, such as 2026-12-01 07:30 (Europe/London)."""
    own = ", in each reader's own time" if schedule.readers_time else ""
    return f"{schedule.local_time.replace('T', ' ')} ({schedule.zone}){own}"


def _changes(before: Schedule | None, after: Schedule | None) -> Changes:
    names = ("local_time", "zone", "readers_time", "in_undo_window", "approve_by")
    return changes_between(values_of(before, names), values_of(after, names))


def _set(issue: Issue, **fields: object) -> Schedule:
    schedule, _is_new = Schedule.objects.update_or_create(
        issue=issue, defaults={**fields, "scheduled_by": current_actor().name, "scheduled_at": timezone.now()}
    )
    return schedule


def _set_state_from_approval(issue: Issue) -> None:
    """Scheduled, if its approval stands; else a draft whose time waits for the approval."""
    state = Issue.State.SCHEDULED if current_approval(issue) else Issue.State.DRAFT
    issue.state, issue.blocked_reason = state, ""
    issue.save(update_fields=["state", "blocked_reason"])


def _require_possible(issue: Issue, at: datetime, due_at: datetime) -> None:
    now = timezone.now()
    if at <= now:
        raise Refused("That time has passed. Name one to come, or send the issue now.")
    if at > now + LONGEST_AHEAD:
        raise Refused("That is more than two years ahead. Name an earlier time.")
    others = Schedule.objects.filter(due_at=due_at, issue__publication=issue.publication)
    others = others.filter(issue__state__in=CHANGEABLE).exclude(issue=issue)
    other = others.select_related("issue__publication").first()
    if other is not None:
        raise Refused(f"{issue_label_at_start(other.issue)} goes at that minute already. Name another time.")
