"""What somebody should know about an issue's email before it is sent, although it can be sent."""

from newsletter.errors import NewsletterError
from newsletter.issues.models import Issue
from newsletter.rendering.ascii_sender_names import ascii_name_warning
from newsletter.rendering.choose_pictures import grey_areas_warning, logo_warning
from newsletter.rendering.delivered_html_size import delivered_bytes, size_warning
from newsletter.rendering.email import Email
from newsletter.rendering.find_theme import find_theme
from newsletter.rendering.fixed_words import words_warning
from newsletter.sending.send_test_emails import current_emails
from newsletter.sending_settings.current import sending_settings


def email_warnings(issue: Issue) -> list[str]:
    """Return warnings about the largest email of an issue. Empty if no email can be created.

    The variants differ in nothing else that we warn about.
    """
    try:
        emails = current_emails(issue)
    except NewsletterError:
        return []
    return warnings_of(issue, max((each.email for each in emails.variants), key=delivered_bytes))


def warnings_of(issue: Issue, email: Email) -> list[str]:
    """Return warnings about one email of an issue."""
    sentences = [
        size_warning(email),
        _words_warning(issue, email),
        grey_areas_warning(email.html),
        logo_warning(issue.publication),
    ]
    if sending_settings().transport == "sendgrid":
        sentences.append(ascii_name_warning(email.sender_name, issue.publication.sender_name_ascii))
    return [sentence for sentence in sentences if sentence]


def _words_warning(issue: Issue, email: Email) -> str:
    try:
        words = find_theme(issue.publication.theme).words
    except NewsletterError:  # an approved email needs its theme no longer
        words = {}
    return words_warning(email.language, words)
