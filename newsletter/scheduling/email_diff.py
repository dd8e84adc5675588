"""Describes what differs between two sets of emails, in sentences for the person who approved the first."""

from newsletter.rendering.email import Email
from newsletter.rendering.email_set import EmailSet
from newsletter.scheduling.text_differences import text_differences
from subscribers.phrases import counted

# The names that editors know. The text part also shows what changed in the HTML.
FIELDS = {
    "subject": "subject",
    "preheader": "preheader",
    "sender_name": "sender's name",
    "sender_name_ascii": "sender's name for SendGrid",
    "sender_address": "sender's address",
    "reply_to": "reply address",
    "language": "language",
    "links_to": "web address for personal links",
    "tracked": "tracking by the provider",
}
MAX_LINES = 12


def email_differences(before: EmailSet, after: EmailSet) -> list[str]:
    """Return what has changed in the second set, variant by variant. The list is empty if they are equal."""
    if before.digest == after.digest:
        return []
    old, new = ({each.name: each.email for each in emails.variants} for emails in (before, after))
    changes = [f"The variant for {name} was removed." for name in old if name not in new]
    changes += [f"A variant for {name} was added." for name in new if name not in old]
    for name in filter(new.__contains__, old):
        changed = _differences_of_emails(old[name], new[name])
        changes += [f"In the variant for {name}: {sentence}" for sentence in changed] if name else changed
    return changes or ["Some variants are now sent to different readers."]


def _differences_of_emails(before: Email, after: Email) -> list[str]:
    if before.digest == after.digest:
        return []
    changes = [
        f"The {name} changed from {_quoted(getattr(before, field))} to {_quoted(getattr(after, field))}."
        for field, name in FIELDS.items()
        if getattr(before, field) != getattr(after, field)
    ]
    lines = list(text_differences(before.text, after.text))
    changes += lines[:MAX_LINES]
    if len(lines) > MAX_LINES:
        changes.append(f"And {counted(len(lines) - MAX_LINES, 'more change', 'more changes')}.")
    return changes or ["The layout or the links have changed."]


def _quoted(value: str) -> str:
    return f"“{value}”" if value else "(none)"
