"""Locks a series, checks and saves it, and records what changed, for every action on one."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from newsletter.accounts.audit_log import changes_between, values_of
from newsletter.errors import Invalid, NotFound
from newsletter.issues.autosaved_texts import text_version
from newsletter.issues.issue_audit import record
from newsletter.issues.validation_messages import field_sentence
from newsletter.scheduling.models import Series
from newsletter.scheduling.series_dates import next_check
from subscribers.database import locked

RECORDED = (
    *("name", "rrule", "zone", "time", "starts_on", "mode", "selection", "audience", "readers_time"),
    *("draft_ahead_minutes", "approve_by_minutes", "paused_at"),
)


def series_version(series: Series) -> str:
    """Return a digest of what can be changed about a series, by which two versions of it are told apart."""
    values = values_of(series, tuple(name for name in RECORDED if name != "paused_at"))
    return text_version(json.dumps(values, default=str, sort_keys=True))


def lock_series(series: Series) -> Series:
    """Lock the series for this transaction and return it as it is now. Raises NotFound."""
    try:
        return locked(Series.objects.select_related("publication"), series.pk)
    except Series.DoesNotExist:
        raise NotFound(f"The recurring issue “{series.name}” no longer exists.") from None


@contextmanager
def locked_and_saved(series: Series) -> Iterator[Series]:
    """Yield the series locked, and save it at the end of the block. Raises NotFound, or Invalid when saving."""
    with transaction.atomic():
        found = lock_series(series)
        yield found
        save_series(found)


def record_change(series: Series, before: Mapping[str, Any], sentence: str) -> None:
    """Record an act on a series in the audit log, with what differs from the values that it had before."""
    changes = changes_between(before, values_of(series, RECORDED))
    publication, thing = series.publication, f"series {series.pk}"
    record("series", sentence, publication=publication, thing=thing, changes=changes)


def save_series(series: Series) -> None:
    """Check a series, and save it with the time when it is next looked at. Raises Invalid."""
    series.next_check_at = None if series.paused_at else next_check(series)
    try:
        series.full_clean()
    except ValidationError as error:
        raise Invalid(field_sentence(error, within="series")) from error
    series.save()
