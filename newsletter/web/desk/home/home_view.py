"""The open issues of each publication: first those that need a decision, then those that will be sent without one."""

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
    """What kind of row an issue gets, in the order of the page. Kinds up to `APPROVED` wait for somebody."""

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
    """One issue on the dashboard, with its figures and whether it needs a decision from the user."""

    issue: Issue
    kind: Kind
    status: Status
    sentences: list[str]
    counted: RecipientCounts | None = None
    needs_decision: bool = False

    @property
    def label(self) -> str:
        """The state of the issue, or what the user should do."""
        return "To approve" if self.kind == Kind.DRAFT and self.needs_decision else self.status.label

    @property
    def is_live(self) -> bool:
        """Whether the row may change while the user looks at the page."""
        return self.kind in {Kind.UNDO_WINDOW, Kind.SENDING}


@dataclass(frozen=True, slots=True)
class PublicationOverview:
    """A publication with its open issues, the issue sent last, and the next dates of its recurring issues."""

    publication: Publication
    rows: list[Row]
    recurrences: list[str]

    @property
    def waiting(self) -> int:
        """How many issues need a decision from the user."""
        return sum(row.needs_decision for row in self.rows)

    @property
    def is_idle(self) -> bool:
        """Whether the publication has no open issue."""
        return all(row.kind == Kind.SENT for row in self.rows)


def publication_overviews(chosen: Publication | None = None) -> list[PublicationOverview]:
    """Return every publication with its open issues, or only the chosen one."""
    return [
        PublicationOverview(each, _rows(each), _recurrences(each))
        for each in ([chosen] if chosen else Publication.objects.order_by("name"))
    ]


def _recurrences(publication: Publication) -> list[str]:
    return [
        f"{formatting.capital(describe_series(each))}. {_next(each)}" for each in publication.series.all()
    ]


def _next(series: Series) -> str:
    if series.paused_at:
        return "This recurring issue is paused."
    dates = (date for date in upcoming(series, now=timezone.now()) if date.state != Occurrence.State.SKIPPED)
    date = next(dates, None)
    return (
        f"Next: {describe_local_time(date.send_at)}." if date else "This recurring issue has no more dates."
    )


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
    needs_decision = kind is not Kind.SCHEDULED
    return Row(
        issue=issue, kind=kind, status=status, sentences=[status.sentence], needs_decision=needs_decision
    )


def _draft(issue: Issue, status: Status, schedule: Schedule | None) -> Row:
    work = entries(issue=issue).filter(act__in=WORK).first()
    at = formatting.moment(work.at if work else issue.composed_at, issue.publication.tzinfo)
    sentences = [
        f"This issue was last edited by {work.actor or 'an unknown user'} on {at}."
        if work
        else f"This issue was drafted on {at}."
    ]
    if schedule is not None:
        sentences.append(status.sentence)
    why_not = why_not_approve(issue)
    if why_not and current_actor().may(Role.APPROVER):
        sentences.append(why_not)
    return Row(issue=issue, kind=Kind.DRAFT, status=status, sentences=sentences, needs_decision=not why_not)


def _sending(issue: Issue, status: Status, mailing: Mailing | None) -> Row:
    if mailing is None:
        return Row(issue=issue, kind=Kind.SENDING, status=status, sentences=[status.sentence])
    counted = count_recipients(mailing)
    settled = formatting.number(formatting.settled_count(counted))
    progress = f"Progress: {settled} of {formatting.people(counted.audience)}."
    is_paused = mailing.state == Mailing.State.PAUSED
    return Row(
        issue=issue,
        kind=Kind.PAUSED if is_paused else Kind.SENDING,
        status=status,
        sentences=[f"{status.sentence} {progress}"],
        counted=counted,
        needs_decision=is_paused and current_actor().may(Role.APPROVER),
    )


def _sent(issue: Issue) -> Row:
    status, mailing = issue_status(issue), find_mailing(issue)
    sentences, counted = [status.sentence], None
    if mailing is not None:
        counted = count_recipients(mailing)
        sentences.append(mailing_status(mailing, counted).sentence)
        if counted.rejected or counted.unknown:
            sentences.append(f"Emails rejected: {counted.rejected:,}. Outcome unknown: {counted.unknown:,}.")
    return Row(issue=issue, kind=Kind.SENT, status=status, sentences=sentences, counted=counted)
