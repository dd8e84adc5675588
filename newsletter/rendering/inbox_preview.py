"""The line of an email in an inbox as a phone shows it: sender, subject and preheader, each cut at the screen's edge.

The lengths are those of the common mail programs on a phone held upright; wide characters are cut a little earlier.
"""

from dataclasses import dataclass

from newsletter.rendering.email import Email
from subscribers.phrases import shortened

LONGEST_SENDER = 25
LONGEST_SUBJECT = 40
LONGEST_PREHEADER = 90


@dataclass(frozen=True, slots=True)
class InboxLine:
    """What a phone shows of an email before it is opened. `cut` says what of it cannot be seen, in sentences."""

    sender: str
    subject: str
    preheader: str
    cut: tuple[str, ...]


def inbox_line(email: Email) -> InboxLine:
    """Return the line of an email whose merge tags are filled."""
    parts = (
        ("sender’s name", email.sender_name or email.sender_address, LONGEST_SENDER),
        ("subject", email.subject, LONGEST_SUBJECT),
        ("preheader", email.preheader, LONGEST_PREHEADER),
    )
    cut = (
        f"A phone shows only about {longest} of the {len(text)} characters in the {name}."
        for name, text, longest in parts
        if len(text) > longest
    )
    sender, subject, preheader = (shortened(text, longest) for _name, text, longest in parts)
    return InboxLine(sender, subject, preheader, tuple(cut))
