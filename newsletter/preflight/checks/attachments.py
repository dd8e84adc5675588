"""Check that the email does not promise an attachment, because it has none."""

from collections.abc import Iterator

from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.finding import Basis, Finding, Level, Rule

CHECK = "attachments"
ATTACHMENT = Rule(
    "words.attachment",
    "The text mentions an attachment",
    Level.WARNING,
    "Emails from this newsletter have no attachments.",
    "Link to the document instead, and change the text.",
    Basis("The text of the email"),
)
RULES = (ATTACHMENT,)


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Name the first promise of an attachment in each text."""
    if checked.email is None:
        return
    from newsletter.preflight.attachment_words import promised_attachments

    for text in checked.texts:
        promises = [words for line in text.lines for words in promised_attachments(line.text)]
        if promises:
            what = f"The text says “{promises[0]}”, but the email has no attachment."
            yield ATTACHMENT.found(what, text.place, position=text.position)
