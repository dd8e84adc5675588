"""The emails about one correction: one for each list through which it is sent, since they name the list."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from newsletter.articles.models import Correction
from newsletter.corrections.models import CorrectionNotice
from newsletter.errors import Invalid
from newsletter.issues.models import Issue
from newsletter.rendering.email import Email
from newsletter.rendering.email_set import NOT_APPROVED, EmailSet, stored_emails
from newsletter.rendering.render_correction import render_correction
from subscribers.models import List

ANOTHER_LIST = (
    "The newsletter’s list has changed since the email was approved. Withdraw the approval, read the email again "
    "and approve it."
)


@dataclass(frozen=True)
class NoticeEmails:
    """The emails for the publication’s list, and those for the lists that it used before, by the lists’ numbers."""

    own: EmailSet
    others: Mapping[int, EmailSet]

    @property
    def main(self) -> Email:
        """The email for the publication’s list."""
        return self.own.main

    @cached_property
    def digest(self) -> str:
        """The SHA-256 digest, in hexadecimal, of all of them."""
        if not self.others:
            return self.own.digest
        digests = [self.own.digest, *(f"{key}:{each.digest}" for key, each in sorted(self.others.items()))]
        return hashlib.sha256("\n".join(digests).encode()).hexdigest()

    def for_list(self, mailing_list: List, own_list: int) -> EmailSet:
        """Return the emails for a list. Raises Invalid if there are none, because the publication changed its list."""
        found = self.own if mailing_list.pk == own_list else self.others.get(mailing_list.pk)
        if found is None:
            raise Invalid(ANOTHER_LIST)
        return found

    def others_to_dict(self) -> dict[str, list[dict[str, Any]]]:
        """Return the emails for the other lists as a JSON object."""
        return {str(key): each.to_list() for key, each in self.others.items()}


def render_emails(issue: Issue, correction: Correction, lists: list[List], day: date) -> NoticeEmails:
    """Render the emails about a correction to an article of an issue for some lists. Nothing is stored.

    Raises as `render_correction`.
    """
    own = issue.publication.mailing_list_id
    others = [each for each in lists if each.pk != own]
    return NoticeEmails(
        render_correction(issue, correction, day),
        {each.pk: render_correction(issue, correction, day, mailing_list=each) for each in others},
    )


def stored_notice_emails(notice: CorrectionNotice) -> NoticeEmails:
    """Return the emails that were approved. Raises Invalid if they are not, or cannot be read."""
    if not notice.other_emails:
        return NoticeEmails(stored_emails(notice.emails, notice.digest), {})
    sets = {int(key): EmailSet.from_list(documents) for key, documents in notice.other_emails.items()}
    found = NoticeEmails(EmailSet.from_list(notice.emails), sets)
    if found.digest != notice.digest:
        raise Invalid(NOT_APPROVED)
    return found
