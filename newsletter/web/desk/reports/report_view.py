"""What the report of an issue shows: each figure with the sentence that says what it counts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from newsletter.errors import NewsletterError, NotFound
from newsletter.issues.models import Issue
from newsletter.sending.left_out_by_basis import sentences_about_mailing
from newsletter.sending.models import Mailing
from newsletter.sending.models.mailing import SAVES_ONLY
from newsletter.sending.plan import find_mailing
from newsletter.sending.recipient_counts import RecipientCounts
from newsletter.tracking.compare_issues import ComparedRate, Comparison, compare
from newsletter.tracking.figures_beside_links import LinkPlace, links_of
from newsletter.tracking.figures_never_reported import figures_not_reported, why_not_reported
from newsletter.tracking.mailing_report import MailingReport
from newsletter.tracking.stored_figures import report_of
from subscribers.phrases import counted

HOURS_IN_CURVE = 72
# The name of each figure in the report, its label, and what it counts.
FIGURES = (
    ("delivered", "Delivered", "People whose mail server accepted the email, according to the provider."),
    (
        "opened",
        "Opened",
        "People whose mail program loaded the pictures. Many programs never do this, so the real number is higher.",
    ),
    (
        "opened_by_machine_only",
        "Opened only by software",
        "People for whom only software, such as Apple’s, loaded the pictures. They are not counted in “Opened”.",
    ),
    ("clicked", "Clicked", "People who followed at least one link. Each person counts once."),
    (
        "clicked_by_scanner_only",
        "Clicked only by a scanner",
        "People for whom only a virus scanner followed links. They are not counted in “Clicked”.",
    ),
    (
        "unsubscribed",
        "Unsubscribed",
        "People who unsubscribed from this list within 30 days, with a link in this email or in their mail program.",
    ),
    ("complained", "Marked as spam", "People who reported this email as spam. They will get no more emails."),
    (
        "bounced",
        "Bounced",
        "People whose address does not exist or cannot receive email. They will get no more emails.",
    ),
    (
        "blocked",
        "Refused",
        "People whose mail server did not accept the email this time. They stay on the list.",
    ),
    ("deferred", "Delayed", "People whose mail server asked the provider to try again later."),
    (
        "dropped",
        "Dropped",
        "People to whom the provider did not send the email, because their addresses are on its suppression list.",
    ),
)
# Shown even if they are 0.
ALWAYS_SHOWN = frozenset({"opened", "clicked", "unsubscribed", "complained", "bounced"})


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: how many, as a percentage of the accepted emails, what it counts, and how earlier issues did."""

    name: str
    label: str
    count: int
    percent: float
    sentence: str
    compared: ComparedRate | None
    is_known: bool


@dataclass(frozen=True, slots=True)
class HourOfCurve:
    """An hour in the publication's zone, with the people who opened and clicked in it."""

    begins: datetime
    opened: int
    clicked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportView:
    """The report of an issue. Without `report`, its figures have not been counted yet."""

    issue: Issue
    mailing: Mailing
    report: MailingReport | None
    comparison: Comparison | None = None
    figures: tuple[Figure, ...] = ()
    links: tuple[LinkPlace, ...] = ()
    links_problem: str = ""
    curve: tuple[HourOfCurve, ...] = ()
    why_not_reported: str = ""

    @property
    def what_next(self) -> str:
        """One sentence or two that say how it went, and whether somebody has to do something."""
        return _what_next(self.report.recipients, self.mailing.transport) if self.report else ""

    @property
    def left_out(self) -> list[str]:
        """How many people did not get the issue because of their lawful basis, and why, as sentences."""
        return sentences_about_mailing(self.mailing)

    @property
    def clicked_links(self) -> list[LinkPlace]:
        """The links that somebody clicked, each address at its first place."""
        return [each for each in self._addresses() if each.counts.clicks or each.counts.clicks_by_scanners]

    @property
    def other_links(self) -> list[LinkPlace]:
        """The links that nobody clicked, each address at its first place."""
        return [
            each for each in self._addresses() if not (each.counts.clicks or each.counts.clicks_by_scanners)
        ]

    def _addresses(self) -> list[LinkPlace]:
        found: dict[str, LinkPlace] = {}
        for each in self.links:
            first = found.setdefault(each.url, each)
            # A headline says more than the description of the picture above it.
            if first.is_picture and not each.is_picture:
                found[each.url] = each
        return list(found.values())

    @property
    def places(self) -> str:
        """For each link of the email, in its order, how many people clicked it; a repeated address only once."""
        seen = set[str]()
        found = []
        for each in self.links:
            if each.number:
                found.append("" if each.url in seen else str(each.counts.clicked))
                seen.add(each.url)
        return " ".join(text or "-" for text in found)


