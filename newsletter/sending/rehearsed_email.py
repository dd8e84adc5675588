"""What a dress rehearsal learns about an email that a transport has built for one person, and has not sent."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from newsletter.rendering.email import TAG, Email
from newsletter.rendering.merge_tags import substitutions
from newsletter.sending.transport import BuiltEmail, Envelope
from subscribers.mail_message import BOUNDARY, LONGEST_LINE

# The headers that each message of ours has exactly once.
NEEDED = (
    *("From", "To", "Subject", "Date", "Message-ID"),
    *("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"),
)
NO_LINK = "The List-Unsubscribe header is missing or has no web address."
NO_ONE_CLICK = "The List-Unsubscribe-Post header is missing or wrong."
_LINK = re.compile(rb"^List-Unsubscribe:\s+<https?://", re.MULTILINE | re.IGNORECASE)
_HTML_PART = f'\r\n--{BOUNDARY}\r\nContent-Type: text/html; charset="utf-8"'.encode("ascii")
_END = len(f"--{BOUNDARY}--\r\n")


class EmailValues(NamedTuple):
    """The merge tags that the HTML, text and subject of an email contain, each once."""

    tags: frozenset[str]
    fallback: str

    @classmethod
    def of(cls, email: Email) -> "EmailValues":
        """Return those of an email."""
        subject, _preheader, html, text = email.pieces
        used = frozenset(tag for pieces in (subject, html, text) for tag in pieces[1::2])
        return cls(used, email.first_name_fallback)

    def empty(self, values: Mapping[str, str]) -> tuple[str, ...]:
        """Return the tags for which these values have none."""
        if all(map(values.get, self.tags)):
            return ()
        return tuple(sorted(tag for tag in self.tags if not values.get(tag)))


def built_message(used: EmailValues, envelope: Envelope, data: bytes) -> BuiltEmail:
    """Return what a dress rehearsal learns about a whole message to one person."""
    head, _, body = data.partition(b"\r\n\r\n")
    html = len(body) - body.find(b"\r\n\r\n", body.rfind(_HTML_PART)) - len("\r\n\r\n") - _END
    unfilled = used.empty(substitutions(envelope.person, used.fallback))
    if b"*|" in body:
        unfilled = tuple(sorted({*unfilled, *TAG.findall(body.decode("ascii"))}))
    return BuiltEmail(envelope.recipient, html, unfilled, why_broken(head))


def why_broken(head: bytes) -> str:
    """Say what is wrong with the headers of a message, or return an empty string."""
    lines = head.split(b"\r\n")
    names = Counter(line.partition(b":")[0].lower() for line in lines if line[:1] not in {b" ", b"\t"})
    for name in NEEDED:
        found = names[name.lower().encode("ascii")]
        if found != 1:
            return f"The {name} header is {'repeated' if found else 'missing'}."
    if max(map(len, lines)) > LONGEST_LINE:
        return f"A header line is longer than {LONGEST_LINE} bytes."
    if head.count(b"\r") != len(lines) - 1 or head.count(b"\n") != len(lines) - 1:
        return "A header contains a line break."
    return "" if _LINK.search(head) else NO_LINK


def why_headers_broken(headers: Mapping[str, str]) -> str:
    """Say what is wrong with a reader’s own headers, for a provider that writes the others itself."""
    link = headers.get("List-Unsubscribe", "")
    if not (link.startswith("<https://") or link.startswith("<http://")):  # noqa: PIE810 - a tuple takes longer
        return NO_LINK
    if headers.get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click":
        return NO_ONE_CLICK
    for value in headers.values():
        if "\n" in value:
            return "A header contains a line break."
    return ""
