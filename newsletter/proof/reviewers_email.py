"""The email of an issue as a reviewer without an account sees it: as it would be sent, with links of nobody."""

from newsletter.issues.models import Issue
from newsletter.rendering.email import Email
from newsletter.rendering.merge_tags import fill_tags
from newsletter.sending.personalise_email import Personalizer
from newsletter.sending.preview_recipient import SAMPLE
from newsletter.sending.send_test_emails import current_emails


def reviewers_email(issue: Issue, page: str) -> Email:
    """Return the email of an issue, whose link “Read online” leads to a page of the proof link.

    The link of a test email would still work after the proof link has ended. Raises as `render_email` does.
    """
    email = current_emails(issue).main
    values = Personalizer.of_issue(issue).envelope(SAMPLE).person
    return fill_tags(email, values._replace(read_online_url=page))
