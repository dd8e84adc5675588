"""Approving freezes the letter of an issue: what was approved is what goes, or nothing goes.

The letter is made again before it goes and compared by its digest. Whatever changed it since (an edit, a block, the
sender, an article at its source) ends the approval, and whoever must approve anew is told what is other.
"""

from datetime import date

from django.db import transaction
from django.utils import timezone

from newsletter.actors import Role, acting, require
from newsletter.errors import Invalid, PressError, Refused
from newsletter.issues.approvals import can_change, reopen, standing_approval
from newsletter.issues.audit import record
from newsletter.issues.compose import locked
from newsletter.issues.items import items_to_print
from newsletter.issues.models import Approval, Issue
from newsletter.issues.naming import at_start
from newsletter.issues.second_person import by_second_person, require_approver
from newsletter.rendering.languages import long_date
from newsletter.rendering.letter import Letter
from newsletter.rendering.render import render_letter
from newsletter.scheduling.comparing import differences
from newsletter.scheduling.models import Schedule

FROZEN = (Issue.State.APPROVED, Issue.State.SCHEDULED, Issue.State.HELD)


def approve(issue: Issue, *, seen: str = "") -> Approval:
    """Freeze the letter as it is for the day on which it goes: that of its time, else today.

    An issue that has a time is scheduled with it; one that has just passed counts by the grace. `seen` is the digest of
    the letter that was looked at, where a person looked at one. Raises Refused for whoever may not approve it, for
    an issue that has gone, or a letter that is not the one that was seen; Invalid for what cannot be a letter.
    """
    with transaction.atomic():
        issue = lock_issue(issue)
        actor = require_approver(issue)
        if not can_change(issue):
            raise Refused(f"{at_start(issue)} is {issue.state}; only what has not gone can be approved.")
        _require_articles(issue)
        reopen(issue, "Approved anew.")
        schedule = schedule_of(issue)
        day = day_of_going(issue, schedule)
        letter = render_letter(issue, day)
        if seen and letter.digest != seen:
            raise Refused(
                f"{at_start(issue)} was changed while you looked at it. Read it again, then approve it."
            )
        approval = Approval.objects.create(
            issue=issue,
            letter=letter.to_dict(),
            digest=letter.digest,
            day=day,
            approved_by=actor.name,
            account=actor.account,
            approved_at=timezone.now(),
        )
        _set_state(issue, Issue.State.SCHEDULED if schedule else Issue.State.APPROVED)
        record("approve", f"Approved “{letter.subject}” for {day.day} {day:%B %Y}.", issue=issue)
    return approval


def withdraw(issue: Issue) -> None:
    """Take an approval back: the issue is a draft again. Raises Refused when there is none."""
    require(Role.APPROVER, "Taking an approval back")
    with transaction.atomic():
        issue = lock_issue(issue)
        if not can_change(issue) or standing_approval(issue) is None:
            raise Refused(f"{at_start(issue)} is {issue.state} and has no approval to take back.")
        reopen(issue, f"{acting().name} took the approval back.")


def frozen_letter(issue: Issue) -> Approval | None:
    """The approval of an issue, if the letter would still be the same. None: it never was, or it is ended now.

    Inside a transaction that holds the publication.
    """
    approval = standing_approval(issue)
    if approval is None:
        return None
    changed = changes_since(approval, approval.day)
    if changed:
        reopen(issue, " ".join(changed))
        return None
    return approval


def require_frozen(issue: Issue) -> Approval:
    """The approval of an issue whose letter is still the same. Raises Refused for any other."""
    approval = standing_approval(issue)
    changed = changes_since(approval, approval.day) if approval else []
    if approval is None or changed:
        raise Refused(
            f"{at_start(issue)} is not approved as it is now. Approve it first. {' '.join(changed)}".strip()
        )
    return approval


def date_for(issue: Issue, day: date) -> None:
    """Put another day on the letter that was approved. If more than its date is other then, it is reopened instead.

    Inside a transaction that holds the publication.
    """
    approval = standing_approval(issue)
    if approval is None or approval.day == day:
        return
    changed = changes_since(approval, approval.day)
    letter = None if changed else render_letter(issue, day)
    if letter is not None and letter.digest == _redated(approval, day).digest:
        approval.letter, approval.digest, approval.day = letter.to_dict(), letter.digest, day
        approval.save(update_fields=["letter", "digest", "day"])
        record("date", f"Dated {day.day} {day:%B %Y}.", issue=issue)
        return
    others = changed or changes_since(approval, day)
    reopen(issue, f"On {day.day} {day:%B %Y} it reads otherwise. {' '.join(others)}")


def changes_since(approval: Approval, day: date) -> list[str]:
    """What is other in the letter for a day than in the one that was approved; empty when nothing is."""
    approved = Letter.from_dict(approval.letter)
    if approved.digest != approval.digest:
        return ["The letter that was kept is not the one that was approved."]
    if not by_second_person(approval):
        return [f"A second person is asked for now, and {approval.approved_by} is none."]
    try:
        _require_articles(approval.issue)
        return differences(approved, render_letter(approval.issue, day))
    except PressError as error:
        return [f"It can no longer be made: {error}"]


def _redated(approval: Approval, day: date) -> Letter:
    """The approved letter, with nothing but its date changed."""
    language = approval.issue.publication.language
    before, after = long_date(approval.day, language), long_date(day, language)
    document = {
        name: value.replace(before, after) if isinstance(value, str) else value
        for name, value in approval.letter.items()
    }
    return Letter.from_dict(document)


def check_next_approval() -> bool:
    """Look at one approved issue whose letter is other now, and reopen it; says whether there was one."""
    standing = Approval.objects.filter(withdrawn_at=None, issue__state__in=FROZEN, issue__mailing=None)
    for approval in standing.select_related("issue__publication").order_by("pk"):
        if changes_since(approval, approval.day):
            with transaction.atomic():
                issue = lock_issue(approval.issue)
                if issue.state in FROZEN and frozen_letter(issue) is None:
                    return True
    return False


def lock_issue(issue: Issue) -> Issue:
    """The issue as it is now, its publication held by this transaction, as every change of an issue holds it."""
    locked(issue.publication)
    return Issue.objects.select_related("publication").get(pk=issue.pk)


def schedule_of(issue: Issue) -> Schedule | None:
    """The time that was set for an issue."""
    return Schedule.objects.filter(issue=issue).first()


def day_of_going(issue: Issue, schedule: Schedule | None) -> date:
    """The day that the letter is for, where its publication is at home."""
    now = timezone.now()
    moment = schedule.due_at if schedule is not None and schedule.due_at > now else now
    return timezone.localdate(moment, issue.publication.tzinfo)


def _require_articles(issue: Issue) -> None:
    if not items_to_print(issue):
        raise Invalid(f"{issue} has no articles. Compose it again, or add an article to it.")


def _set_state(issue: Issue, state: Issue.State) -> None:
    issue.state, issue.held_because = state, ""
    issue.save(update_fields=["state", "held_because"])
