"""One sentence that says exactly what will happen to an issue: to whom it is sent, when, and on what condition."""

from newsletter.issues.models import Issue
from newsletter.scheduling.display_times import moment, seconds_left, send_time, span
from newsletter.scheduling.models import Schedule

State = Issue.State


def send_sentence(issue: Issue, schedule: Schedule | None, people: str, *, is_approved: bool) -> str:
    """Say what will happen to an issue that can still be changed, if nobody does anything else.

    `people` says who would receive it, such as “1,204 people (9 more than for the last issue)”, or is a word for them
    while they are being counted.
    """
    if issue.state == State.BLOCKED:
        return f"Nothing will be sent until somebody decides what to do. {issue.blocked_reason}".strip()
    if schedule is None:
        return _without_time(people, is_approved=is_approved)
    is_scheduled = issue.state == State.SCHEDULED
    return _at_its_time(schedule, people, is_approved=is_approved and is_scheduled)


def _at_its_time(schedule: Schedule, people: str, *, is_approved: bool) -> str:
    if is_approved and schedule.in_undo_window:
        left = seconds_left(schedule.due_at)
        when = f"in {span(left)}" if left else "now"
        return f"This issue will be sent to {people} {when}. Until then, you can undo this."
    sentence = f"This issue will be sent to {people} on {send_time(schedule)}"
    if is_approved:
        return f"{sentence}. We will send exactly the approved version."
    if schedule.approve_by is None:
        return f"{sentence}, if it is approved by then. Otherwise, nothing will be sent."
    deadline = moment(schedule.approve_by, schedule.tzinfo)
    return f"{sentence}, if it is approved by {deadline}. Otherwise, nothing will be sent."


def _without_time(people: str, *, is_approved: bool) -> str:
    if is_approved:
        return (
            "Nothing will be sent until somebody sends or schedules this issue. It will then be sent "
            f"to {people}."
        )
    return (
        "Nothing will be sent until somebody approves this issue, and then sends or schedules it. It will "
        f"then be sent to {people}."
    )
