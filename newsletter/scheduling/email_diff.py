"""Describes what differs between two sets of emails, in sentences for the person who approved the first."""

from collections.abc import Iterator
from difflib import SequenceMatcher

from newsletter.rendering.email import Email
from newsletter.rendering.email_set import EmailSet
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
MAX_LINES, LONGEST_LINE = 12, 160


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
    lines = list(_lines(before.text, after.text))
    changes += lines[:MAX_LINES]
    if len(lines) > MAX_LINES:
        changes.append(f"And {counted(len(lines) - MAX_LINES, 'more change', 'more changes')}.")
    return changes or ["The layout or the links have changed."]


def _lines(before: str, after: str) -> Iterator[str]:
    old, new = _paragraphs(before), _paragraphs(after)
    for kind, old_from, old_to, new_from, new_to in SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if kind != "equal":
            yield from (f"Removed: “{_cut(line)}”" for line in old[old_from:old_to])
            yield from (f"Added: “{_cut(line)}”" for line in new[new_from:new_to])


def _paragraphs(text: str) -> list[str]:
    return [" ".join(block.split()) for block in text.split("\n\n") if block.strip()]


def _quoted(value: str) -> str:
    return f"“{value}”" if value else "(none)"


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE].rstrip()}…"
