"""Letters and posts for the tests of transports."""

import uuid
from datetime import UTC, datetime

from newsletter.rendering.email import Email
from newsletter.rendering.merge_tags import MergeValues
from newsletter.sending.transport import BatchReference, Envelope, Post

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def post_to(*addresses, email=None, attempt=1, name="Ana"):
    trace = BatchReference(
        mailing=uuid.UUID(int=7), batch=3, attempt=attempt, publication="harbour", issue=12, posted_at=NOW
    )
    envelopes = [
        Envelope(
            recipient=number,
            address=address,
            name=name,
            person=MergeValues(
                first_name=name,
                unsubscribe_url=f"https://example.org/leave/{number}",
                preferences_url=f"https://example.org/preferences/{number}",
                read_online_url="https://example.org/harbour/12/",
            ),
            headers={
                "List-Unsubscribe": f"<https://example.org/one-click/{number}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
        )
        for number, address in enumerate(addresses, start=1)
    ]
    return Post(trace=trace, email=email or an_email(), envelopes=envelopes)


def an_email(**changes):
    fields = {
        "subject": "News for *|FIRST_NAME_TEXT|*",
        "preheader": "",
        "html": "<p>Hello *|FIRST_NAME|*\u200c</p>",
        "text": "Hello *|FIRST_NAME_TEXT|*\u200c",
        "language": "en-GB",
        "sender_name": "Elusen Llŷr, Wales",
        "sender_address": "news@example.org",
        "reply_to": "hello@example.org",
        "list_id": "Harbour <harbour.example.org>",
        "first_name_fallback": "reader",
    }
    return Email(**{**fields, **changes})
