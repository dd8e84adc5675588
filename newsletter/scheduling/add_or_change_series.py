"""Adds series, and changes when they come and what they contain. See occurrence_overrides.py for single dates."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from newsletter.accounts.actor import Role, require_role
from newsletter.accounts.audit_log import values_of
from newsletter.accounts.form_idempotency import once
from newsletter.errors import Invalid, Refused
from newsletter.issues.archived_publications import refuse_archived_publication
from newsletter.issues.audience_choice import AudienceChoice, choice_to_json
from newsletter.issues.change_issue_audience import check_choice, with_pasted
from newsletter.issues.change_locks import lock_publication
from newsletter.issues.models import Publication
from newsletter.issues.pasted_exclusions import PastedText
from newsletter.issues.selection_rule import Selection, selection_to_json
from newsletter.scheduling.models import Series
from newsletter.scheduling.recurrence.expand_recurrence import find_zone
from newsletter.scheduling.recurrence.parse_recurrence import parse_recurrence
from newsletter.scheduling.series_dates import State, recurrence_of
from newsletter.scheduling.series_names import describe_series
from newsletter.scheduling.store_series import (
    RECORDED,
    locked_and_saved,
    record_change,
    save_series,
    series_version,
)

MAX_AHEAD_MINUTES = 30 * 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesChange:
    """Requested changes to a series. None keeps the current value, or the default for a new series.

    `as_publication` removes the series' own selection, so that the publication's selection is used;
    `audience_of_publication` does the same for its audience. The addresses in `pasted` are left out of `audience` as
    well.
    """

    recurrence: str | None = None
    zone: str | None = None
    mode: str | None = None
    selection: Selection | None = None
    as_publication: bool = False
    readers_time: bool | None = None
    draft_ahead_minutes: int | None = None
    approve_by_minutes: int | None = None
    audience: AudienceChoice | None = None
    pasted: PastedText | None = None
    audience_of_publication: bool = False


def add_series(
    publication: Publication,
    recurrence: str,
    change: SeriesChange | None = None,
    *,
    name: str = "",
    form_key: str | None = None,
) -> Series:
    """Add a recurring issue to a publication, in words such as “every Tuesday at 07:30”.

    The time zone is the publication's unless another is given. Raises Invalid. Raises Refused if the name is taken, or
    if the series would send automatically and the publication needs a second person to approve. Raises
    AlreadyMadeError with the name of the series if the form with this key has added one.
    """
    require_role(Role.ADMINISTRATOR, "Adding a recurring issue", publication=publication.pk)
    now = timezone.now()
    with transaction.atomic(), once(form_key) as form:
        refuse_archived_publication(lock_publication(publication))
        series = Series(publication=publication, name=name or _free_name(publication), counts_from=now)
        if publication.series.filter(name=series.name).exists():
            raise Refused(
                f"{publication.name} already has a recurring issue called “{series.name}”. Choose a "
                "different name."
            )
        series.zone = publication.zone
        _apply_change(series, change or SeriesChange(), recurrence, now)
        save_series(series)
        record_change(series, {}, f"Added the recurring issue “{series.name}”: {describe_series(series)}.")
        form.made = series.name
    return series


def change_series(series: Series, change: SeriesChange, *, seen: str | None = None) -> Series:
    """Change a series. If its recurrence changes, it restarts now, and skipped or moved future dates are forgotten.

    `seen` is the `series_version` that a form started from. Raises Refused if the series was changed since then.
    Without it, nothing is compared.
    """
    require_role(Role.ADMINISTRATOR, "Changing a recurring issue", publication=series.publication_id)
    now = timezone.now()
    with locked_and_saved(series) as found:
        if seen is not None and seen != series_version(found):
            raise Refused(
                "This recurring issue has changed since you opened it. It is now: "
                f"{describe_series(found)}. To replace it with yours, save again."
            )
        before, stored = recurrence_of(found), values_of(found, RECORDED)
        _apply_change(found, change, change.recurrence, now)
        if recurrence_of(found) != before:
            found.counts_from = now
            found.occurrences.filter(due_at__gt=now, state__in=(State.PLANNED, State.SKIPPED)).delete()
        record_change(found, stored, f"Changed the recurring issue “{found.name}”: {describe_series(found)}.")
    return found


def _apply_change(series: Series, change: SeriesChange, recurrence: str | None, now: datetime) -> None:
    series.zone = find_zone(change.zone).key if change.zone else series.zone
    if recurrence is not None:
        _set_recurrence(series, recurrence, now)
    if change.mode is not None:
        series.mode = _mode(change.mode)
    if change.selection is not None:
        series.selection = selection_to_json(change.selection)
    if change.as_publication:
        series.selection = None
    if change.audience is not None:
        check_choice(change.audience, series.publication)
        audience = change.audience
        if change.pasted is not None and change.pasted.keys:
            audience = with_pasted(audience, series.publication, change.pasted)
        series.audience = choice_to_json(audience)
    if change.audience_of_publication:
        series.audience = None
    for field in ("readers_time", "draft_ahead_minutes", "approve_by_minutes"):
        if (value := getattr(change, field)) is not None:
            setattr(series, field, value)
    _check(series)


def _set_recurrence(series: Series, text: str, now: datetime) -> None:
    today = timezone.localdate(now, find_zone(series.zone))
    recurrence = parse_recurrence(text, zone=series.zone, today=today)
    series.rrule, series.time, series.starts_on = recurrence.rule, recurrence.at, recurrence.starts_on


def _mode(text: str) -> str:
    if text not in Series.Mode.values:
        raise Invalid(
            f"We could not find a mode called {text}. Choose one of: {', '.join(Series.Mode.values)}."
        )
    return text


def _check(series: Series) -> None:
    publication = series.publication
    if series.mode == Series.Mode.SEND and publication.four_eyes:
        raise Refused(
            f"{publication.name} requires a second person to approve each issue, so a recurring issue cannot "
            "be sent without approval. Choose to send it only if somebody has approved it."
        )
    if series.readers_time and series.zone != publication.zone:
        raise Refused(
            "To send in each reader's own time zone, the recurring issue must use the time zone of "
            f"{publication.name}, {publication.zone}."
        )
    if not 0 <= series.approve_by_minutes <= series.draft_ahead_minutes <= MAX_AHEAD_MINUTES:
        raise Invalid(
            "An issue must be drafted before its approval is due, and no more than 30 days before it is sent. You "
            f"chose to draft it {series.draft_ahead_minutes} minutes before the send time, and to approve it "
            f"{series.approve_by_minutes} minutes before."
        )


def _free_name(publication: Publication) -> str:
    taken = set(publication.series.values_list("name", flat=True))
    name, number = publication.slug, 2
    while name in taken:
        name, number = f"{publication.slug}-{number}", number + 1
    return name
