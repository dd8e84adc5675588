"""Keeps a change from ending an approval before the person who makes it agreed to that.

A door that can ask opens `asking_before_approvals_end` around an act. Commands and jobs do not ask: their changes end
approvals at once.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from newsletter.issues.approvals import current_approval
from newsletter.issues.models import Approval, Issue

_agreed: ContextVar[frozenset[str] | None] = ContextVar("agreed", default=None)


class WouldEndApprovalError(Exception):
    """A change would end the approval of an issue, and nobody agreed to that. Nothing was stored.

    `approval` is the name of the approval, for `asking_before_approvals_end`. This is not a NewsletterError, because it
    is a question and not a refusal.
    """

    def __init__(self, issue: Issue, approval: Approval) -> None:
        self.issue, self.approval = issue, name_of(approval)
        super().__init__(f"{approval.approved_by} has approved this issue. {what_ends(issue)}")


def what_ends(issue: Issue) -> str:
    """Return the sentence about what a change to an approved issue does."""
    if issue.state == Issue.State.SCHEDULED:
        return (
            "If you make this change, we will only send the issue at its scheduled time if somebody approves it "
            "again."
        )
    return "If you make this change, somebody must approve the issue again before you can send it."


def name_of(approval: Approval) -> str:
    """Return the name of an approval that a form carries while its person is asked."""
    return str(approval.pk)


@contextmanager
def asking_before_approvals_end(agreed: Iterable[str] = ()) -> Iterator[None]:
    """Raise WouldEndApprovalError inside the `with` block before a change ends an approval.

    `agreed` has the names of the approvals that the person agreed to end.
    """
    token = _agreed.set(frozenset(agreed))
    try:
        yield
    finally:
        _agreed.reset(token)


def require_agreement(issue: Issue) -> None:
    """Raise WouldEndApprovalError if the issue is approved, and nobody agreed to end that approval."""
    agreed = _agreed.get()
    if agreed is None:
        return
    approval = current_approval(issue)
    if approval is not None and name_of(approval) not in agreed:
        raise WouldEndApprovalError(issue, approval)
