"""Adds, changes, pauses, resumes and removes series. To change single dates, see occurrence_overrides.py."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from newsletter.accounts.actor import Role, require_role
from newsletter.accounts.audit_log import changes_between, values_of
from newsletter.accounts.form_idempotency import once
from newsletter.errors import Invalid, NotFound, Refused
from newsletter.issues.archived_publications import refuse_archived_publication
from newsletter.issues.audience_choice import AudienceChoice, choice_to_json
from newsletter.issues.autosaved_texts import text_version
from newsletter.issues.change_issue_audience import check_choice, with_pasted
from newsletter.issues.change_locks import lock_publication
from newsletter.issues.issue_audit import record
from newsletter.issues.models import Publication
from newsletter.issues.pasted_exclusions import PastedText
from newsletter.issues.selection_rule import Selection, selection_to_json
from newsletter.issues.validation_messages import field_sentence
from newsletter.issues.visible_to_actor import visible
from newsletter.scheduling.models import Series
from newsletter.scheduling.recurrence.describe_recurrence import describe_recurrence
from newsletter.scheduling.recurrence.expand_recurrence import find_zone
from newsletter.scheduling.recurrence.parse_recurrence import parse_recurrence
from newsletter.scheduling.series_dates import State, next_check, recurrence_of
from subscribers.database import locked

MAX_AHEAD_MINUTES = 30 * 24 * 60
RECORDED = (
    *("name", "rrule", "zone", "time", "starts_on", "mode", "selection", "audience", "readers_time"),
    *("draft_ahead_minutes", "approve_by_minutes", "paused_at"),
)


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
        _save(series)
        _record(series, {}, f"Added the recurring issue “{series.name}”: {describe_series(series)}.")
        form.made = series.name
    return series


def series_version(series: Series) -> str:
    """Return a digest of what can be changed about a series, by which two versions of it are told apart."""
    values = values_of(series, tuple(name for name in RECORDED if name != "paused_at"))
    return text_version(json.dumps(values, default=str, sort_keys=True))


def change_series(series: Series, change: SeriesChange, *, seen: str | None = None) -> Series:
    """Change a series. If its recurrence changes, it restarts now, and skipped or moved future dates are forgotten.

    `seen` is the `series_version` that a form started from. Raises Refused if the series was changed since then.
    Without it, nothing is compared.
    """
    require_role(Role.ADMINISTRATOR, "Changing a recurring issue", publication=series.publication_id)
    now = timezone.now()
    with _locked_and_saved(series) as found:
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
        _record(found, stored, f"Changed the recurring issue “{found.name}”: {describe_series(found)}.")
    return found


def pause_series(series: Series) -> Series:
    """Pause a series, so that it drafts nothing until it is resumed. Issues already drafted keep their schedule."""
    require_role(Role.EDITOR, "Pausing a recurring issue", publication=series.publication_id)
    with _locked_and_saved(series) as found:
        if found.paused_at:
            raise Refused(f"The recurring issue “{found.name}” is already paused.")
        stored = values_of(found, RECORDED)
        found.paused_at = timezone.now()
        _record(found, stored, f"Paused the recurring issue “{found.name}”.")
    return found


def resume_series(series: Series) -> Series:
    """Resume a series. Dates that passed during the pause are skipped."""
    require_role(Role.EDITOR, "Resuming a recurring issue", publication=series.publication_id)
    with _locked_and_saved(series) as found:
        refuse_archived_publication(found.publication)
        if not found.paused_at:
            raise Refused(f"The recurring issue “{found.name}” is not paused.")
        now, stored = timezone.now(), values_of(found, RECORDED)
        passed = found.occurrences.filter(due_at__lte=now, state__in=(State.PLANNED, State.DRAFTING))
        passed.update(state=State.SKIPPED, reason="The recurring issue was paused.", lease_until=None)
        found.paused_at, found.counts_from = None, now
        _record(found, stored, f"Resumed the recurring issue “{found.name}”.")
    return found


def remove_series(series: Series, *, seen: str | None = None) -> None:
    """Remove a series. The issues that it drafted stay. `seen` is as in `change_series`."""
    require_role(Role.ADMINISTRATOR, "Removing a recurring issue", publication=series.publication_id)
    with transaction.atomic():
        found = lock_series(series)
        if seen is not None and seen != series_version(found):
            raise Refused(
                "This recurring issue has changed since you opened it. It is now: "
                f"{describe_series(found)}. Nothing was removed. To remove it, open its page again."
            )
        record(
            "series",
            f"Removed the recurring issue “{found.name}”.",
            publication=found.publication,
            thing=f"series {found.pk}",
            changes=changes_between(values_of(found, RECORDED), {}),
        )
        found.delete()


def find_series(text: str) -> Series:
    """Return the series with a name such as `weekly`, or `harbour/weekly` if several publications have one.

    Raises NotFound or Invalid.
    """
    slug, _, name = text.strip().rpartition("/")
    series = visible(Series.objects.select_related("publication"))
    every = list(series.order_by("publication__slug", "name"))
    found = [each for each in every if each.name == name and slug in {"", each.publication.slug}]
    if len(found) > 1:
        raise Invalid(
            f"Several publications have a recurring issue called “{name}”. Enter "
            f"{' or '.join(map(series_full_name, found))}."
        )
    if not found:
        names = ", ".join(map(series_full_name, every))
        hint = (
            f"The recurring issues are: {names}."
            if names
            else "To add a recurring issue, run `newsletter series add`."
        )
        raise NotFound(f"We could not find a recurring issue called “{text}”. {hint}")
    return found[0]


def series_full_name(series: Series) -> str:
    """Return the unique name of a series, such as harbour/weekly."""
    return f"{series.publication.slug}/{series.name}"


def describe_series(series: Series) -> str:
    """Describe a series in words, such as “every Tuesday at 07:30 (Europe/London), sends automatically”."""
    mode = Series.Mode(series.mode).label
    own = " in each reader's own time zone" if series.readers_time else f" ({series.zone})"
    return f"{describe_recurrence(recurrence_of(series))}{own}, {mode[0].lower()}{mode[1:]}"


def lock_series(series: Series) -> Series:
    """Lock the series for this transaction and return it as it is now. Raises NotFound."""
    try:
        return locked(Series.objects.select_related("publication"), series.pk)
    except Series.DoesNotExist:
        raise NotFound(f"The recurring issue “{series.name}” no longer exists.") from None


@contextmanager
def _locked_and_saved(series: Series) -> Iterator[Series]:
    with transaction.atomic():
        found = lock_series(series)
        yield found
        _save(found)


def _record(series: Series, before: Mapping[str, Any], sentence: str) -> None:
    changes = changes_between(before, values_of(series, RECORDED))
    publication, thing = series.publication, f"series {series.pk}"
    record("series", sentence, publication=publication, thing=thing, changes=changes)


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
            "be sent automatically. Choose the mode “approve”."
        )
    if series.readers_time and series.zone != publication.zone:
        raise Refused(
            "To send at each reader's own time, the recurring issue must use the time zone of "
            f"{publication.name}, {publication.zone}."
        )
    if not 0 <= series.approve_by_minutes <= series.draft_ahead_minutes <= MAX_AHEAD_MINUTES:
        raise Invalid(
            "An issue must be drafted before its approval is due, and no more than 30 days before it is sent. You set "
            f"drafting to {series.draft_ahead_minutes} minutes before the send time, and approval to "
            f"{series.approve_by_minutes} minutes before it."
        )


def _save(series: Series) -> None:
    series.next_check_at = None if series.paused_at else next_check(series)
    try:
        series.full_clean()
    except ValidationError as error:
        raise Invalid(field_sentence(error, within="series")) from error
    series.save()


def _free_name(publication: Publication) -> str:
    taken = set(publication.series.values_list("name", flat=True))
    name, number = publication.slug, 2
    while name in taken:
        name, number = f"{publication.slug}-{number}", number + 1
    return name
