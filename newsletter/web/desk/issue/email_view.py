"""The email of an issue, as the pane beside each part shows it."""

from dataclasses import dataclass

from newsletter.errors import NewsletterError
from newsletter.issues.models import Issue
from newsletter.rendering.delivered_size import delivered_bytes
from newsletter.rendering.email import Email
from newsletter.sending.email_warnings import warnings_of
from newsletter.sending.test_send import current_emails, preview_for_anyone


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailView:
    """The email as a reader sees it, with the digest of all variants that approval compares; or why there is none."""

    email: Email | None = None
    digest: str = ""
    problem: str = ""
    kilobytes: int = 0
    warnings: tuple[str, ...] = ()


def email_view(issue: Issue) -> EmailView:
    """Return the email of an issue for the preview."""
    try:
        emails = current_emails(issue)
        return EmailView(
            email=preview_for_anyone(emails.main, issue),
            digest=emails.digest,
            kilobytes=delivered_bytes(emails.main) // 1_000,
            warnings=tuple(warnings_of(issue, emails.main)),
        )
    except NewsletterError as error:
        return EmailView(problem=str(error))
