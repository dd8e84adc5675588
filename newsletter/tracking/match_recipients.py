"""Finds the recipient of a report by our arguments or, if a late bounce lost those, by address."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from newsletter.errors import Invalid
from newsletter.sending.models import Mailing, Recipient
from newsletter.tracking.event_queries import RecipientState, recipient_states
from newsletter.tracking.models import Event
from newsletter.tracking.parse_events import Report
from subscribers.database import portions
from subscribers.email_addresses import fold
from subscribers.models import Subscriber

Kind = Event.Kind
# Asynchronous bounces may come without our arguments, and so may a person's complaint to the provider.
FOUND_BY_ADDRESS = frozenset(
    {Kind.BOUNCED.value, Kind.BLOCKED.value, Kind.COMPLAINED.value, Kind.UNSUBSCRIBED.value}
)


class MatchedReport(NamedTuple):
    """A report and where it belongs. A mailing without a recipient means a person who is not in that mailing."""

    report: Report
    mailing: int | None
    recipient: int | None
    recorded: RecipientState | None


def match_recipients(reports: Sequence[Report]) -> list[MatchedReport]:
    """Find the mailing and the recipient of every report."""
    mailings = _mailings({report.trace.mailing for report in reports})
    known = recipient_states({report.recipient for report in reports if report.recipient})
    lost = _found_by_address([report for report in reports if _is_lost(report)])
    found: list[MatchedReport] = []
    for report in reports:
        recorded, mailing = known.get(report.recipient), mailings.get(report.trace.mailing)
        if recorded and (recorded.mailing == mailing or not report.trace.mailing):
            found.append(MatchedReport(report, recorded.mailing, report.recipient, recorded))
        elif report.recipient and mailing:
            found.append(MatchedReport(report, mailing, None, None))
        else:
            found.append(lost.get(report.fingerprint) or MatchedReport(report, None, None, None))
    return found


def _is_lost(report: Report) -> bool:
    return not (report.recipient or report.trace.mailing) and report.kind in FOUND_BY_ADDRESS


def key_of(address: str) -> str:
    """Return the key of an address; empty if it is not an address."""
    try:
        return fold(address)
    except Invalid:
        return ""


def _mailings(keys: Iterable[str]) -> dict[str, int]:
    uuids = {key: uuid for key in keys if (uuid := _uuid(key))}
    found: dict[UUID, int] = {}
    for some in portions(uuids.values()):
        found |= dict(Mailing.objects.filter(key__in=some).values_list("key", "pk"))
    return {key: found[uuid] for key, uuid in uuids.items() if uuid in found}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _found_by_address(lost: Sequence[Report]) -> dict[bytes, MatchedReport]:
    """Return matches by fingerprint: the recipient for an address is the one of the latest mailing to it."""
    keys = {report.fingerprint: key for report in lost if (key := key_of(report.address))}
    people: dict[str, int] = {}
    latest: dict[int | None, int] = {}
    for some in portions(set(keys.values())):
        people |= dict(Subscriber.objects.filter(address_key__in=some).values_list("address_key", "pk"))
    for subscribers in portions(people.values()):
        rows = Recipient.objects.filter(subscriber__in=subscribers).order_by("pk")
        latest |= dict(rows.values_list("subscriber_id", "pk"))
    known = recipient_states(latest.values())
    found: dict[bytes, MatchedReport] = {}
    for report in lost:
        recipient = latest.get(people.get(keys.get(report.fingerprint, ""), 0), 0)
        if recorded := known.get(recipient):
            found[report.fingerprint] = MatchedReport(report, recorded.mailing, recipient, recorded)
    return found
