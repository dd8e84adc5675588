"""What people still have to do before an issue can be sent, apart from what the checks find in it."""

from collections.abc import Iterator
from dataclasses import dataclass

from newsletter.issues.approvals import ended_by, last_approval
from newsletter.issues.models import Issue
from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.finding import Place
from newsletter.scheduling.approval import ApprovalNow, why_not_approve_with_content
from newsletter.scheduling.changes_since_approval import changes_since
from newsletter.scheduling.refuse_approval import open_refusal
from newsletter.sending.models import TestRequest

APPROVE = Place("send", "approve")


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do, and where. Without a step that `stops`, the issue could be sent."""

    sentence: str
    place: Place
    stops: bool = True


def steps_before_sending(checked: CheckedIssue) -> list[Step]:
    """Return what people still have to do, in the order in which they would do it."""
    now = _approval(checked.issue)
    return [*_tests(checked), *([] if now.is_valid else _steps_to_approval(checked, now))]


def _approval(issue: Issue) -> ApprovalNow:
    """Return the approval that stands, with what changed since, or the last that ended, which is not compared."""
    last = last_approval(issue)
    if last is None or last.withdrawn_at is not None:
        return ApprovalNow(None, last, [])
    return ApprovalNow(last, None, changes_since(last, last.day))


def _steps_to_approval(checked: CheckedIssue, now: ApprovalNow) -> Iterator[Step]:
    """Say that nobody has approved the issue as it is, and if this person may not, who could."""
    before, refusal = now.standing or now.ended, open_refusal(checked.issue)
    if refusal is not None:
        sentence = (
            f"{refusal.refused_by} did not approve this issue. Reason: {refusal.reason} Make the necessary changes, "
            "then ask for approval again."
        )
    elif before is not None and now.changes:
        changed = " ".join(now.changes)
        sentence = (
            f"This issue has changed since {before.approved_by} approved it, so somebody must approve "
            f"it again. {changed}"
        )
    elif before is not None:
        ended = ended_by(before.withdrawn_reason)
        sentence = (
            f"{before.approved_by} approved this issue, but the approval {ended} Approve the issue again."
        )
    else:
        sentence = "Nobody has approved this issue yet."
    yield Step(sentence, APPROVE)
    # The checks say if there is nothing to send.
    if why_not := why_not_approve_with_content(checked.issue):
        yield Step(why_not, APPROVE)
    if checked.schedule is not None:
        late = "We will only send this issue if somebody approves it before its send time."
        yield Step(late, APPROVE)


def _tests(checked: CheckedIssue) -> Iterator[Step]:
    if checked.emails is None:
        return
    tests = TestRequest.objects.filter(issue=checked.issue, digest=checked.digest, results__isnull=False)
    if not tests.exists():
        sentence = "Nobody has sent a test email with this version in the last 24 hours."
        yield Step(sentence, Place("send", "test"), stops=False)
