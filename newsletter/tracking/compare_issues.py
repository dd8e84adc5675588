"""Compares the figures of an issue with the median of the ten issues of the publication that were sent before it."""

from dataclasses import dataclass
from statistics import median

from newsletter.issues.models import Issue
from newsletter.sending.models import Mailing
from newsletter.tracking.mailing_report import MailingReport
from newsletter.tracking.stored_figures import stored_reports

ISSUES_COMPARED = 10
RATES = ("opened", "clicked", "unsubscribed", "bounced", "complained")


@dataclass(frozen=True, slots=True)
class ComparedRate:
    """A rate of an issue, as a percentage of the accepted emails, and the median of the same rate of earlier issues."""

    name: str
    percent: float
    median: float

    @property
    def difference(self) -> float:
        """Return how many percentage points the issue is above the median."""
        return self.percent - self.median


@dataclass(frozen=True, slots=True)
class Comparison:
    """The rates of an issue beside those of earlier issues, and how many of these there are."""

    issues: int
    rates: list[ComparedRate]


def rate(report: MailingReport, name: str) -> float:
    """Return a figure of a report as a percentage of the accepted emails; 0 if none was accepted."""
    return 100 * int(getattr(report.counts, name)) / report.accepted if report.accepted else 0.0


def compare(issue: Issue, report: MailingReport) -> Comparison:
    """Compare an issue with those before it whose figures are stored. Without any, there are no rates."""
    earlier = Mailing.objects.filter(
        purpose=Mailing.Purpose.ISSUE,
        issue__publication=issue.publication_id,
        issue__number__lt=issue.number,
        issue__state=Issue.State.SENT,
    )
    reports = list(stored_reports(list(earlier.order_by("-issue__number")[:ISSUES_COMPARED])).values())
    others = [each for each in reports if each.accepted]
    if not others:
        return Comparison(0, [])
    rates = [
        ComparedRate(name, rate(report, name), median(rate(other, name) for other in others))
        for name in RATES
    ]
    return Comparison(len(others), rates)
