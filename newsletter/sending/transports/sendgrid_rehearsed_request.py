"""Reads the body of a request to SendGrid as SendGrid would, for a dress rehearsal: what each recipient would get."""

from collections.abc import Iterator

import orjson

from newsletter.rendering.delivered_html_size import GMAIL_CLIPS_AT, HtmlSizes
from newsletter.rendering.email import Email
from newsletter.sending.rehearsed_email import EmailValues, why_headers_broken
from newsletter.sending.transport import BuiltEmail
from newsletter.sending.transports.sendgrid_categories import OURS


def built_for_each(body: bytes, email: Email) -> Iterator[BuiltEmail]:
    """Yield what the request says about each of its recipients."""
    used, sizes, recipient = EmailValues.of(email), HtmlSizes(email), f"{OURS}_recipient"
    people = orjson.loads(body)["personalizations"]
    at_most = sizes.at_most([person["substitutions"] for person in people])
    for person in people:
        values = person["substitutions"]
        yield BuiltEmail(
            int(person["custom_args"][recipient]),
            # Nearly always, nobody's email can be too large, and measuring each takes longer than building it.
            at_most if at_most < GMAIL_CLIPS_AT else sizes.of(values),
            used.empty(values),
            why_headers_broken(person["headers"]),
        )
