"""Reads bounces in free text, as qmail and old servers write them, with `flufl.bounce`, which Mailman uses too.

The library says whether a message is a bounce, and whether it is permanent or temporary. What that means for the
address follows from the codes in the text, by the same rules as for other rejections; without a code nobody is
suppressed. The address that the bounce came to says whom it is about.
"""

import logging
import re
from email import message_from_bytes

from newsletter.sending.transports.smtp_replies import no_such_mailbox
from newsletter.tracking.bounces.message_parts import Fields, whole
from newsletter.tracking.bounces.parse_bounce import BounceReport
from newsletter.tracking.models import Event

Kind = Event.Kind
# Each detector of the library reads the whole text, and `email` reads nested parts again for each level.
LONGEST_TEXT, MAX_BOUNDARIES = 16_384, 5
BOUNDARY = re.compile(rb"boundary", re.IGNORECASE)
CODE = re.compile(r"\b(5\d\d)[ -]+#?(?:(5\.\d{1,3}\.\d{1,3})\b)?([^\n]{0,300})|#(5\.\d{1,3}\.\d{1,3})\b")
# The library logs each detector, and its own errors together with the content of the message.
logging.getLogger("flufl.bounce").disabled = True


def read_free_text(beginning: bytes) -> BounceReport | None:
    """Read a bounce from the first bytes of a message; None if it is not recognised as one."""
    text = beginning[:LONGEST_TEXT]
    if len(BOUNDARY.findall(text)) > MAX_BOUNDARIES:
        return None
    # Imported when the first bounce is read: the scheduler starts and waits without it.
    from flufl.bounce import all_failures

    try:
        temporary, permanent = all_failures(message_from_bytes(text))
    except Exception:  # noqa: BLE001 - the library fails on messages that it does not expect
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
    """Return the meaning of the first code in the text, which comes before the returned part of the email."""
    found = CODE.search(text)
    if found is None:
        return Kind.BLOCKED, ""
    code, enhanced = int(found[1] or 550), found[2] or found[4] or ""
    gone = no_such_mailbox(code, enhanced, found[3] or "")
    return (Kind.BOUNCED if gone else Kind.BLOCKED), enhanced or str(code)
