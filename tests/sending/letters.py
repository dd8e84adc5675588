"""Letters and posts for the tests of transports."""

import uuid
from datetime import UTC, datetime

from newsletter.rendering.letter import Letter
from newsletter.rendering.merge import Person
from newsletter.sending.transport import Envelope, Post, Trace

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def post_to(*addresses, letter=None, attempt=1, name="Ana"):
    trace = Trace(
        mailing=uuid.UUID(int=7), batch=3, attempt=attempt, publication="harbour", issue=12, posted_at=NOW
    )
    envelopes = [
        Envelope(
            recipient=number,
            address=address,
            name=name,
            person=Person(
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
    return Post(trace=trace, letter=letter or a_letter(), envelopes=envelopes)


def a_letter(**changes):
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
    return Letter(**{**fields, **changes})
