"""Unsubscribes people by an email to the address that their mail program found in List-Unsubscribe.

Only the address that the email came to counts, because we signed it (sending/unsubscribe_address.py). Anyone who has
it also has the link in the email. Bounces and automatic replies unsubscribe nobody.
"""

import re
from collections.abc import Sequence

from newsletter.sending.unsubscribe_address import SUBJECT, subscriptions_named_in
from newsletter.tracking.bounces.identify_recipient import CAME_TO
from newsletter.tracking.bounces.message_parts import Fields, whole
from subscribers import consent
from subscribers.consent_log import ConsentSource
from subscribers.errors import NotFound
from subscribers.models import SourceKind, Subscription
from subscribers.signed_links import LinkedRow

SOURCE = ConsentSource(SourceKind.EMAIL_LINK, "unsubscribe email")
# A provider may unsubscribe its reader with a generated email, but it takes over the subject that we ask for.
GENERATED = "auto-generated"
_OF_PROGRAMS = re.compile(r"\b(?:mailer-daemon|postmaster)@", re.IGNORECASE)
_PRECEDENCE = frozenset({"bulk", "junk", "list", "auto_reply"})
_OF_REPLIES = ("x-autoreply", "x-autorespond", "x-auto-reply", "x-failed-recipients")


def row_to_unsubscribe(beginning: bytes, came_to: Sequence[str]) -> LinkedRow | None:
    """Return the subscription that an email asks to end; None if it came to no such address, or is automatic."""
    message = whole(beginning)
    texts = [*came_to, *message.fields.all(*CAME_TO)]
    row = next((row for text in texts for row in subscriptions_named_in(text)), None)
    if row is None or message.content_type == "multipart/report" or _is_automatic(message.fields):
        return None
    return row


def unsubscribe_row(row: LinkedRow) -> bool | None:
    """Unsubscribe one person from one list; return whether that is new, or None if we no longer know the person."""
    found = Subscription.objects.filter(pk=row.number, link_nonce=row.nonce).first()
    if found is None:
        return None
    was = found.state
    try:
        consent.unsubscribe(found, SOURCE)
    except NotFound:
        return None
    return was != Subscription.State.UNSUBSCRIBED


def _is_automatic(fields: Fields) -> bool:
    """Return whether a program sent the email by itself: a bounce or a reply (RFC 3834)."""
    submitted = fields.first("auto-submitted").partition(";")[0].partition("(")[0].strip().lower() or "no"
    if submitted == GENERATED:
        return fields.first("subject").strip().lower() != SUBJECT
    return (
        submitted != "no"
        or fields.first("return-path").replace(" ", "") == "<>"
        or fields.first("precedence").lower() in _PRECEDENCE
        or any(True for _ in fields.all(*_OF_REPLIES))
        or _OF_PROGRAMS.search(fields.first("from")) is not None
    )
