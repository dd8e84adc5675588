"""What waits at the desk, publication by publication: what asks for a decision first, then what goes by itself."""

from dataclasses import dataclass
from enum import IntEnum

from django.utils import timezone

from newsletter.accounts.actor import Role, current_actor
from newsletter.issues.four_eyes import WORK
from newsletter.issues.issue_audit import entries
from newsletter.issues.models import Issue, Publication
from newsletter.scheduling.approval import why_not_approve
from newsletter.scheduling.models import Occurrence, Schedule, Series
from newsletter.scheduling.series import describe_series
from newsletter.scheduling.series_dates import describe_local_time, upcoming
from newsletter.sending.ledger import RecipientCounts, count_recipients
from newsletter.sending.models import Mailing
from newsletter.sending.plan import find_mailing
from newsletter.sending.status_sentences import Status, issue_status, mailing_status
from newsletter.web.desk import formatting

State = Issue.State
OPEN = (State.DRAFT, State.APPROVED, State.SCHEDULED, State.SENDING, State.BLOCKED)


class Kind(IntEnum):
    """What is to be said about an issue, in the order of the page: up to `APPROVED` it waits for somebody."""

    BLOCKED = 1
    PAUSED = 2
    UNDO_WINDOW = 3
    DRAFT = 4
    APPROVED = 5
    SENDING = 6
    SCHEDULED = 7
    SENT = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One issue at the desk: what is said about it, its figures, and whether it asks for whoever is logged in."""

    issue: Issue
    kind: Kind
    status: Status
    sentences: list[str]
    counted: RecipientCounts | None = None
    asks: bool = False

    @property
    def label(self) -> str:
        """What it is doing, or what it asks for."""
        return "To approve" if self.kind == Kind.DRAFT and self.asks else self.status.label

    @property
    def moves(self) -> bool:
        """Whether it changes while one looks."""
        return self.kind in {Kind.UNDO_WINDOW, Kind.SENDING}


@dataclass(frozen=True, slots=True)
class PublicationOverview:
    """A publication, its issues that are open and the last that was sent, and when its series go next."""

    publication: Publication
    rows: list[Row]
    recurrences: list[str]

    @property
    def waiting(self) -> int:
        """How many of them ask for whoever is logged in."""
        return sum(row.asks for row in self.rows)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is open."""
        return all(row.kind == Kind.SENT for row in self.rows)


def publication_overviews() -> list[PublicationOverview]:
    """Every publication with what is open."""
    return [
        PublicationOverview(each, _rows(each), _recurrences(each))
        for each in Publication.objects.order_by("name")
    ]


def _recurrences(publication: Publication) -> list[str]:
    return [
        f"{formatting.capital(describe_series(each))}. {_next(each)}" for each in publication.series.all()
    ]


def _next(series: Series) -> str:
    if series.paused_at:
        return "It is paused."
    dates = (date for date in upcoming(series, now=timezone.now()) if date.state != Occurrence.State.SKIPPED)
    date = next(dates, None)
    return f"Next {describe_local_time(date.goes_at)}." if date else "It has no date to come."


def _rows(publication: Publication) -> list[Row]:
    found = publication.issues.filter(state__in=OPEN).select_related("publication", "schedule")
    rows = sorted((_row(issue) for issue in found), key=lambda row: (row.kind, row.issue.number))
    last = publication.issues.filter(state=State.SENT).order_by("-sent_at").first()
    return rows + ([_sent(last)] if last else [])


def _row(issue: Issue) -> Row:
    schedule: Schedule | None = getattr(issue, "schedule", None)
    status = issue_status(issue)
    if issue.state == State.SENDING:
        return _sending(issue, status, find_mailing(issue))
    if issue.state == State.DRAFT:
        return _draft(issue, status, schedule)
    kind = Kind.BLOCKED if issue.state == State.BLOCKED else Kind.APPROVED
    if schedule is not None and kind is Kind.APPROVED:
        kind = Kind.UNDO_WINDOW if schedule.in_undo_window else Kind.SCHEDULED
    sentences, asks = [status.sentence], kind is not Kind.SCHEDULED
    return Row(issue=issue, kind=kind, status=status, sentences=sentences, asks=asks)


def _draft(issue: Issue, status: Status, schedule: Schedule | None) -> Row:
    work = entries(issue=issue).filter(act__in=WORK).first()
    at = formatting.moment(work.at if work else issue.composed_at, issue.publication.tzinfo)
    sentences = [f"Last worked on by {work.actor or 'nobody known'}, {at}." if work else f"Composed {at}."]
    if schedule is not None:
        sentences.append(status.sentence)
    why_not = why_not_approve(issue)
    if why_not and current_actor().may(Role.APPROVER):
        sentences.append(why_not)
    return Row(issue=issue, kind=Kind.DRAFT, status=status, sentences=sentences, asks=not why_not)


def _sending(issue: Issue, status: Status, mailing: Mailing | None) -> Row:
    if mailing is None:
        return Row(issue=issue, kind=Kind.SENDING, status=status, sentences=[status.sentence])
    counted = count_recipients(mailing)
    so_far = f"{formatting.number(formatting.settled_count(counted))} of {formatting.people(counted.audience)} done."
    is_paused = mailing.state == Mailing.State.PAUSED
    return Row(
        issue=issue,
        kind=Kind.PAUSED if is_paused else Kind.SENDING,
        status=status,
        sentences=[f"{status.sentence} {so_far}"],
        counted=counted,
        asks=is_paused and current_actor().may(Role.APPROVER),
    )


def _sent(issue: Issue) -> Row:
    status, mailing = issue_status(issue), find_mailing(issue)
    sentences, counted = [status.sentence], None
    if mailing is not None:
        counted = count_recipients(mailing)
        sentences.append(mailing_status(mailing, counted).sentence)
        if counted.rejected or counted.unknown:
            sentences.append(f"{counted.rejected:,} refused, {counted.unknown:,} not known.")
    return Row(issue=issue, kind=Kind.SENT, status=status, sentences=sentences, counted=counted)
