"""Reads a report from a message in the bounce mailbox: a bounce (RFC 3464), a complaint (RFC 5965), or neither.

Replies, out-of-office messages and free texts are not reports. A bounce means the same as its code in a reply while an
email is sent (smtp_replies.py), or in SendGrid's webhook.
"""

import re
from dataclasses import dataclass

from newsletter.sending.transports.smtp_replies import no_such_mailbox
from newsletter.tracking.bounces.message_parts import Fields, blocks_of, head_and_rest, parts_of, whole
from newsletter.tracking.models import Event

Kind = Event.Kind
STATUS_PARTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
FEEDBACK_PART = "message/feedback-report"
RETURNED_PARTS = frozenset(
    {"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"}
)
# RFC 5965, section 7.3, and its registry at IANA. Other feedback types say nothing about what the reader wants.
COMPLAINTS = {
    "abuse": Kind.COMPLAINED,
    "fraud": Kind.COMPLAINED,
    "opt-out": Kind.UNSUBSCRIBED,
    "opt-out-list": Kind.UNSUBSCRIBED,
}
# RFC 3464, section 2.3.6: the server's own words, with a code, an enhanced code and text.
DIAGNOSTIC = re.compile(r"smtp\s*;\s*([2-5]\d\d)[ -]\s*#?([245]\.\d{1,3}\.\d{1,3})?[ :]?(.*)", re.IGNORECASE)
STATUS = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")
# RFC 3463: “other or undefined”. This code says no more than the words beside it.
UNDEFINED = frozenset({"5.0.0", "4.0.0"})


@dataclass(frozen=True, slots=True)
class BounceReport:
    """A report. `kind` is None if it changes nothing, for example if an email was delivered after all.

    `mail` has the header fields of the report itself, `said` those of its machine-readable part, and `returned` those
    of the email that it is about, if they were returned.
    """

    kind: Event.Kind | None
    detail: str
    mail: Fields
    said: list[Fields]
    returned: Fields


def read_report(beginning: bytes) -> BounceReport | None:
    """Read a report from the first bytes of a message; None if it is not a report, or not about a reader."""
    message = whole(beginning)
    if message.content_type != "multipart/report":
        return None
    parts = list(parts_of(message))
    returned = next(
        (head_and_rest(part.body)[0] for part in parts if part.content_type in RETURNED_PARTS), Fields()
    )
    for part in parts:
        said = list(blocks_of(part.body))
        if part.content_type in STATUS_PARTS:
            found = _bounce(said)
        elif part.content_type == FEEDBACK_PART:
            found = _complaint(said)
        else:
            continue
        return BounceReport(*found, message.fields, said, returned) if found else None
    return None


def _complaint(said: list[Fields]) -> tuple[Event.Kind, str] | None:
    kind = next((value for fields in said for value in fields.all("feedback-type")), "").lower()
    return (COMPLAINTS[kind], "") if kind in COMPLAINTS else None


def _bounce(said: list[Fields]) -> tuple[Event.Kind | None, str] | None:
    """Return what the blocks say together; None if no block has an action."""
    by_action: dict[str, list[Fields]] = {}
    for fields in said:
        if action := fields.first("action").partition("(")[0].strip().lower():
            by_action.setdefault(action, []).append(fields)
    failed, delayed = by_action.get("failed", []), by_action.get("delayed", [])
    if by_action.keys() & {"delivered", "relayed", "expanded"}:
        return None, ""
    if failed:
        codes = [_code(fields) for fields in failed]
        for_good = all(is_gone for _code, is_gone in codes) and not delayed
        return (Kind.BOUNCED if for_good else Kind.BLOCKED), codes[0][0]
    return (Kind.DEFERRED, "") if delayed else None


def _code(fields: Fields) -> tuple[str, bool]:
    """Return the code of one failure, and whether it says that the mailbox does not exist."""
    found = STATUS.match(fields.first("status"))
    diagnostic = DIAGNOSTIC.match(fields.first("diagnostic-code"))
    status = found[1] if found else ""
    enhanced = status if status not in UNDEFINED else ""
    if diagnostic is None:
        return status, bool(no_such_mailbox(550, enhanced, ""))
    # The receiving server's own words are more exact than another server's summary of them.
    enhanced = diagnostic[2] or enhanced
    gone = no_such_mailbox(int(diagnostic[1]), enhanced, diagnostic[3])
    return enhanced or diagnostic[1], bool(gone)
