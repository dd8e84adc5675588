"""Approves an email about a correction after its checks. Every door approves by this function."""

from collections.abc import Sequence

from django.db import transaction

from newsletter.corrections.approve_notice import (
    approve_notice,
    record_about,
    render_notice,
    why_not_approve_notice,
)
from newsletter.corrections.models import CorrectionNotice
from newsletter.corrections.readers import CorrectionReaders
from newsletter.errors import InvalidFields, refuse_if
from newsletter.issues.correct_article import found_correction
from newsletter.issues.models import Publication
from newsletter.preflight.check_correction_email import CheckedCorrectionEmail, check_correction_email
from newsletter.preflight.finding import Finding, Level
from newsletter.preflight.link_results import ask_unknown
from newsletter.preflight.overrule_error import LONGEST_REASON
from subscribers.phrases import counted, quoted


def approve_checked_notice(
    number: int, publication: Publication, *, seen: str, overruled_because: str = ""
) -> CorrectionNotice:
    """Check the email about the correction with this number, and approve it.

    If the checks find errors, it needs a reason for approving it all the same, which the audit log keeps. Links of
    which nothing is known are opened first, for at most ten seconds. This must not be called in a transaction. Raises
    InvalidFields (`overruled_because`), and what `approve_notice` raises.
    """
    correction = found_correction(number)
    refuse_if(why_not_approve_notice(correction, publication))
    issue = CorrectionReaders(correction, publication).issue
    assert issue is not None
    checked = CheckedCorrectionEmail(correction, issue, render_notice(correction, publication).own)
    ask_unknown(checked)
    errors = [each for each in check_correction_email(checked) if each.level is Level.ERROR]
    reason = _checked_reason(errors, overruled_because)
    with transaction.atomic():
        notice = approve_notice(number, publication, seen=seen)
        for each in errors:
            record_about(
                notice,
                f"Overruled the error {quoted(each.what)}. Reason: {reason}",
                changes={each.rule: [None, reason]},
            )
    return notice


def _checked_reason(errors: Sequence[Finding], typed: str) -> str:
    reason = " ".join(typed.split())
    if not errors:
        return ""
    if not reason or len(reason) > LONGEST_REASON:
        found = counted(len(errors), "error", "errors")
        raise InvalidFields(
            {
                "overruled_because": f"The checks found {found} in this email: {errors[0].what} Correct this first. To "
                f"approve the email anyway, enter a reason of up to {LONGEST_REASON} characters."
            }
        )
    return reason
