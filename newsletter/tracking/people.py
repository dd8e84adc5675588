"""Whom a report is about: by the arguments that went with the letter, or, where a late bounce lost them, by address."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from newsletter.sending.models import Mailing, Recipient
from newsletter.tracking.models import Event
from newsletter.tracking.queries import Standing, portions, standings
from newsletter.tracking.reading import Report
from subscribers.addresses import fold
from subscribers.errors import Invalid
from subscribers.models import Subscriber

Kind = Event.Kind
# Asynchronous bounces may come without our arguments; so may what a person says to the provider.
FOUND_BY_ADDRESS = frozenset({Kind.BOUNCED, Kind.BLOCKED, Kind.COMPLAINED, Kind.UNSUBSCRIBED})


class Place(NamedTuple):
    """Where an event belongs: a mailing and a recipient of it, by number."""

    mailing: int | None
    recipient: int | None


@dataclass(frozen=True, slots=True)
class People:
    """Whom reports are about: places by a report's fingerprint, standings by a recipient's number."""

    places: dict[bytes, Place]
    standings: dict[int, Standing]


def people_of(reports: Sequence[Report]) -> People:
    """Find every report's mailing and recipient. A recipient whom the mailing does not know is a stranger: None."""
    places: dict[bytes, Place] = {}
    mailings = _mailings({report.mailing for report in reports if report.mailing})
    known = standings({report.recipient for report in reports if report.recipient})
    lost: list[Report] = []
    for report in reports:
        if report.recipient:
            standing = known.get(report.recipient)
            mailing = mailings.get(report.mailing)
            if standing and (standing.mailing == mailing or not report.mailing):
                places[report.fingerprint] = Place(standing.mailing, report.recipient)
            elif mailing:
                places[report.fingerprint] = Place(mailing, None)
        elif report.kind in FOUND_BY_ADDRESS and report.address and not report.mailing:
            lost.append(report)
    if lost:
        known |= _by_address(lost, places)
    return People(places, known)


def key_of(address: str) -> str:
    """The folded address; empty for what is none."""
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


def _by_address(lost: Sequence[Report], places: dict[bytes, Place]) -> dict[int, Standing]:
    """The recipient that stands for an address: the one of the latest mailing to it."""
    keys = {report.fingerprint: key for report in lost if (key := key_of(report.address))}
    people: dict[str, int] = {}
    latest: dict[int | None, int] = {}
    for some in portions(set(keys.values())):
        people |= dict(Subscriber.objects.filter(address_key__in=some).values_list("address_key", "pk"))
    for subscribers in portions(people.values()):
        rows = Recipient.objects.filter(subscriber__in=subscribers).order_by("pk")
        latest |= dict(rows.values_list("subscriber_id", "pk"))
    found = standings(latest.values())
    for fingerprint, key in keys.items():
        recipient = latest.get(people.get(key, 0))
        if recipient is not None:
            places[fingerprint] = Place(found[recipient].mailing, recipient)
    return found
