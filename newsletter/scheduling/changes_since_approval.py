"""Describes what changed since an approval: the email is rendered again and compared with the approved one.

An email that can no longer be read or rendered counts as changed too, so that the other issues are still checked.
"""

import logging
from collections.abc import Callable
from datetime import date

from django.db import DatabaseError

from newsletter.errors import Invalid, NewsletterError
from newsletter.issues.four_eyes import meets_four_eyes
from newsletter.issues.look_up_audience import change_of_audience
from newsletter.issues.models import Approval
from newsletter.rendering.email_set import stored_emails
from newsletter.rendering.render_email import render_to_send
from newsletter.scheduling.email_diff import email_differences

log = logging.getLogger(__name__)


def changes_since(approval: Approval, day: date) -> list[str]:
    """Return what differs between the approved email and audience and those for a day, or an empty list."""
    try:
        approved = stored_emails(approval.emails, approval.digest)
    except Invalid as error:
        return [str(error)]
    return sentences_about_changes(
        approval,
        lambda: [
            *email_differences(approved, render_to_send(approval.issue, day)),
            *change_of_audience(approval.audience, approval.issue),
        ],
    )


def sentences_about_changes(approval: Approval, compared: Callable[[], list[str]]) -> list[str]:
    """Return what a comparison finds, why it failed, or that a second person must approve.

    Raises only errors of the database itself, which are not the fault of the issue.
    """
    if not meets_four_eyes(approval):
        return [
            (
                f"A second person must approve this issue, because {approval.approved_by}, who approved it, "
                "also worked on it or "
                "was not logged in."
            )
        ]
    try:
        return compared()
    except NewsletterError as error:
        return [f"The email can no longer be created: {error}"]
    except DatabaseError:
        raise
    except OSError as error:
        problem = error.strerror or type(error).__name__
        return [
            f"The email can no longer be created because we could not read a file in its theme ({problem})."
        ]
    except Exception:
        log.exception("We could not compare the email of issue %s with the approved email", approval.issue_id)
        return [
            (
                "The email can no longer be created because of a fault in this software. For details, see the "
                "log."
            )
        ]
