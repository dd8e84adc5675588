"""What reviewers said and signed so far, in sentences for the pages of an issue."""

from newsletter.issues.models import Issue
from newsletter.proof.comments import open_comments
from newsletter.proof.models import Signature
from newsletter.proof.signatures import signatures_now
from subscribers.phrases import counted


def open_comments_in_words(issue: Issue) -> str:
    """Return how many comments on an issue are open, as a sentence, or an empty string if none is."""
    # An issue has at most a thousand.
    count = len(open_comments(issue).values_list("pk"))
    return f"{counted(count, 'comment is', 'comments are')} open." if count else ""


def reviewed_in_words(issue: Issue, comments: str) -> str:
    """Return how many comments are open, as `open_comments_in_words` says, and how many signatures count."""
    comments = comments or "There are no open comments."
    if not Signature.objects.filter(issue=issue).exists():
        return f"{comments} Nobody has signed anything yet."
    stands = [each.stands for each in signatures_now(issue)]
    void = counted(stands.count(False), "signature is", "signatures are")
    ended = f" {void} no longer valid because the text changed."
    signed = f"{counted(sum(stands), 'signature is valid', 'signatures are valid')}."
    return f"{comments} {signed}{ended if False in stands else ''}"
