"""Checks an email about a correction as issues are checked: links, placeholders, size, sender, unsubscribe link."""

from collections.abc import Sequence
from copy import copy
from functools import cached_property
from types import ModuleType
from typing import Final

from django.utils import timezone

from newsletter.articles.models import Correction
from newsletter.issues.models import Issue, Item
from newsletter.preflight.all_checks import check_issue
from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.checks import (
    authentication,
    law,
    links,
    links_reached,
    notices,
    placeholders,
    sender_name_and_fixed_texts,
    size,
)
from newsletter.preflight.finding import Finding
from newsletter.preflight.issue_texts import IssueText, read_correction_texts, read_notices
from newsletter.rendering.email_contents import EmailContents
from newsletter.rendering.email_set import EmailSet
from newsletter.rendering.read_contents import read_correction

# The others are about articles, blocks, and texts that an issue alone has.
CHECKS: Final[tuple[ModuleType, ...]] = (
    placeholders,
    law,
    authentication,
    sender_name_and_fixed_texts,
    size,
    links,
    links_reached,
    notices,
)


class CheckedCorrectionEmail(CheckedIssue):
    """An email about a correction to an article of an issue, for the checks: no articles, one text and the notices."""

    def __init__(self, correction: Correction, issue: Issue, emails: EmailSet) -> None:
        # In memory alone: the checks look for what is wrong with this email, not with the issue.
        issue = copy(issue)
        issue.subject, issue.preheader, issue.opening = emails.main.subject, emails.main.preheader, ""
        super().__init__(issue, timezone.localdate(timezone=issue.publication.tzinfo), emails=emails)
        self.correction = correction

    @cached_property
    def items_not_removed(self) -> list[Item]:
        """No articles."""
        return []

    @cached_property
    def texts(self) -> Sequence[IssueText]:
        """What the email says, in order."""
        if self.emails is None:
            return ()
        texts = read_correction_texts(self.publication, self.emails.main, self.correction)
        return [*texts, *read_notices(self._contents, self.publication.language, len(texts))]

    @cached_property
    def _contents(self) -> EmailContents:
        return read_correction(self.issue, self.correction, self._theme, self.day)


def check_correction_email(checked: CheckedCorrectionEmail) -> list[Finding]:
    """Return what the checks find, the most serious first. Nothing is stored, and nothing waits for the network."""
    return check_issue(checked, only=CHECKS)
