"""What came of a mailing, in people: each is counted once for each thing, however often it was reported.

Opens by machines and bursts of clicks as scanners make them are kept apart, and both figures are shown: `opened` are
those of whom an open by a person is known, `opened_by_machine_only` the others who have an open at all.
"""

from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, field, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from django.db import connection

from newsletter.sending import ledger
from newsletter.sending.models import Mailing
from newsletter.tracking import anomalies, statistics_sql
from newsletter.tracking.models import Event


class By(StrEnum):
    """By what the figures of a mailing can be divided."""

    LINK = "link"
    DOMAIN = "domain"
    HOUR = "hour"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many people, for each thing that can come of a letter."""

    accepted: int = 0
    delivered: int = 0
    deferred: int = 0
    bounced: int = 0
    blocked: int = 0
    dropped: int = 0
    opened: int = 0
    opened_by_machine_only: int = 0
    clicked: int = 0
    clicked_by_scanner_only: int = 0
    unsubscribed: int = 0
    complained: int = 0

    def to_dict(self) -> dict[str, int]:
        """The counts as JSON can hold them."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class LinkCounts:
    """How many people clicked a link, how many only by a scanner, and the clicks of both."""

    clicked: int
    clicked_by_scanner_only: int
    clicks: int
    clicks_by_scanners: int

    def to_dict(self) -> dict[str, int]:
        """The counts as JSON can hold them."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """The figures of one mailing. `classes`: {kind: {class or reason: people}} of who did not get it."""

    counts: Counts
    classes: dict[str, dict[str, int]] = field(default_factory=dict)
    strangers: int = 0
    alarm: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The figures as JSON can hold them."""
        return {
            **self.counts.to_dict(),
            "classes": self.classes,
            "strangers": self.strangers,
            "alarm": self.alarm,
        }


Row = tuple[str, Counts | LinkCounts]


def columns_of(by: By) -> Sequence[str]:
    """The names of what is counted, in the order of the fields."""
    return [each.name for each in fields(LinkCounts if by is By.LINK else Counts)]


def values_of(counts: Counts | LinkCounts) -> tuple[int, ...]:
    """The counts in the order of `columns_of`."""
    return astuple(counts)


def statistics_of(mailing: Mailing) -> Statistics:
    """The figures of a mailing. Accepted is what the ledger says; all else is counted over the events."""
    # Where nothing came back yet there is no row.
    _name, _processed, *counted = next(iter(_rows(statistics_sql.total(), mailing)), ("", 0))
    classes: dict[str, dict[str, int]] = {}
    for kind, detail, people in _rows(statistics_sql.classes(), mailing):
        classes.setdefault(kind, {})[detail or "unclassified"] = people
    strangers = Event.objects.filter(mailing=mailing, recipient=None).count()
    return Statistics(
        counts=Counts(ledger.count_recipients(mailing).accepted, *counted),
        classes=classes,
        strangers=strangers,
        alarm=anomalies.alarm_of(mailing),
    )


def breakdown(mailing: Mailing, by: By | str) -> list[Row]:
    """The figures of a mailing divided: by link, most clicked first; by domain, most accepted first; or by hour.

    Hours are "2026-11-23 09:00" in UTC, and `accepted` in them is when the provider took the letter. The domain of
    who was erased is "".
    """
    match By(by):
        case By.LINK:
            return [
                (url, LinkCounts(*map(int, counts)))
                for url, *counts in _rows(statistics_sql.by_link(), mailing)
            ]
        case By.HOUR:
            return [(hour, Counts(*counts)) for hour, *counts in _rows(statistics_sql.by_hour(), mailing)]
        case By.DOMAIN:
            return _by_domain(mailing)


def hour_of(name: str) -> datetime:
    """The hour that a row of the breakdown by hour is named after."""
    return datetime.strptime(name, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


def _by_domain(mailing: Mailing) -> list[Row]:
    accepted = dict(_rows(statistics_sql.accepted_by_domain(), mailing))
    rows = {domain: counts for domain, _processed, *counts in _rows(statistics_sql.by_domain(), mailing)}
    found: list[Row] = [
        (domain, Counts(accepted.get(domain, 0), *rows.get(domain, ()))) for domain in accepted.keys() | rows
    ]
    return sorted(found, key=lambda row: (-values_of(row[1])[0], row[0]))


def _rows(query: str, mailing: Mailing) -> list[tuple[Any, ...]]:
    parameters = {"mailing": mailing.pk, "list": mailing.mailing_list_id}
    used = {name: value for name, value in parameters.items() if f"%({name})s" in query}
    with connection.cursor() as cursor:
        cursor.execute(query, used)
        return list(cursor.fetchall())
