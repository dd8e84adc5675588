"""Finds the recipient that a report is about, only by what we signed, because anybody can write a bounce.

1. The token in the return path (sending/return_path.py): in the address that the report came to, or in the part of the
   email that it returns.
2. The signed List-Unsubscribe URL in the returned email, because some providers remove all email addresses from
   complaints. The Message-ID then says which email it was, if that email was sent to this person.

A Message-ID alone proves nothing, so it has no effect.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from newsletter.errors import NewsletterError
from newsletter.sending.models import Recipient
from newsletter.sending.return_path import SentMessage, messages_named_in
from newsletter.tracking.bounces.parse_bounce import BounceReport
from subscribers import signed_links
from subscribers.models import Subscription

# The headers in which servers put the address that a message came to; no header for it is standard.
CAME_TO = ("delivered-to", "x-original-to", "x-envelope-to", "envelope-to", "x-delivered-to", "to")
LINK = re.compile(r"/([A-Za-z0-9_-]{40})(?=[/?#>]|$)")
OUR_MESSAGE_ID = re.compile(r"<([0-9a-f]{32})\.(\d{1,18})@")
# The largest ID that a row can have.
LARGEST_NUMBER = 2**63 - 1
MAX_LINKS = 5


class Unsigned(Exception):  # noqa: N818 - an outcome
    """Nothing in the report was signed by this installation."""


class ReportSubject(NamedTuple):
    """The recipient ID of a report or, if that is 0, the address. If both are empty, we no longer know the person."""

    recipient: int
    address: str = ""


def subject_of(report: BounceReport, came_to: Sequence[str]) -> ReportSubject:
    """Return whom a report is about. Raises Unsigned.

    The recipient row is missing after a restore from an older backup, and for a test email, but we may still know the
    person. `came_to` has the addresses that the report was delivered to, if the caller knows them.
    """
    sent = next(_named(report, came_to), None)
    if sent is not None and (recipient := _row(sent)):
        return ReportSubject(recipient)
    for subscription in _subscriptions(report):
        return ReportSubject(_by_message_id(report, subscription), subscription.subscriber.address)
    if sent is None:
        raise Unsigned
    return ReportSubject(0)


def _named(report: BounceReport, came_to: Sequence[str]) -> Iterator[SentMessage]:
    texts = [*came_to, *report.mail.all(*CAME_TO)]
    texts += [value for fields in report.said for value in fields.all()]
    texts += report.returned.all()
    for text in texts:
        yield from messages_named_in(text)


def _row(sent: SentMessage) -> int:
    found = Recipient.objects.filter(pk=sent.recipient).values_list("pk", "batch__mailing__key").first()
    if found is None or not found[1].bytes.startswith(sent.mailing):
        return 0
    return int(found[0])


def _subscriptions(report: BounceReport) -> Iterator[Subscription]:
    """Yield the subscriptions that the one-click links in the returned email belong to."""
    found = LINK.findall(" ".join(report.returned.all("list-unsubscribe")))
    for token in found[:MAX_LINKS]:
        try:
            row = signed_links.read_token(signed_links.Purpose.ONE_CLICK, token)
        except NewsletterError:
            continue
        found_rows = Subscription.objects.filter(pk=row.number, link_nonce=row.nonce)
        subscription = found_rows.select_related("subscriber").first()
        if subscription is not None:
            yield subscription


def _by_message_id(report: BounceReport, subscription: Subscription) -> int:
    for mailing, number in OUR_MESSAGE_ID.findall(report.returned.first("message-id")):
        if int(number) <= LARGEST_NUMBER:
            rows = Recipient.objects.filter(
                pk=int(number), batch__mailing__key=UUID(mailing), subscriber=subscription.subscriber_id
            )
            return rows.values_list("pk", flat=True).first() or 0
    return 0
