"""Drafts the issues of series, one date at a time. Any number of schedulers can run; each date gives one issue.

1. Claim: take a lease on the date's row, in a transaction that locks the series.
2. Fetch: read the sources and their pictures. If a source fails, only its latest articles are missing. Then open the
   links of an issue that will be sent without a person.
3. Compose: in one transaction, create the issue, link it to the date, and schedule it. A process that has lost its
   lease by then creates nothing.
After a crash the lease runs out, and another process drafts the date.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from newsletter.articles.sources import fetched_sources
from newsletter.errors import NewsletterError, NotFound
from newsletter.instance.guard import may_send
from newsletter.issues.compose import draft_issue
from newsletter.issues.issue_audit import record
from newsletter.issues.issue_pictures import fetch_pictures_ahead
from newsletter.issues.models import Issue
from newsletter.issues.selection_rule import Selection, selection_from_json
from newsletter.scheduling.dispatch_series_draft import Check, dispatch, is_late
from newsletter.scheduling.models import Occurrence, Series
from newsletter.scheduling.series_dates import SeriesDate, State, describe_local_time, next_check, open_dates
from newsletter.scheduling.series_names import series_full_name
from newsletter.scheduling.store_series import lock_series
from subscribers.leases import Leases, unchanged

LookAhead = Callable[[Issue], Callable[[], object]]
log = logging.getLogger(__name__)

LEASE = timedelta(minutes=15)
LEASES = Leases("lease_until")
MAX_ATTEMPTS = 5


def draft_next_occurrence(check: Check | None = None, look_ahead: LookAhead | None = None) -> bool:
    """Draft one date that is due, or record one that was missed. Return whether there was one.

    `check` checks an issue that a series approves by itself, before it does. `look_ahead` is given such an issue before
    it exists, and returns what to do for the check while no transaction is open, such as opening its links.
    """
    if not may_send():
        return False
    now = timezone.now()
    for series in _due(now):
        try:
            with transaction.atomic():
                occurrence = _claim_next(lock_series(series), now)
        except NewsletterError as error:
            _set_aside(series, now, error)
            continue
        if occurrence is None:
            continue
        if occurrence.state == State.DRAFTING:
            _fetch(occurrence)
            if look_ahead and occurrence.series.mode == Series.Mode.SEND:
                _look_ahead(occurrence.series, look_ahead)
            _compose(occurrence, check)
        return True
    return False


def _due(now: datetime) -> QuerySet[Series]:
    left_behind = _stale_leases(now).filter(series=OuterRef("pk"))
    due = Series.objects.filter(Q(next_check_at__lte=now) | Exists(left_behind), paused_at=None)
    return due.select_related("publication").order_by("next_check_at", "pk")


def _stale_leases(now: datetime) -> QuerySet[Occurrence]:
    """Return dates whose lease ends impossibly late, because it was taken before the clock was set back."""
    return Occurrence.objects.filter(LEASES.too_far_ahead(now, 2 * LEASE), state=State.DRAFTING)


def _set_aside(series: Series, now: datetime, error: NewsletterError) -> None:
    """Skip a series that cannot be used, for example because its time zone was removed, and try again later."""
    log.error(
        "The recurring issue %s cannot draft any issues until you correct it: %s",
        series_full_name(series),
        error,
    )
    Series.objects.filter(pk=series.pk).update(next_check_at=now + LEASE)


def _claim_next(series: Series, now: datetime) -> Occurrence | None:
    """Claim the first open date of a series, or record it as missed. Return None if no date is open now."""
    _stale_leases(now).filter(series=series).update(lease_until=now)
    dates = [] if series.paused_at else open_dates(series, now=now)
    occurrence = _take_occurrence(series, dates, now) if dates else None
    _look_again(series)
    return occurrence


def _take_occurrence(series: Series, dates: list[SeriesDate], now: datetime) -> Occurrence:
    first = dates[0]
    occurrence = first.row or Occurrence(series=series, local_time=first.local_time, due_at=first.due_at)
    if is_late(first.due_at, now) and len(dates) > 1:
        return _close_occurrence(
            occurrence,
            State.MISSED,
            "The scheduler was not running at that time, so an issue was drafted for a later date instead.",
        )
    if occurrence.attempts >= MAX_ATTEMPTS:
        return _close_occurrence(
            occurrence,
            State.MISSED,
            (
                f"We could not draft the issue, because the scheduler was interrupted {MAX_ATTEMPTS} times. For "
                "details, see the log."
            ),
        )
    if not first.row:
        occurrence.save()
    LEASES.claim(unchanged(occurrence, "attempts"), now + LEASE, state=State.DRAFTING)
    occurrence.refresh_from_db(fields=["state", "lease_until", "attempts"])
    return occurrence


def _fetch(occurrence: Occurrence) -> None:
    # Imported with the first draft, as in fetch_due_sources.py.
    from newsletter.articles.fetch_sources import fetch_sources

    sources = fetched_sources()
    names = _selection(occurrence.series).sources
    for report in fetch_sources(sources.filter(name__in=names) if names else sources):
        if report.error:
            log.info(
                "Drafting an issue without the latest articles from the source %s: %s",
                report.source.name,
                report.error,
            )
    # Composing happens in a transaction, which must not wait for a network. It also reports what is wrong.
    with suppress(NewsletterError):
        fetch_pictures_ahead(occurrence.series.publication, _selection(occurrence.series))


def _look_ahead(series: Series, look_ahead: LookAhead) -> None:
    """Draft the issue, let somebody look at it, take the draft back, and do what they need."""
    prepare = None
    with suppress(NewsletterError), transaction.atomic():
        issue = draft_issue(series.publication, selection=_selection(series), audience=series.audience)
        prepare = look_ahead(issue)
        transaction.set_rollback(True)
    if prepare is not None:
        prepare()


def _compose(claimed: Occurrence, check: Check | None) -> None:
    # The series, and its date with it, may have been removed in the meantime.
    with suppress(NotFound), transaction.atomic():
        series = lock_series(claimed.series)
        occurrence = _still_ours(claimed)
        if occurrence is None:
            return
        occurrence.series = series
        if series.paused_at:
            occurrence.state, occurrence.lease_until = State.PLANNED, None
            occurrence.save()
            return
        _draft(occurrence, check)
        _look_again(series)


def _still_ours(claimed: Occurrence) -> Occurrence | None:
    return LEASES.held(claimed, state=State.DRAFTING).first()


def _draft(occurrence: Occurrence, check: Check | None) -> None:
    series = occurrence.series
    try:
        with transaction.atomic():
            issue = draft_issue(series.publication, selection=_selection(series), audience=series.audience)
    except NewsletterError as error:
        _close_occurrence(occurrence, State.SKIPPED, str(error))
        return
    _link(occurrence, issue)
    record(
        "draft",
        f"Drafted by the recurring issue “{series.name}” for {describe_local_time(occurrence.local_time)}.",
        issue=issue,
    )
    dispatch(issue, occurrence, check)


def _link(occurrence: Occurrence, issue: Issue) -> None:
    occurrence.issue, occurrence.state, occurrence.lease_until = issue, State.DRAFTED, None
    occurrence.save()


def _close_occurrence(occurrence: Occurrence, state: State, reason: str) -> Occurrence:
    occurrence.state, occurrence.reason, occurrence.lease_until = state, reason, None
    occurrence.save()
    series = occurrence.series
    when = describe_local_time(occurrence.local_time)
    sentence = f"{state.label} {when} for the recurring issue “{series.name}”. {reason}"
    record(state.value, sentence, publication=series.publication)
    return occurrence


def _selection(series: Series) -> Selection:
    chosen = series.selection if series.selection is not None else series.publication.selection
    return selection_from_json(chosen)


def _look_again(series: Series) -> None:
    Series.objects.filter(pk=series.pk).update(next_check_at=next_check(series))
