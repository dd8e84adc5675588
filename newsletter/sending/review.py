"""What stands between an issue and sending, most serious first: for the page Review, and for anyone who presses “Send”.

review_checks.py has the checks. What a check finds leads to the spot where somebody can mend it.
"""

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

from newsletter.errors import NewsletterError
from newsletter.issues.approvals import current_approval, last_ended_approval
from newsletter.issues.issue_pictures import ArticlePicture, pictures_of_articles
from newsletter.issues.item_order import items_to_print
from newsletter.issues.models import Issue, Item
from newsletter.rendering.email_set import EmailSet, stored_emails
from newsletter.rendering.render_email import render_emails
from newsletter.scheduling.approval import ApprovalNow
from newsletter.scheduling.changes_since_approval import changes_since
from newsletter.scheduling.dateline import dateline_day, schedule_of
from newsletter.scheduling.models import Schedule


class Level(IntEnum):
    """How serious a finding is, the most serious first."""

    STOPS = 1
    SERIOUS = 2
    WORTH_A_LOOK = 3

    @property
    def label(self) -> str:
        """The level for editors."""
        return {Level.STOPS: "Stops sending", Level.SERIOUS: "Important"}.get(self, "Worth a look")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a finding can be mended: a part of the issue's page, and a field or an article on it."""

    part: str
    field: str = ""
    article: int = 0


@dataclass(frozen=True, slots=True)
class Thing:
    """One of several things of which a finding tells: its title, what else is said about it, and where to mend it."""

    title: str
    spot: Spot
    note: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What somebody should know before the issue is sent. If it tells of several things, `things` lists them."""

    level: Level
    sentence: str
    spot: Spot
    things: tuple[Thing, ...] = ()


class IssueToReview:
    """An issue, and what several checks need of it, each read or rendered once. Checks write nothing."""

    def __init__(self, issue: Issue) -> None:
        self.issue = issue

    @cached_property
    def approval(self) -> ApprovalNow:
        """The approval that stands, with what changed since, or the last that ended, which is not compared."""
        standing = current_approval(self.issue)
        if standing is None:
            return ApprovalNow(None, last_ended_approval(self.issue), [])
        return ApprovalNow(standing, None, changes_since(standing, standing.day))

    @cached_property
    def items(self) -> list[Item]:
        """The items that are printed, in order."""
        return items_to_print(self.issue)

    @cached_property
    def schedule(self) -> Schedule | None:
        """The schedule of the issue, if it has one."""
        return schedule_of(self.issue)

    @cached_property
    def pictures(self) -> list[ArticlePicture]:
        """What became of the picture of each article."""
        return pictures_of_articles(self.issue)

    @cached_property
    def emails(self) -> EmailSet | None:
        """The emails that would be sent; None if they cannot be created."""
        return None if self.problem else self._emails

    @cached_property
    def problem(self) -> str:
        """Why the emails cannot be created; empty if they can."""
        try:
            self._emails = self._read_or_rendered()
        except NewsletterError as error:
            return str(error)
        return ""

    def _read_or_rendered(self) -> EmailSet:
        standing = self.approval.standing
        if standing is not None and self.approval.is_valid:
            return stored_emails(standing.emails, standing.digest)
        return render_emails(self.issue, dateline_day(self.issue, self.schedule))
