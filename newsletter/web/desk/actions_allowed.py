"""What whoever is logged in may do with an issue as it stands: what the page shows as buttons, and why not the rest.

It only decides what is shown. Whether an act is allowed is said by the function that does it.
"""

from dataclasses import dataclass

from newsletter.accounts.actor import Role, acting
from newsletter.errors import Refused
from newsletter.issues.approvals import CHANGEABLE
from newsletter.issues.four_eyes import require_approver, require_editor
from newsletter.issues.models import Approval, Issue
from newsletter.scheduling.models import Schedule
from newsletter.sending.controls import who_can_be_retried
from newsletter.sending.models import Mailing


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """The ways on with an issue that has not gone; each `not_…` is the sentence in the place of a button."""

    edit: bool
    approve: bool
    not_approve: str
    withdraw: bool
    send: bool
    not_send: str
    schedule: bool
    unschedule: bool
    cancel: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MailingWays:
    """The ways on with a mailing; `retry` is to how many it can be sent again."""

    pause: bool
    resume: bool
    stop: bool
    retry: int
    not_more: str


def ways_with(issue: Issue, approval: Approval | None, schedule: Schedule | None, *, changed: bool) -> Ways:
    """What may be done with an issue that has no mailing."""
    to_come = issue.state in CHANGEABLE
    stands = approval is not None and not changed
    not_approve = _why_not(issue) if to_come and not stands else ""
    return Ways(
        edit=to_come and _may_edit(issue),
        approve=to_come and not stands and not not_approve,
        not_approve=not_approve,
        withdraw=to_come and approval is not None and _approver(),
        send=to_come and stands and _approver(),
        not_send=_not_send(stands=stands) if to_come else "",
        schedule=to_come,
        unschedule=to_come and schedule is not None,
        cancel=to_come,
    )


def ways_with_mailing(mailing: Mailing) -> MailingWays:
    """What may be done with a mailing."""
    again = who_can_be_retried(mailing).count() if mailing.finished_at else 0
    may = _approver()
    open_ = mailing.finished_at is None
    return MailingWays(
        pause=mailing.state == Mailing.State.SENDING and open_,
        resume=may and mailing.state == Mailing.State.PAUSED,
        stop=may and open_ and mailing.state != Mailing.State.STOPPED,
        retry=again if may else 0,
        not_more="" if may or not (open_ or again) else "Going on and stopping are for who may approve.",
    )


def _approver() -> bool:
    return acting().may(Role.APPROVER)


def _why_not(issue: Issue) -> str:
    try:
        require_approver(issue)
    except Refused as error:
        return str(error)
    return ""


def _may_edit(issue: Issue) -> bool:
    try:
        require_editor(issue.publication, "Changing an issue")
    except Refused:
        return False
    return True


def _not_send(*, stands: bool) -> str:
    if not _approver():
        return "Sending is for who may approve."
    return "" if stands else "It can be sent once it is approved."
