"""Schedules and unschedules an issue, or sends it after an undo window."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from newsletter.accounts.actor import Role, current_actor, why_not_role
from newsletter.accounts.audit_log import Changes, changes_between, values_of
from newsletter.errors import Refused, refuse_if
from newsletter.issues.approvals import current_approval
from newsletter.issues.archived_publications import why_archived
from newsletter.issues.change_locks import CHANGEABLE, lock_issue, why_not_change
from newsletter.issues.issue_audit import record
from newsletter.issues.issue_labels import issue_label_at_start
from newsletter.issues.models import Issue
from newsletter.scheduling.approval import ApprovalNow, approval_now, valid_approval, why_not_approved
from newsletter.scheduling.dateline import dateline_day, redate_approval, schedule_of
from newsletter.scheduling.models import Schedule
from newsletter.scheduling.recurrence.local_time import to_local
from newsletter.scheduling.send_in_readers_time_zone import first_moment
from subscribers.phrases import counted

MAY_SCHEDULE = (Role.EDITOR, Role.SENDER)
LONGEST_AHEAD = timedelta(days=2 * 366)


def schedule_at(
    issue: Issue,
    at: datetime,
    *,
    readers_time: bool = False,
    approve_by: datetime | None = None,
    promised_at: datetime | None = None,
) -> Schedule:
    """Schedule an issue for a moment, in place of any earlier schedule. It will only be sent if it is approved by then.

    If the email has changed since it was approved, the approval ends. With `readers_time`, each reader gets the issue
    when their own clock shows what the publication's clock shows at that moment. If `promised_at` is given, the grace
    is counted from then. Raises Refused for a moment in the past, or one at which another issue of the publication is
    scheduled.
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
                "That time has already passed in some readers' time zones, and the issue has not been "
                "approved yet. Approve the issue first, or choose a later time."
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
        _set_state(issue, is_approved=valid_approval(issue) is not None)
    return schedule


def send_after_undo_window(issue: Issue) -> Schedule:
    """Send an approved issue once its publication's undo window is over. Until then, `unschedule` undoes this.

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
        _set_state(issue, is_approved=current_approval(issue) is not None)
        sentence = (
            f"Selected “Send”. The issue will be sent in {counted(minutes, 'minute', 'minutes')}, unless "
            "somebody undoes this."
        )
        record("send", sentence, issue=issue, changes=_changes(before, schedule))
    return schedule


def unschedule(issue: Issue) -> None:
    """Remove the scheduled time of an issue, also during the undo window. Its approval stays. Raises Refused."""
    with transaction.atomic():
        issue = lock_issue(issue)
        refuse_if(why_not_unschedule(issue))
        before = schedule_of(issue)
        Schedule.objects.filter(issue=issue).delete()
        if issue.state == Issue.State.SCHEDULED:
            issue.state = Issue.State.APPROVED
            issue.save(update_fields=["state"])
        undone = before is not None and before.in_undo_window
        sentence = "Undid “Send”." if undone else "Removed the scheduled time."
        record("unschedule", sentence, issue=issue, changes=_changes(before, None))


def why_not_schedule(issue: Issue) -> str:
    """Return why the current actor may not schedule an issue, or an empty string if they may."""
    missing = why_not_role(MAY_SCHEDULE, "Scheduling an issue", publication=issue.publication_id)
    return missing or why_archived(issue.publication) or why_not_change(issue, "scheduled")


def why_not_send(issue: Issue, approval: ApprovalNow | None = None) -> str:
    """Return why the current actor may not send an issue, or an empty string if they may.

    Give `approval` if it is already known, so that the email is not rendered again.
    """
    return (
        why_not_role(Role.SENDER, "Sending an issue", publication=issue.publication_id)
        or why_archived(issue.publication)
        or why_not_change(issue, "sent")
        or why_not_approved(issue, approval or approval_now(issue))
    )


def why_not_unschedule(issue: Issue) -> str:
    """Return why the current actor may not unschedule an issue, or an empty string if they may."""
    missing = why_not_role(MAY_SCHEDULE, "Unscheduling an issue", publication=issue.publication_id)
    why = missing or why_not_change(issue, "unscheduled")
    if why or schedule_of(issue) is not None:
        return why
    return f"{issue_label_at_start(issue)} has no scheduled time to remove."


def describe_time(schedule: Schedule) -> str:
    """Return the time of a schedule for a sentence, such as 2026-12-01 07:30 (Europe/London)."""
    own = ", in each reader's own time zone" if schedule.readers_time else ""
    return f"{schedule.local_time.replace('T', ' ')} ({schedule.zone}){own}"


def _changes(before: Schedule | None, after: Schedule | None) -> Changes:
    names = ("local_time", "zone", "readers_time", "in_undo_window", "approve_by")
    return changes_between(values_of(before, names), values_of(after, names))


def _set(issue: Issue, **fields: object) -> Schedule:
    schedule, _is_new = Schedule.objects.update_or_create(
        issue=issue, defaults={**fields, "scheduled_by": current_actor().name, "scheduled_at": timezone.now()}
    )
    return schedule


def _set_state(issue: Issue, *, is_approved: bool) -> None:
    """Make an issue scheduled if it is approved, or else a draft that keeps its time until it is approved."""
    state = Issue.State.SCHEDULED if is_approved else Issue.State.DRAFT
    issue.state, issue.blocked_reason = state, ""
    issue.save(update_fields=["state", "blocked_reason"])


def _require_possible(issue: Issue, at: datetime, due_at: datetime) -> None:
    now = timezone.now()
    if at <= now:
        raise Refused("That time has passed. Choose a time in the future, or send the issue now.")
    if at > now + LONGEST_AHEAD:
        raise Refused("That is more than 2 years ahead. Choose an earlier time.")
    others = Schedule.objects.filter(due_at=due_at, issue__publication=issue.publication)
    others = others.filter(issue__state__in=CHANGEABLE).exclude(issue=issue)
    other = others.select_related("issue__publication").first()
    if other is not None:
        raise Refused(
            f"{issue_label_at_start(other.issue)} is already scheduled for that time. Choose another time."
        )
