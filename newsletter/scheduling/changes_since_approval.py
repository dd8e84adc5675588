"""What changed since an approval: the letter is made again and compared with the one that was kept.

What can no longer be read or made is a change too. It is said, and keeps no other issue from being looked at.
"""

import logging
from collections.abc import Callable
from datetime import date

from django.db import DatabaseError

from newsletter.errors import Invalid, NewsletterError
from newsletter.issues.four_eyes import meets_four_eyes
from newsletter.issues.models import Approval
from newsletter.rendering.email_set import stored_emails
from newsletter.rendering.render_email import render_to_send
from newsletter.scheduling.email_diff import email_differences

log = logging.getLogger(__name__)


def changes_since(approval: Approval, day: date) -> list[str]:
    """What is other in the letter for a day than in the one that was approved; empty when nothing is."""
    try:
        approved = stored_emails(approval.emails, approval.digest)
    except Invalid as error:
        return [str(error)]
    return sentences_about_changes(
        approval, lambda: email_differences(approved, render_to_send(approval.issue, day))
    )


def sentences_about_changes(approval: Approval, compared: Callable[[], list[str]]) -> list[str]:
    """What a comparison finds, or why it cannot be made; also where a second person did not approve.

    Raises only what is wrong with the database itself, which is no fault of the issue.
    """
    if not meets_four_eyes(approval):
        return [f"A second person is asked for now, and {approval.approved_by} is none."]
    try:
        return compared()
    except NewsletterError as error:
        return [f"It can no longer be made: {error}"]
    except DatabaseError:
        raise
    except OSError as error:
        return [
            f"It can no longer be made: a file of its theme cannot be read ({error.strerror or type(error).__name__})."
        ]
    except Exception:
        log.exception("The letter of issue %s could not be compared", approval.issue_id)
        return ["It can no longer be made, by a fault of the software: see the log."]
