"""The statistics of a mailing, in people: each person counts once for each kind of event, however often reported.

Opens by machines, and bursts of clicks by scanners, are counted separately, and both figures are shown: `opened` counts
people with an open by a person, `opened_by_machine_only` the others with any open.
"""

from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, field, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from django.db import connection

from newsletter.sending import recipient_counts
from newsletter.sending.models import Mailing
from newsletter.tracking import statistics_sql
from newsletter.tracking.models import Event


class By(StrEnum):
    """What the statistics of a mailing can be divided by."""

    LINK = "link"
    DOMAIN = "domain"
    HOUR = "hour"


@dataclass(frozen=True, slots=True)
class Counts:
    """The number of people for each thing that can happen to an email."""

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
        """Return the counts for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class LinkCounts:
    """How many people clicked a link, for how many only a scanner did, and the clicks of both."""

    clicked: int
    clicked_by_scanner_only: int
    clicks: int
    clicks_by_scanners: int

    def to_dict(self) -> dict[str, int]:
        """Return the counts for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """The statistics of one mailing. `classes` has the people not reached: {kind: {class or reason: people}}."""

    counts: Counts
    classes: dict[str, dict[str, int]] = field(default_factory=dict)
    strangers: int = 0
    alarm: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the statistics for JSON."""
        return {
            **self.counts.to_dict(),
            "classes": self.classes,
            "strangers": self.strangers,
            "alarm": self.alarm,
        }


Row = tuple[str, Counts | LinkCounts]


def columns_of(by: By) -> Sequence[str]:
    """Return the names of the counts, in the order of the fields."""
    return [each.name for each in fields(LinkCounts if by is By.LINK else Counts)]


def values_of(counts: Counts | LinkCounts) -> tuple[int, ...]:
    """Return the counts in the order of `columns_of`."""
    return astuple(counts)


def statistics_of(mailing: Mailing) -> Statistics:
    """Return the statistics of a mailing. `accepted` comes from the ledger, everything else from the events."""
    # Here, because it imports how mailings are sent, for which `newsletter mailings` would wait.
    from newsletter.tracking.more_reported_than_planned import alarm_of

    # Without a report there is not yet a row.
    _name, _processed, *counted = next(iter(_rows(statistics_sql.total(), mailing)), ("", 0))
    classes: dict[str, dict[str, int]] = {}
    for kind, detail, people in _rows(statistics_sql.classes(), mailing):
        classes.setdefault(kind, {})[detail or "unclassified"] = people
    strangers = Event.objects.filter(mailing=mailing, recipient=None).count()
    return Statistics(
        counts=Counts(recipient_counts.count_recipients(mailing).accepted, *counted),
        classes=classes,
        strangers=strangers,
        alarm=alarm_of(mailing),
    )


def breakdown(mailing: Mailing, by: By | str) -> list[Row]:
    """Divide the statistics of a mailing: by link, most clicked first; by domain, most accepted first; or by hour.

    Hours are "2026-11-23 09:00" in UTC, and their `accepted` counts when the provider accepted the email. The domain of
    erased people is "".
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
    """Return the hour of a row in the breakdown by hour."""
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
