"""The day that an issue is for: what stands in its dateline, which blocks it shows, and whose pause is over.

An approval is for one day. On another day only the dateline may differ, and only where it stands: both days are made
with the same mark in its place and compared, so that a date that somebody wrote stays as it was written.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial

from django.utils import timezone
from markupsafe import escape

from newsletter.issues.approvals import current_approval, reopen_issue
from newsletter.issues.issue_audit import record
from newsletter.issues.models import Approval, Issue
from newsletter.rendering.email import Email
from newsletter.rendering.localisation import long_date
from newsletter.rendering.render_email import render_emails
from newsletter.scheduling.changes_since_approval import changes_since, sentences_about_changes
from newsletter.scheduling.email_diff import email_differences
from newsletter.scheduling.models import Schedule
from subscribers.text import written_day

# As nobody writes it, and of a form that no template, filter or inliner changes.
DATELINE = "datelinex7c1f4e9a0b62d835x"


def schedule_of(issue: Issue) -> Schedule | None:
    """The time that was set for an issue."""
    return Schedule.objects.filter(issue=issue).first()


def dateline_day(issue: Issue, schedule: Schedule | None) -> date:
    """The day that the letter is for: where its publication is at home, or by each reader's own clock.

    Each reader's clock shows the same day when it shows the wall time, so that all send windows have one email.
    """
    if schedule is not None and schedule.readers_time:
        return datetime.fromisoformat(schedule.local_time).date()
    now = timezone.now()
    moment = schedule.due_at if schedule is not None and schedule.due_at > now else now
    return timezone.localdate(moment, issue.publication.tzinfo)


def day_in_window(schedule: Schedule, window: datetime) -> date:
    """The day that it is now by the clocks of the readers whose wall time came, or comes, at `window`."""
    late = max(timezone.now() - window, timedelta(0))
    return (datetime.fromisoformat(schedule.local_time) + late).date()


def redate_approval(issue: Issue, day: date) -> None:
    """Put another day on the letter that was approved. If more than its date is other then, it is reopened instead.

    Inside a transaction that holds the publication.
    """
    approval = current_approval(issue)
    if approval is None or approval.day == day:
        return
    changed = changes_since(approval, approval.day) or sentences_about_changes(
        approval, partial(_changes_besides_dateline, approval, day)
    )
    if changed:
        reopen_issue(issue, f"On {written_day(day)} it reads differently. {' '.join(changed)}")
        return
    emails, before = render_emails(issue, day), approval.day
    approval.emails, approval.digest, approval.day = emails.to_list(), emails.digest, day
    approval.save(update_fields=["emails", "digest", "day"])
    record("date", f"Dated {written_day(day)}, was {written_day(before)}.", issue=issue)


def changes_on_another_day(approval: Approval) -> str:
    """What becomes of an approval if its issue goes on another day, in sentences for who is about to set a time."""
    said = f"It is dated {written_day(approval.day)}. On another day only its date line changes."
    ends = sorted(_changes_of_blocks(approval))
    if not ends:
        return said
    first, what = ends[0]
    return f"{said} From {written_day(first)} on it must be approved again: {what}."


def _changes_of_blocks(approval: Approval) -> Iterator[tuple[date, str]]:
    """The days after an approval's own on which a standing block begins, or is no longer shown."""
    for block in approval.issue.publication.blocks.all():
        if block.starts_on and block.starts_on > approval.day:
            yield block.starts_on, f"the block “{block.name}” begins then"
        elif block.ends_on and block.ends_on >= approval.day:
            yield block.ends_on + timedelta(days=1), f"the block “{block.name}” has ended by then"


def _changes_besides_dateline(approval: Approval, day: date) -> list[str]:
    """What a day changes besides the dateline: both days are made with a mark in its place."""
    issue = approval.issue
    written = long_date(day, issue.publication.language)
    marked = render_emails(issue, day, dateline=DATELINE)
    others = email_differences(render_emails(issue, approval.day, dateline=DATELINE), marked)
    if others:
        return [sentence.replace(DATELINE, written) for sentence in others]
    # A theme could print other things on other days: what goes is the marked letter with the date in its place.
    dated = marked.each_email(partial(_with_date, written=written))
    return email_differences(dated, render_emails(issue, day))


def _with_date(marked: Email, *, written: str) -> Email:
    document = marked.to_dict()
    for name in ("subject", "preheader", "text"):
        document[name] = document[name].replace(DATELINE, written)
    document["html"] = document["html"].replace(DATELINE, str(escape(written)))
    return Email.from_dict(document)
