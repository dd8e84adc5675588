"""What differs between two sets of emails, in sentences for the person who approved the first."""

from collections.abc import Iterator
from difflib import SequenceMatcher

from newsletter.rendering.email import Email
from newsletter.rendering.email_set import EmailSet

# Named as an editor knows them; the text part shows what changed in the HTML as well.
FIELDS = {
    "subject": "subject",
    "preheader": "preheader",
    "sender_name": "sender's name",
    "sender_address": "sender's address",
    "reply_to": "reply address",
    "language": "language",
    "links_to": "address that the readers' own links lead to",
    "tracked": "list of what the provider tracks",
}
MAX_LINES, LONGEST_LINE = 12, 160


def email_differences(before: EmailSet, after: EmailSet) -> list[str]:
    """What has changed in the second set, variant by variant; empty when they are equal."""
    if before.digest == after.digest:
        return []
    old, new = ({each.name: each.email for each in emails.variants} for emails in (before, after))
    said = [f"There is no variant for {name} any more." for name in old if name not in new]
    said += [f"There is a new variant for {name}." for name in new if name not in old]
    for name in filter(new.__contains__, old):
        changed = _differences_of_emails(old[name], new[name])
        said += [f"For {name}: {sentence}" for sentence in changed] if name else changed
    return said or ["Who gets which variant has changed."]


def _differences_of_emails(before: Email, after: Email) -> list[str]:
    if before.digest == after.digest:
        return []
    said = [
        f"The {name} is “{getattr(after, field)}”, was “{getattr(before, field)}”."
        for field, name in FIELDS.items()
        if getattr(before, field) != getattr(after, field)
    ]
    lines = list(_lines(before.text, after.text))
    said += lines[:MAX_LINES]
    if len(lines) > MAX_LINES:
        said.append(f"And {len(lines) - MAX_LINES} lines more.")
    return said or ["How it looks, or where its links lead, is other than before."]


def _lines(before: str, after: str) -> Iterator[str]:
    old, new = _paragraphs(before), _paragraphs(after)
    for kind, old_from, old_to, new_from, new_to in SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if kind != "equal":
            yield from (f"Gone: “{_cut(line)}”" for line in old[old_from:old_to])
            yield from (f"New: “{_cut(line)}”" for line in new[new_from:new_to])


def _paragraphs(text: str) -> list[str]:
    return [" ".join(block.split()) for block in text.split("\n\n") if block.strip()]


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE].rstrip()}…"
