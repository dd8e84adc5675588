"""All figures of one mailing at one moment: the ledger's, what was reported since, and both as a JSON object.

Every figure counts people, each once, but for the clicks of a link.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from newsletter.sending.models import Mailing
from newsletter.sending.recipient_counts import RecipientCounts, count_reasons, count_recipients
from newsletter.tracking.statistics import By, Counts, LinkCounts, breakdown, hour_of, statistics_of

MAX_LINKS = 500


@dataclass(frozen=True, slots=True)
class HourOfMailing:
    """How many people opened an email, and how many clicked in it, in one hour of UTC."""

    begins: datetime
    opened: int
    clicked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MailingReport:
    """The figures of a mailing. `reasons` are those of the ledger, and `classes` those that were reported.

    `links` has the counts by URL, the most clicked first, at most 500 of them.
    """

    recipients: RecipientCounts
    counts: Counts
    reasons: dict[str, dict[str, int]]
    classes: dict[str, dict[str, int]]
    links: dict[str, LinkCounts]
    hours: list[HourOfMailing]
    strangers: int
    alarm: str
    counted_at: datetime

    @property
    def accepted(self) -> int:
        """How many emails the provider accepted: the figure of which every rate is a part."""
        return self.recipients.accepted

    @property
    def clicks(self) -> int:
        """How many clicks by people there were, on all links."""
        return sum(each.clicks for each in self.links.values())

    def to_dict(self) -> dict[str, Any]:
        """Return the report as a JSON object. `from_dict` turns it back."""
        return {
            "recipients": self.recipients.to_dict(),
            "counts": self.counts.to_dict(),
            "reasons": self.reasons,
            "classes": self.classes,
            "links": {url: each.to_dict() for url, each in self.links.items()},
            "hours": [[each.begins.isoformat(), each.opened, each.clicked] for each in self.hours],
            "strangers": self.strangers,
            "alarm": self.alarm,
            "counted_at": self.counted_at.isoformat(),
        }

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> Self:
        """Return the report for a JSON object of `to_dict`."""
        return cls(
            recipients=RecipientCounts(**document["recipients"]),
            counts=Counts(**document["counts"]),
            reasons=document["reasons"],
            classes=document["classes"],
            links={url: LinkCounts(**each) for url, each in document["links"].items()},
            hours=[
                HourOfMailing(datetime.fromisoformat(begins), opened, clicked)
                for begins, opened, clicked in document["hours"]
            ],
            strangers=document["strangers"],
            alarm=document["alarm"],
            counted_at=parse_datetime(document["counted_at"]) or timezone.now(),
        )


def count_mailing(mailing: Mailing) -> MailingReport:
    """Count all figures of a mailing now. For a million recipients this takes seconds (see stored_figures.py)."""
    now = timezone.now()
    found, recipients = statistics_of(mailing), count_recipients(mailing)
    links = [row for row in breakdown(mailing, By.LINK) if isinstance(row[1], LinkCounts)]
    hours = [row for row in breakdown(mailing, By.HOUR) if isinstance(row[1], Counts)]
    return MailingReport(
        recipients=recipients,
        counts=found.counts,
        reasons=count_reasons(mailing, recipients),
        classes=found.classes,
        links={url: counts for url, counts in links[:MAX_LINKS] if isinstance(counts, LinkCounts)},
        hours=[
            HourOfMailing(hour_of(name), counts.opened, counts.clicked)
            for name, counts in hours
            if isinstance(counts, Counts) and (counts.opened or counts.clicked)
        ],
        strangers=found.strangers,
        alarm=found.alarm,
        counted_at=now,
    )
