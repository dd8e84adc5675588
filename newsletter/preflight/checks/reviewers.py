"""Check what reviewers said: whether comments are open, and whether a demanded signature is missing."""

from collections.abc import Iterator

from newsletter.preflight.checked_issue import CheckedIssue, title_of
from newsletter.preflight.finding import Basis, Finding, Level, Place, Rule
from newsletter.proof.signature_demands import MissingSignature, missing_signatures
from newsletter.rendering.email_parts import EmailParts

CHECK = "comments and signatures"
MISSING = Rule(
    "reviewers.signature-missing",
    "A signature that the publication requires is missing",
    Level.ERROR,
    "The publication’s settings say that a named person must sign every article on this topic.",
    "Send the person a proof link, and ask them to sign the article. If the article is changed "
    "later, the signature is no longer valid.",
    Basis("The publication’s settings"),
)
OPEN = Rule(
    "reviewers.open-comments",
    "Some comments are not resolved",
    Level.WARNING,
    "Somebody has commented on the email, and nobody has resolved the comment.",
    "Read each comment. Change the email or reply, then resolve the comment.",
    Basis("How this software works"),
)
RULES = (MISSING, OPEN)


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Name the missing signatures, and count the open comments."""
    if checked.emails is not None:
        parts = EmailParts(checked.issue, checked.day)
        for position, each in enumerate(missing_signatures(checked.issue, parts)):
            yield MISSING.found(_sentence(each), Place("proof", "needed"), position=float(position))
    if what := checked.open_comments:
        yield OPEN.found(what, Place("proof", "comments"))


def _sentence(missing: MissingSignature) -> str:
    name, title = missing.demand.name, title_of(missing.item)
    topic = f"because its topic is “{missing.demand.topic}”"
    if missing.was_signed:
        return f"“{title}” has changed since {name} signed it. {name} must sign it again, {topic}."
    return f"“{title}” needs the signature of {name}, {topic}."
