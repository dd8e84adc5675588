"""Bounces in free text, as qmail and old servers write them. `flufl.bounce`, which Mailman uses, recognises them.

It says that the mail is a bounce, and for good or for now. What that means for the address follows from the codes in
the text, by the rule for every other refusal; without a code nobody is suppressed. Whom it is about, the address says
that it came to.
"""

import logging
import re
from email import message_from_bytes

from flufl.bounce import all_failures

from newsletter.sending.transports.smtp_replies import no_such_mailbox
from newsletter.tracking.bounces.message_parts import Fields, whole
from newsletter.tracking.bounces.parse_bounce import BounceReport
from newsletter.tracking.models import Event

Kind = Event.Kind
# Each of its detectors reads the whole text, and `email` reads what is nested again for each level.
LONGEST_TEXT, MAX_BOUNDARIES = 16_384, 5
BOUNDARY = re.compile(rb"boundary", re.IGNORECASE)
CODE = re.compile(r"\b(5\d\d)[ -]+#?(?:(5\.\d{1,3}\.\d{1,3})\b)?([^\n]{0,300})|#(5\.\d{1,3}\.\d{1,3})\b")
# It logs each detector, and an error of its own with what the message held.
logging.getLogger("flufl.bounce").disabled = True


def read_free_text(beginning: bytes) -> BounceReport | None:
    """The bounce whose first bytes these are; None for what is not recognised as one."""
    text = beginning[:LONGEST_TEXT]
    if len(BOUNDARY.findall(text)) > MAX_BOUNDARIES:
        return None
    try:
        temporary, permanent = all_failures(message_from_bytes(text))
    except Exception:  # noqa: BLE001 - it fails on messages that it does not expect
        return None
    message = whole(text)
    if permanent:
        kind, detail = _meaning(message.body)
    elif temporary:
        kind, detail = Kind.DEFERRED, ""
    else:
        return None
    return BounceReport(kind, detail, message.fields, [], Fields())


def _meaning(text: str) -> tuple[Event.Kind, str]:
    """By the first code in the text, which stands before what is returned of the email."""
    found = CODE.search(text)
    if found is None:
        return Kind.BLOCKED, ""
    code, enhanced = int(found[1] or 550), found[2] or found[4] or ""
    gone = no_such_mailbox(code, enhanced, found[3] or "")
    return (Kind.BOUNCED if gone else Kind.BLOCKED), enhanced or str(code)
