"""Stores approvals and ends them: any change to an issue makes it a draft that needs approval again.

Approving needs the rendered email, so that code comes after rendering, in scheduling/approval.py.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import F
from django.utils import timezone

from newsletter.accounts.actor import current_actor
from newsletter.articles.pictures.store_pictures import keep_pictures_in
from newsletter.issues.approved_blocks import blocks_to_keep
from newsletter.issues.issue_audit import record
from newsletter.issues.look_up_audience import audience_in_full
from newsletter.issues.models import Approval, ApprovalRefusal, Issue
from subscribers.phrases import written_day

_CHANGED = re.compile(r"Changed (?P<what>the [^.]+)\.")


def current_approval(issue: Issue) -> Approval | None:
    """Return the approval of an issue, unless a change or a person has ended it."""
    return Approval.objects.filter(issue=issue, withdrawn_at=None).first()


def last_ended_approval(issue: Issue) -> Approval | None:
    """Return the latest approval that a change or a person ended."""
    return issue.approvals.exclude(withdrawn_at=None).order_by("-withdrawn_at", "-pk").first()


def last_approval(issue: Issue) -> Approval | None:
    """Return the approval that stands, or else the latest that a change or a person ended."""
    return issue.approvals.order_by(F("withdrawn_at").desc(nulls_first=True), "-pk").first()


def keep_approval(
    issue: Issue,
    emails: Sequence[Mapping[str, Any]],
    digest: str,
    day: date,
    *,
    subject: str,
    state: Issue.State,
) -> Approval:
    """Store the emails that the current actor approved for a day, with the audience.

    This replaces an approval that still stands. The pictures that they link to are kept for good. Call this inside a
    transaction that locks the publication.
    """
    keep_pictures_in((str(each.get("email")) for each in emails), timezone.now())
    before = issue.state
    reopen_issue(issue, "The issue was approved again.")
    close_refusal(issue)
    actor = current_actor()
    approval = Approval.objects.create(
        issue=issue,
        emails=emails,
        digest=digest,
        day=day,
        audience=audience_in_full(issue),
        blocks=blocks_to_keep(issue, day),
        approved_by=actor.name,
        account=actor.account,
        approved_at=timezone.now(),
    )
    issue.state, issue.blocked_reason = state, ""
    issue.save(update_fields=["state", "blocked_reason"])
    record(
        "approve",
        f"Approved “{subject}” for {written_day(day)}.",
        issue=issue,
        changes={"state": [before, issue.state], "email": [None, digest]},
    )
    return approval


def close_refusal(issue: Issue) -> bool:
    """Close the refusal to approve an issue, if one is open. Return whether one was.

    Call this inside a transaction that locks the publication.
    """
    standing = ApprovalRefusal.objects.filter(issue=issue, closed_at=None)
    return bool(standing.update(closed_at=timezone.now()))


def ended_by(because: str) -> str:
    """Return why an approval ended, to complete a sentence. `because` says what was done."""
    if changed := _CHANGED.fullmatch(because):
        what = changed["what"]
        return f"ended when {what} {'were' if ' and ' in what else 'was'} changed."
    return f"ended. {because}"


def reopen_issue(issue: Issue, because: str) -> bool:
    """Make an unsent issue a draft again and end its approval. Return whether it had an approval.

    Call this inside a transaction that locks the publication (changeable.lock_issue). The issue keeps its scheduled
    time, which applies again once the issue is approved again.
    """
    ended = Approval.objects.filter(issue=issue, withdrawn_at=None).update(
        withdrawn_at=timezone.now(), withdrawn_reason=because
    )
    before = issue.state
    if issue.state != Issue.State.DRAFT:
        issue.state, issue.blocked_reason = Issue.State.DRAFT, ""
        issue.save(update_fields=["state", "blocked_reason"])
    if ended:
        record(
            "reopen",
            f"The approval {ended_by(because)}",
            issue=issue,
            changes={"state": [before, issue.state]},
        )
    return bool(ended)
