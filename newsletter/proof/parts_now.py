"""The parts of an issue's email as they are now, on the day on which it would be sent."""

from newsletter.errors import Refused
from newsletter.issues.models import Issue
from newsletter.rendering.email_parts import WHOLE, EmailParts, Part
from newsletter.scheduling.dateline import dateline_day, schedule_of


def parts_now(issue: Issue) -> EmailParts:
    """Return the parts of the email of an issue as it would be sent."""
    return EmailParts(issue, dateline_day(issue, schedule_of(issue)))


def content_digest(issue: Issue) -> str:
    """Return the digest of the whole email, apart from its date. Raises as `render_email` does."""
    return parts_now(issue).digest(WHOLE)


def require_part(parts: EmailParts, name: str) -> Part:
    """Return the part of an email with this name. Raises Refused if the email no longer has it."""
    found = parts.part(name)
    if found is None:
        raise Refused("This part is no longer in the email. Open the page again to see the current email.")
    return found
