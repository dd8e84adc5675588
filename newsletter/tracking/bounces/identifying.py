"""Which recipient a report is about: only by what is signed here, since anybody can write a bounce.

1. The token in the return path (sending/return_path.py): in the address that the report came to, or in what it
   returns.
2. The signed address of List-Unsubscribe in the returned email, because some providers remove every mail address from
   complaints. The Message-ID beside it then says which email it was, if that email was this person's.

A Message-ID alone names somebody, and proves nothing: it does nothing.
"""

import re
from collections.abc import Iterator, Sequence
from uuid import UUID

from newsletter.sending.models import Recipient
from newsletter.sending.return_path import Sent, messages_named_in
from newsletter.tracking.bounces.reports import ReportMail
from subscribers import signed_links
from subscribers.errors import SubscribersError
from subscribers.models import Subscription

# Where servers put the address that a message came to; no standard has one for it.
CAME_TO = ("delivered-to", "x-original-to", "x-envelope-to", "envelope-to", "x-delivered-to", "to")
LINK = re.compile(r"/([A-Za-z0-9_-]{40})(?=[/?#>]|$)")
OUR_MESSAGE_ID = re.compile(r"<([0-9a-f]{32})\.(\d{1,18})@")
# The largest number that a row can have.
LARGEST_NUMBER = 2**63 - 1
LINKS_AT_MOST = 5


class Unsigned(Exception):  # noqa: N818 - an outcome
    """Nothing in the report was signed here."""


def recipient_of(report: ReportMail, came_to: Sequence[str]) -> int | None:
    """The recipient whom a report is about; None where the row is gone, or was of a test email. Raises Unsigned.

    `came_to`: the addresses that the report was delivered to, as far as they are known from outside.
    """
    sent = next(_named(report, came_to), None)
    if sent is not None:
        return _row(sent)
    for subscription in _subscriptions(report):
        return _by_message_id(report, subscription) or _latest(subscription)
    raise Unsigned


def _named(report: ReportMail, came_to: Sequence[str]) -> Iterator[Sent]:
    texts = [*came_to, *report.mail.all(*CAME_TO)]
    texts += [value for fields in report.said for value in fields.all()]
    texts += report.returned.all()
    for text in texts:
        yield from messages_named_in(text)


def _row(sent: Sent) -> int | None:
    found = Recipient.objects.filter(pk=sent.recipient).values_list("pk", "batch__mailing__key").first()
    if found is None or not found[1].bytes.startswith(sent.mailing):
        return None
    return int(found[0])


def _subscriptions(report: ReportMail) -> Iterator[Subscription]:
    """Whoever a one-click link in the returned email unsubscribes."""
    found = LINK.findall(" ".join(report.returned.all("list-unsubscribe")))
    for token in found[:LINKS_AT_MOST]:
        try:
            row = signed_links.read(signed_links.Purpose.ONE_CLICK, token)
        except SubscribersError:
            continue
        subscription = Subscription.objects.filter(pk=row.number, link_nonce=row.nonce).first()
        if subscription is not None:
            yield subscription


def _by_message_id(report: ReportMail, subscription: Subscription) -> int | None:
    for mailing, number in OUR_MESSAGE_ID.findall(report.returned.first("message-id")):
        if int(number) <= LARGEST_NUMBER:
            rows = Recipient.objects.filter(
                pk=int(number), batch__mailing__key=UUID(mailing), subscriber=subscription.subscriber_id
            )
            return rows.values_list("pk", flat=True).first()
    return None


def _latest(subscription: Subscription) -> int | None:
    rows = Recipient.objects.filter(
        subscriber=subscription.subscriber_id, issue__publication__mailing_list=subscription.list_id
    )
    return rows.order_by("-pk").values_list("pk", flat=True).first()
