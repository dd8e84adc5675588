"""Releases issues that are due: on time, late but within the grace, or not at all.

A release only sets the issue's state to sending; then planning finds it. Each step is one transaction and a
compare-and-set on the row, so that any number of schedulers can run, and a scheduler can be killed at any moment.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from newsletter.errors import Refused, refuse_if
from newsletter.instance.guard import may_send, require_may_send
from newsletter.issues.approvals import current_approval, last_ended_approval
from newsletter.issues.change_locks import lock_issue
from newsletter.issues.issue_audit import record
from newsletter.issues.issue_labels import issue_label_at_start
from newsletter.issues.models import Approval, Issue, Publication
from newsletter.scheduling.approval import valid_approval
from newsletter.scheduling.dateline import dateline_day, redate_approval, schedule_of
from newsletter.scheduling.models import Schedule
from newsletter.scheduling.schedule import why_not_send
from subscribers.phrases import counted

log = logging.getLogger(__name__)


def grace() -> timedelta:
    """Return how late an issue can still be sent."""
    return timedelta(minutes=settings.NEWSLETTER.grace_minutes)


def nothing_demanded(_issue: Issue) -> str:
    """Stand for no demands besides the approval."""
    return ""


def release_next_issue(why_not: Callable[[Issue], str] = nothing_demanded) -> bool:
    """Release or block one issue that is due, or whose approval is overdue. Return whether there was one.

    `why_not` says why an approved issue must not be sent all the same, and what to do. It is then blocked for that.
    """
    if not may_send():
        return False
    now = timezone.now()
    overdue = Q(issue__state=Issue.State.DRAFT, approve_by__lte=now)
    due = Q(due_at__lte=now, issue__state__in=(Issue.State.DRAFT, Issue.State.SCHEDULED))
    found = (
        Schedule.objects.filter(due | overdue).select_related("issue__publication").order_by("due_at", "pk")
    )
    return any(_release_safely(schedule.issue, why_not) for schedule in found)


def block_issue(issue: Issue, because: str) -> None:
    """Block an issue until a person decides, and remove its scheduled time.

    Call this inside a transaction that locks the publication.
    """
    Schedule.objects.filter(issue=issue).delete()
    before = issue.state
    issue.state, issue.blocked_reason = Issue.State.BLOCKED, because
    issue.save(update_fields=["state", "blocked_reason"])
    record("block", because, issue=issue, changes={"state": [before, issue.state]})


def release_now(issue: Issue) -> Approval:
    """Release an approved issue at once, whatever its scheduled time, and return its approval.

    Raises Refused with the sentence of `why_not_send`, or if today's email differs from the approved one.
    """
    require_may_send()
    with transaction.atomic():
        issue = lock_issue(issue)
        refuse_if(why_not_send(issue))
        redate_approval(issue, dateline_day(issue, None))
        approval = current_approval(issue)
        if approval is not None:
            Schedule.objects.filter(issue=issue).delete()
            _mark_sending(issue)
            return approval
    raise Refused(f"{issue_label_at_start(issue)} was changed after it was approved. Approve it again.")


def late_after(issue: Issue) -> datetime | None:
    """Return when it is too late to start sending an issue, or None if a person sent the issue by hand."""
    schedule = schedule_of(issue)
    return schedule.grace_from + grace() if schedule else None


def changed_since_approval(issue: Issue) -> str:
    """Return the reason for blocking an issue whose approval ended just before it was due to be sent."""
    return (
        f"Somebody has changed this issue since it was approved. {_last_reopening(issue)}Approve it again, "
        "then send it."
    )


def too_late(issue: Issue) -> str:
    """Return the reason for blocking an issue whose time was missed by more than the grace."""
    late = why_late("This issue", issue.schedule.grace_from, issue.publication)
    return f"{late} Send it now, choose another time, or cancel it."


def why_late(what: str, due_at: datetime, publication: Publication) -> str:
    """Return in two sentences that something was due at a time that was missed by more than the grace."""
    due, now = (timezone.localtime(each, publication.tzinfo) for each in (due_at, timezone.now()))
    minutes = counted(settings.NEWSLETTER.grace_minutes, "minute", "minutes")
    return (
        f"{what} was due at {due:%H:%M} on {due.day} {due:%B}, but we could not send it until {now:%H:%M} on "
        f"{now.day} {now:%B}. That is more than {minutes} late (NEWSLETTER_GRACE_MINUTES)."
    )


def _release_safely(issue: Issue, why_not: Callable[[Issue], str]) -> bool:
    """Release or block an issue. An error in one issue must not stop the others."""
    try:
        return _release(issue, why_not)
    except Exception:
        log.exception("Could not start sending issue %s. Other issues are not affected.", issue.pk)
        return False


def _release(issue: Issue, why_not: Callable[[Issue], str]) -> bool:
    with transaction.atomic():
        issue = lock_issue(issue)
        schedule = schedule_of(issue)
        now = timezone.now()
        if schedule is None or issue.state not in {Issue.State.DRAFT, Issue.State.SCHEDULED}:
            return False
        if issue.state == Issue.State.DRAFT:
            if now < min(schedule.due_at, schedule.approve_by or schedule.due_at):
                return False
            block_issue(
                issue,
                f"This issue was not approved in time. {_last_reopening(issue)}Approve it, then send it or "
                "schedule it.",
            )
        elif now < schedule.due_at:
            return False
        elif now > schedule.grace_from + grace():
            block_issue(issue, too_late(issue))
        else:
            # If the issue is late and midnight has passed, it gets the date of the next day.
            redate_approval(issue, dateline_day(issue, schedule))
            if valid_approval(issue) is None:
                block_issue(issue, changed_since_approval(issue))
            elif because := why_not(issue):
                block_issue(issue, because)
            else:
                _mark_sending(issue)
    return True


def _mark_sending(issue: Issue) -> None:
    before = issue.state
    issue.state, issue.blocked_reason = Issue.State.SENDING, ""
    issue.save(update_fields=["state", "blocked_reason"])
    record("release", "Started sending the issue.", issue=issue, changes={"state": [before, issue.state]})


def _last_reopening(issue: Issue) -> str:
    """Return why the last approval ended, followed by a space, or an empty string without an approval."""
    ended = last_ended_approval(issue)
    return f"{ended.withdrawn_reason} " if ended else ""
