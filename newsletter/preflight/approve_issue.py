"""Approves an issue after its checks. Every door approves by this function."""

from newsletter.errors import refuse_if
from newsletter.issues.models import Approval, Issue
from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.link_results import ask_unknown
from newsletter.preflight.run_preflight import run_preflight
from newsletter.preflight.spamassassin import keep_spam_score
from newsletter.scheduling.approval import approve, why_not_approve


def approve_checked(issue: Issue, *, seen: str = "", audience_seen: str = "") -> Approval:
    """Check an issue, and approve it unless there are errors that nobody overruled.

    Links of which nothing is known are opened first, for at most ten seconds. This must not be called in a transaction.
    The arguments are those of `scheduling.approval.approve`. Raises what that raises.
    """
    refuse_if(why_not_approve(issue))
    checked = CheckedIssue(issue)
    ask_unknown(checked)
    keep_spam_score(checked)
    # It renders the email again: somebody may have changed the issue while we asked for its links.
    run_preflight(issue)
    return approve(issue, seen=seen, audience_seen=audience_seen)
