"""The day that an issue is for: it decides the dateline, the blocks shown, and which subscribers' pauses are over.

An approval is for one day. On another day only the dateline may differ. To check this, the email is rendered for both
days with the same mark in place of the dateline, and compared. A date that somebody wrote in a text stays as it is.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial

from django.utils import timezone
from markupsafe import escape

from newsletter.issues.approvals import current_approval, reopen_issue
from newsletter.issues.issue_audit import record
from newsletter.issues.models import Approval, Issue
from newsletter.issues.running_order import blocks_of
from newsletter.rendering.email import Email
from newsletter.rendering.localisation import long_date
from newsletter.rendering.render_email import render_emails
from newsletter.scheduling.changes_since_approval import changes_since, sentences_about_changes
from newsletter.scheduling.email_diff import email_differences
from newsletter.scheduling.models import Schedule
from subscribers.phrases import written_day

# A text that nobody would write, and that no template, filter or CSS inliner changes.
DATELINE = "datelinex7c1f4e9a0b62d835x"


def schedule_of(issue: Issue) -> Schedule | None:
    """Return the schedule of an issue, or None if it has no scheduled time."""
    return Schedule.objects.filter(issue=issue).first()


def dateline_day(issue: Issue, schedule: Schedule | None) -> date:
    """Return the day of the email, in the publication's time zone or in each reader's own time.

    In each reader's own time zone the scheduled local time is on the same day, so all send windows have the same email.
    """
    if schedule is not None and schedule.readers_time:
        return datetime.fromisoformat(schedule.local_time).date()
    now = timezone.now()
    moment = schedule.due_at if schedule is not None and schedule.due_at > now else now
    return timezone.localdate(moment, issue.publication.tzinfo)


def day_in_window(schedule: Schedule, window: datetime) -> date:
    """Return the day it is now for the readers whose scheduled local time is at the moment `window`."""
    late = max(timezone.now() - window, timedelta(0))
    return (datetime.fromisoformat(schedule.local_time) + late).date()


def redate_approval(issue: Issue, day: date) -> None:
    """Change the day of the approved email. If more than its dateline would change, reopen the issue instead.

    Call this inside a transaction that locks the publication.
    """
    approval = current_approval(issue)
    if approval is None or approval.day == day:
        return
    changed = changes_since(approval, approval.day) or sentences_about_changes(
        approval, partial(_changes_besides_dateline, approval, day)
    )
    if changed:
        reopen_issue(issue, f"On {written_day(day)}, the email would be different. {' '.join(changed)}")
        return
    emails, before = render_emails(issue, day), approval.day
    approval.emails, approval.digest, approval.day = emails.to_list(), emails.digest, day
    approval.save(update_fields=["emails", "digest", "day"])
    record(
        "date",
        f"Changed the date in the email from {written_day(before)} to {written_day(day)}.",
        issue=issue,
    )


def changes_on_another_day(approval: Approval) -> str:
    """Return what happens to an approval if the issue is sent on another day, for the person who schedules it."""
    sentence = (
        f"The approved email is dated {written_day(approval.day)}. If you send the issue on a different day, "
        "only the date in the email changes."
    )
    ends = sorted(_changes_of_blocks(approval))
    if not ends:
        return sentence
    _day, why_again = ends[0]
    return f"{sentence} {why_again}"


def _changes_of_blocks(approval: Approval) -> Iterator[tuple[date, str]]:
    """Yield the days after an approval's own day on which a standing block starts or ends, with a sentence for each."""
    shown = [block.block for block in blocks_of(approval.issue) if not block.hidden]
    for block in filter(None, shown):
        if block.starts_on and block.starts_on > approval.day:
            first, day = block.starts_on, written_day(block.starts_on)
            yield (
                first,
                f"From {day}, the email will need approval again because it will show the block “{block.name}”.",
            )
        elif block.ends_on and block.ends_on >= approval.day:
            first = block.ends_on + timedelta(days=1)
            day = written_day(first)
            yield (
                first,
                f"From {day}, the email will need approval again because it will not show the block “{block.name}”.",
            )


def _changes_besides_dateline(approval: Approval, day: date) -> list[str]:
    """Return what a day changes besides the dateline: the email is rendered for both days with a mark in its place."""
    issue = approval.issue
    written = long_date(day, issue.publication.language)
    marked = render_emails(issue, day, dateline=DATELINE)
    others = email_differences(render_emails(issue, approval.day, dateline=DATELINE), marked)
    if others:
        return [sentence.replace(DATELINE, written) for sentence in others]
    # A theme could show different content on different days, so compare the marked email with the date filled in.
    dated = marked.each_email(partial(_with_date, written=written))
    return email_differences(dated, render_emails(issue, day))


def _with_date(marked: Email, *, written: str) -> Email:
    document = marked.to_dict()
    for name in ("subject", "preheader", "text"):
        document[name] = document[name].replace(DATELINE, written)
    document["html"] = document["html"].replace(DATELINE, str(escape(written)))
    return Email.from_dict(document)
