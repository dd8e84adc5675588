"""What waits at the desk, publication by publication: what asks for a decision first, then what goes by itself."""

from dataclasses import dataclass
from enum import IntEnum

from django.utils import timezone

from newsletter.accounts.actor import Role, acting
from newsletter.issues.audit import entries
from newsletter.issues.four_eyes import WORK
from newsletter.issues.models import Issue, Publication
from newsletter.scheduling.approval import why_not_approve
from newsletter.scheduling.models import Occurrence, Schedule, Series
from newsletter.scheduling.series import described
from newsletter.scheduling.series_dates import said, upcoming
from newsletter.sending.audience import audience_sentence
from newsletter.sending.ledger import Figures, figures, why_it_waits
from newsletter.sending.models import Mailing
from newsletter.sending.plan import mailing_of
from newsletter.web.desk import formatting

State = Issue.State
OPEN = (State.DRAFT, State.APPROVED, State.SCHEDULED, State.SENDING, State.HELD)


class Kind(IntEnum):
    """What is to be said about an issue, in the order of the page: up to `APPROVED` it waits for somebody."""

    HELD = 1
    PAUSED = 2
    HOLDING = 3
    DRAFT = 4
    APPROVED = 5
    SENDING = 6
    SCHEDULED = 7
    SENT = 8


LABELS = {
    Kind.HELD: "Held",
    Kind.PAUSED: "Paused",
    Kind.HOLDING: "Going soon",
    Kind.DRAFT: "To approve",
    Kind.APPROVED: "To schedule",
    Kind.SENDING: "Sending",
    Kind.SCHEDULED: "Scheduled",
    Kind.SENT: "Last sent",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One issue at the desk: what is said about it, its figures, and whether it asks for whoever is logged in."""

    issue: Issue
    kind: Kind
    sentences: list[str]
    counted: Figures | None = None
    asks: bool = False

    @property
    def label(self) -> str:
        """The kind in words."""
        return "Draft" if self.kind == Kind.DRAFT and not self.asks else LABELS[self.kind]

    @property
    def moves(self) -> bool:
        """Whether it changes while one looks."""
        return self.kind in {Kind.HOLDING, Kind.SENDING}


@dataclass(frozen=True, slots=True)
class Shelf:
    """A publication, its issues that are open and the last that was sent, and when its series go next."""

    publication: Publication
    rows: list[Row]
    rhythms: list[str]

    @property
    def waiting(self) -> int:
        """How many of them ask for whoever is logged in."""
        return sum(row.asks for row in self.rows)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is open."""
        return all(row.kind == Kind.SENT for row in self.rows)


def shelves() -> list[Shelf]:
    """Every publication with what is open."""
    return [Shelf(each, _rows(each), _rhythms(each)) for each in Publication.objects.order_by("name")]


def _rhythms(publication: Publication) -> list[str]:
    return [f"{formatting.capital(described(each))}. {_next(each)}" for each in publication.series.all()]


def _next(series: Series) -> str:
    if series.paused_at:
        return "It is paused."
    dates = (date for date in upcoming(series, now=timezone.now()) if date.state != Occurrence.State.SKIPPED)
    date = next(dates, None)
    return f"Next {said(date.goes_at)}." if date else "It has no date to come."


def _rows(publication: Publication) -> list[Row]:
    found = publication.issues.filter(state__in=OPEN).select_related("publication", "schedule")
    rows = sorted((_row(issue) for issue in found), key=lambda row: (row.kind, row.issue.number))
    last = publication.issues.filter(state=State.SENT).order_by("-sent_at").first()
    return rows + ([_sent(last)] if last else [])


def _row(issue: Issue) -> Row:
    schedule: Schedule | None = getattr(issue, "schedule", None)
    if issue.state == State.HELD:
        because = issue.held_because or "Nobody got it: its page says why."
        return Row(issue=issue, kind=Kind.HELD, sentences=[because], asks=True)
    if issue.state == State.SENDING:
        return _sending(issue, mailing_of(issue))
    if issue.state == State.DRAFT:
        return _draft(issue, schedule)
    if schedule is None:
        return Row(issue=issue, kind=Kind.APPROVED, sentences=["Approved. It has no time yet."], asks=True)
    if schedule.holding:
        left = formatting.span(formatting.seconds_left(schedule.due_at))
        goes = f"It goes in {left} to {audience_sentence(issue)}. It can still be taken back."
        return Row(issue=issue, kind=Kind.HOLDING, sentences=[goes], asks=True)
    goes = f"{formatting.going(schedule)}, to {audience_sentence(issue)}."
    return Row(issue=issue, kind=Kind.SCHEDULED, sentences=[goes])


def _draft(issue: Issue, schedule: Schedule | None) -> Row:
    work = entries(issue=issue).filter(act__in=WORK).first()
    at = formatting.moment(work.at if work else issue.composed_at, issue.publication.tzinfo)
    sentences = [f"Last worked on by {work.actor or 'nobody known'}, {at}." if work else f"Composed {at}."]
    if schedule is not None:
        sentences.append(f"Goes {formatting.going(schedule)}, if it is approved by then.")
    why_not = why_not_approve(issue)
    if why_not and acting().may(Role.APPROVER):
        sentences.append(why_not)
    return Row(issue=issue, kind=Kind.DRAFT, sentences=sentences, asks=not why_not)


def _sending(issue: Issue, mailing: Mailing | None) -> Row:
    if mailing is None:
        return Row(issue=issue, kind=Kind.SENDING, sentences=["Released; it begins to go in a moment."])
    counted = figures(mailing)
    so_far = f"{formatting.number(formatting.gone(counted))} of {formatting.people(counted.audience)} done."
    if mailing.state == Mailing.State.PAUSED:
        sentences, asks = [f"{mailing.pause_reason} {so_far}"], acting().may(Role.APPROVER)
        return Row(issue=issue, kind=Kind.PAUSED, sentences=sentences, counted=counted, asks=asks)
    sentences = [so_far, *filter(None, [why_it_waits(mailing)])]
    return Row(issue=issue, kind=Kind.SENDING, sentences=sentences, counted=counted)


def _sent(issue: Issue) -> Row:
    mailing = mailing_of(issue)
    at = formatting.moment(issue.sent_at or timezone.now(), issue.publication.tzinfo)
    if mailing is None:
        return Row(issue=issue, kind=Kind.SENT, sentences=[f"{at}."])
    counted = figures(mailing)
    sentences = [f"{at}, to {formatting.people(counted.accepted)}."]
    if counted.refused or counted.unknown:
        sentences.append(f"{counted.refused:,} refused, {counted.unknown:,} not known.")
    return Row(issue=issue, kind=Kind.SENT, sentences=sentences, counted=counted)
