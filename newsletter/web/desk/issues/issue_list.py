"""Finds the issues for the list: by state, publication and words, newest first, page by page by cursor."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from newsletter.issues.models import Issue, Publication
from newsletter.issues.visible_to_actor import visible
from newsletter.web.desk import formatting
from newsletter.web.desk.home.home_rows import only, scheduled_sentence
from subscribers.whole_numbers import whole_number

if TYPE_CHECKING:
    from newsletter.scheduling.models import Schedule

State = Issue.State
PAGE = 30
LONGEST_SEARCH = 200
STATES: Mapping[str, tuple[str, tuple[Issue.State, ...]]] = {
    "": ("All", tuple(State)),
    "open": ("Open", (State.DRAFT, State.APPROVED, State.BLOCKED)),
    "scheduled": ("Scheduled", (State.SCHEDULED, State.SENDING)),
    "sent": ("Sent", (State.SENT,)),
    "cancelled": ("Cancelled", (State.CANCELLED,)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which issues to list. `before` and `after` are the cursors: IDs of issues."""

    state: str = ""
    words: str = ""
    publication: Publication | None = None
    before: int = 0
    after: int = 0


@dataclass(frozen=True, slots=True)
class ListedIssue:
    """An issue in the list, with when it was or will be sent."""

    issue: Issue
    badge: str
    when: str


@dataclass(frozen=True, slots=True)
class IssuePage:
    """One page of the list. `newer` and `older` are the cursors of the pages beside it, or 0."""

    rows: list[ListedIssue]
    newer: int
    older: int


def list_issues(wanted: Wanted) -> IssuePage:
    """Return a page of issues, the newest first. This is one query, and none counts all issues."""
    found = (
        _filtered(wanted)
        .select_related("publication", "schedule")
        .defer("opening", "selection", "passed_over")
    )
    if wanted.after:
        newest_last = list(found.filter(pk__gt=wanted.after).order_by("pk")[: PAGE + 1])
        issues = newest_last[:PAGE][::-1]
        newer, older = len(newest_last) > PAGE, bool(issues)
    else:
        found = found.filter(pk__lt=wanted.before) if wanted.before else found
        newest_first = list(found.order_by("-pk")[: PAGE + 1])
        issues = newest_first[:PAGE]
        newer, older = bool(wanted.before and issues), len(newest_first) > PAGE
    return IssuePage(
        [_listed(issue) for issue in issues],
        issues[0].pk if newer and issues else 0,
        issues[-1].pk if older and issues else 0,
    )


def cursor(text: str) -> int:
    """Return the cursor that an address names, or 0 if it names none."""
    return whole_number(text) or 0


def _filtered(wanted: Wanted) -> QuerySet[Issue]:
    _label, states = STATES.get(wanted.state, STATES[""])
    found = visible(Issue.objects.filter(**only(wanted.publication), state__in=states))
    for word in wanted.words[:LONGEST_SEARCH].split():
        in_subject = Q(subject__icontains=word)
        number = whole_number(word.lstrip("#"), digits=9)  # the width of the column
        found = found.filter(in_subject if number is None else in_subject | Q(number=number))
    return found


def _listed(issue: Issue) -> ListedIssue:
    schedule: Schedule | None = getattr(issue, "schedule", None)
    zone = issue.publication.tzinfo
    if issue.sent_at:
        when = f"Sent on {formatting.moment(issue.sent_at, zone)}"
    elif schedule and issue.state in {State.SCHEDULED, State.APPROVED}:
        when = scheduled_sentence(schedule).rstrip(".")
    else:
        when = f"Drafted on {formatting.moment(issue.composed_at, zone)}"
    is_soon = schedule is not None and issue.state == State.SCHEDULED and schedule.in_undo_window
    return ListedIssue(issue, "Sending soon" if is_soon else State(issue.state).label, when)