def report_view(issue: Issue) -> ReportView:
    """Return the report of an issue. Raises NotFound if it was not sent."""
    mailing = find_mailing(issue)
    if mailing is None:
        raise NotFound(f"{issue} has not been sent, so it has no report yet.")
    report = report_of(mailing)
    if report is None:
        return ReportView(issue=issue, mailing=mailing, report=None)
    comparison = compare(issue, report)
    links, problem = _links(mailing, issue, report)
    return ReportView(
        issue=issue,
        mailing=mailing,
        report=report,
        comparison=comparison,
        figures=tuple(_figures(report, comparison, mailing.transport)),
        links=links,
        links_problem=problem,
        curve=tuple(_curve(report, issue.publication.tzinfo)),
        why_not_reported=why_not_reported(report, mailing.transport),
    )


def _what_next(recipients: RecipientCounts, transport: str) -> str:
    if transport == SAVES_ONLY and not recipients.waiting:
        return (
            f"We saved {counted(recipients.accepted, 'email', 'emails')} in a folder on the server. Nobody received "
            "the email. To send the next issue to your readers, an administrator must first choose how to send "
            "emails, under Settings → Sending."
        )
    accepted = f"{recipients.accepted:,} of {counted(recipients.audience, 'person', 'people')}"
    if recipients.waiting:
        return (
            f"The email is still being sent. It has been accepted for delivery to {accepted} so far. "
            "You do not have to do anything."
        )
    if recipients.unknown:
        return (
            f"The email was accepted for delivery to {accepted}. We do not know yet whether "
            f"{counted(recipients.unknown, 'person', 'people')} received it."
        )
    if recipients.rejected:
        return (
            f"The email was accepted for delivery to {accepted}. It was rejected for the others, for the "
            "reasons given below. "
            "You do not have to do anything."
        )
    if recipients.accepted == recipients.audience:
        whom = (
            f"all {recipients.audience:,} people"
            if recipients.audience > 1
            else "the only person in the audience"
        )
        return f"The email was accepted for delivery to {whom}. You do not have to do anything more."
    return (
        f"The email was accepted for delivery to {accepted}. The others were left out for the reasons below. "
        "You do not have to do anything."
    )


def _figures(report: MailingReport, comparison: Comparison, transport: str) -> list[Figure]:
    compared = {each.name: each for each in comparison.rates}
    unknown = figures_not_reported(report, transport)
    found = []
    for name, label, sentence in FIGURES:
        count = getattr(report.counts, name)
        if count or name in ALWAYS_SHOWN:
            percent = 100 * count / report.accepted if report.accepted else 0.0
            found.append(
                Figure(name, label, count, percent, sentence, compared.get(name), name not in unknown)
            )
    return found


def _links(mailing: Mailing, issue: Issue, report: MailingReport) -> tuple[tuple[LinkPlace, ...], str]:
    try:
        return tuple(links_of(mailing, issue, report.links)), ""
    except NewsletterError as error:
        return (), str(error)


def _curve(report: MailingReport, zone: ZoneInfo) -> list[HourOfCurve]:
    """Return every hour from the first with a figure to the last, at most three days, also those without any."""
    if not report.hours:
        return []
    by_hour = {each.begins: each for each in report.hours}
    first = report.hours[0].begins
    last = min(report.hours[-1].begins, first + timedelta(hours=HOURS_IN_CURVE - 1))
    count = int((last - first) / timedelta(hours=1)) + 1
    hours = [first + timedelta(hours=number) for number in range(count)]
    found = [(hour, by_hour.get(hour)) for hour in hours]
    return [
        HourOfCurve(hour.astimezone(zone), each.opened if each else 0, each.clicked if each else 0)
        for hour, each in found
    ]
