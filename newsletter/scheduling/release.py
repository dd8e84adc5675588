"""Releases what is due: on time, late within the grace, or not at all.

A release only sets an issue to sending; planning finds it there. Each step is one transaction and a compare-and-set on
the row, so that any number of clocks may tick, and a clock may die at any moment.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from newsletter.errors import Refused, refuse_if
from newsletter.instance.guard import at_home, require_home
from newsletter.issues.approvals import last_ended_approval, standing_approval
from newsletter.issues.audit import record
from newsletter.issues.changeable import lock_issue
from newsletter.issues.labels import at_start
from newsletter.issues.models import Approval, Issue
from newsletter.scheduling.approval import frozen_letter
from newsletter.scheduling.dating import date_for, day_of_going, schedule_of
from newsletter.scheduling.models import Schedule
from newsletter.scheduling.schedule import why_not_send

log = logging.getLogger(__name__)


def grace() -> timedelta:
    """How late an issue may still go."""
    return timedelta(minutes=settings.NEWSLETTER.grace_minutes)


def release_next_issue() -> bool:
    """Release or hold one issue whose time has come, or whose approval is overdue; says whether there was one."""
    if not at_home():
        return False
    now = timezone.now()
    overdue = Q(issue__state=Issue.State.DRAFT, approve_by__lte=now)
    due = Q(due_at__lte=now, issue__state__in=(Issue.State.DRAFT, Issue.State.SCHEDULED))
    found = (
        Schedule.objects.filter(due | overdue).select_related("issue__publication").order_by("due_at", "pk")
    )
    return any(_released(schedule.issue) for schedule in found)


def hold(issue: Issue, because: str) -> None:
    """Keep an issue from going until a person says otherwise; a time that it had is over.

    Inside a transaction that holds the publication.
    """
    Schedule.objects.filter(issue=issue).delete()
    before = issue.state
    issue.state, issue.held_because = Issue.State.HELD, because
    issue.save(update_fields=["state", "held_because"])
    record("hold", because, issue=issue, changes={"state": [before, issue.state]})


def release_now(issue: Issue) -> Approval:
    """Let an approved issue go at once, whatever time it had, and return what was approved.

    Raises Refused with the sentence of `why_not_send`, or if on this day the email is another one.
    """
    require_home()
    with transaction.atomic():
        issue = lock_issue(issue)
        refuse_if(why_not_send(issue))
        date_for(issue, day_of_going(issue, None))
        approval = standing_approval(issue)
        if approval is not None:
            Schedule.objects.filter(issue=issue).delete()
            _let_go(issue)
            return approval
    raise Refused(f"{at_start(issue)} was changed since it was approved. Approve it anew.")


def late_after(issue: Issue) -> datetime | None:
    """When it is too late for an issue to begin to go; None for one that a person sent by hand."""
    schedule = schedule_of(issue)
    return schedule.grace_from + grace() if schedule else None


def changed_since_approval(issue: Issue) -> str:
    """The sentence for an issue whose approval ended when it was about to go."""
    return f"It was changed after it was approved. {_last_reopening(issue)}Approve it, then send it."


def too_late(issue: Issue) -> str:
    """The sentence for an issue whose time was missed by more than the grace."""
    zone = issue.publication.tzinfo
    due, now = (timezone.localtime(each, zone) for each in (issue.schedule.grace_from, timezone.now()))
    return (
        f"It was due at {due:%H:%M} on {due.day} {due:%B}, and it was {now:%H:%M} on {now.day} {now:%B} when the press "
        f"could send it: later than {settings.NEWSLETTER.grace_minutes} minutes (NEWSLETTER_GRACE_MINUTES). Send it "
        "now, give it another time, or cancel it."
    )


def _released(issue: Issue) -> bool:
    """Release or hold an issue. A fault in one must not keep the others from going."""
    try:
        return _release(issue)
    except Exception:
        log.exception("Issue %s could not be released; the others go on.", issue.pk)
        return False


def _release(issue: Issue) -> bool:
    with transaction.atomic():
        issue = lock_issue(issue)
        schedule = schedule_of(issue)
        now = timezone.now()
        if schedule is None or issue.state not in {Issue.State.DRAFT, Issue.State.SCHEDULED}:
            return False
        if issue.state == Issue.State.DRAFT:
            if now < min(schedule.due_at, schedule.approve_by or schedule.due_at):
                return False
            hold(
                issue,
                f"It was not approved in time. {_last_reopening(issue)}Approve it, then send it or give it a time.",
            )
        elif now < schedule.due_at:
            return False
        elif now > schedule.grace_from + grace():
            hold(issue, too_late(issue))
        else:
            # Late over midnight, it is the email of the next day.
            date_for(issue, day_of_going(issue, schedule))
            if frozen_letter(issue) is None:
                hold(issue, changed_since_approval(issue))
            else:
                _let_go(issue)
    return True


def _let_go(issue: Issue) -> None:
    before = issue.state
    issue.state, issue.held_because = Issue.State.SENDING, ""
    issue.save(update_fields=["state", "held_because"])
    record("release", "Released.", issue=issue, changes={"state": [before, issue.state]})


def _last_reopening(issue: Issue) -> str:
    """Why its last approval ended, with a space behind; empty if it never had one."""
    ended = last_ended_approval(issue)
    return f"{ended.withdrawn_because} " if ended else ""
