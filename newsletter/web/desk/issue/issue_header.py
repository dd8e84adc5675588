"""What every part of an issue's page shows above and beside it: the state, who may edit, and the undo window."""

from dataclasses import dataclass

from newsletter.issues.change_locks import CHANGEABLE
from newsletter.issues.locked_draft import why_not_edit, why_not_write
from newsletter.issues.models import Issue
from newsletter.scheduling.dateline import schedule_of
from newsletter.scheduling.models import Schedule
from newsletter.sending.audience import audience_at_once
from newsletter.sending.mailing_controls import why_not_pause
from newsletter.sending.models import Mailing
from newsletter.sending.saved_not_sent import saved_not_sent
from newsletter.sending.status_sentences import Status, status_with
from newsletter.web.desk.sending.sending_words import status_of_sending


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueHeader:
    """An issue and its state. If `to_come` is false, the mailing has been planned, or the issue was sent or cancelled.

    `why_not_edit` says why the user cannot edit the issue, and is empty if they can. `why_not_write`
    is about its texts alone, which an author may change.
    """

    issue: Issue
    status: Status
    to_come: bool
    schedule: Schedule | None
    mailing: Mailing | None
    why_not_edit: str
    why_not_write: str

    @property
    def audience(self) -> str:
        """Who would receive the issue, with the number only if it can be counted at once. Each look counts again."""
        return audience_at_once(self.issue) if self.to_come else ""

    @property
    def saved_not_sent(self) -> str:
        """Say that the emails of the issue will only be saved on the server; empty if they will be sent."""
        return saved_not_sent() if self.to_come else ""

    @property
    def can_edit(self) -> bool:
        """Whether the user may change the issue now."""
        return self.to_come and not self.why_not_edit

    @property
    def can_write(self) -> bool:
        """Whether the user may change the texts of the issue now."""
        return self.to_come and not self.why_not_write

    @property
    def in_undo_window(self) -> bool:
        """Whether somebody has selected “Send” and it can still be undone."""
        return bool(
            self.schedule and self.schedule.in_undo_window and self.issue.state == Issue.State.SCHEDULED
        )

    @property
    def is_live(self) -> bool:
        """Whether the page may change while the user looks at it."""
        sending = self.issue.state == Issue.State.SENDING
        return self.in_undo_window or (sending and (self.mailing is None or not why_not_pause(self.mailing)))


def issue_header(issue: Issue) -> IssueHeader:
    """Return what every part of an issue's page shows now."""
    # The pages of an issue have read its mailings.
    mailing = next((each for each in issue.mailings.all() if each.purpose == Mailing.Purpose.ISSUE), None)
    schedule = schedule_of(issue)
    to_come = issue.state in CHANGEABLE and mailing is None
    return IssueHeader(
        issue=issue,
        status=status_of_sending(status_with(issue, schedule, mailing)),
        to_come=to_come,
        schedule=schedule,
        mailing=mailing,
        why_not_edit=why_not_edit(issue) if to_come else "",
        why_not_write=why_not_write(issue) if to_come else "",
    )
