"""Pauses, resumes and removes series. Issues that are already drafted stay."""

from django.db import transaction
from django.utils import timezone

from newsletter.accounts.actor import Role, require_role
from newsletter.accounts.audit_log import changes_between, values_of
from newsletter.errors import Refused
from newsletter.issues.archived_publications import refuse_archived_publication
from newsletter.issues.issue_audit import record
from newsletter.scheduling.models import Series
from newsletter.scheduling.series_dates import State
from newsletter.scheduling.series_names import describe_series
from newsletter.scheduling.store_series import (
    RECORDED,
    lock_series,
    locked_and_saved,
    record_change,
    series_version,
)


def pause_series(series: Series) -> Series:
    """Pause a series, so that it drafts nothing until it is resumed. Issues already drafted keep their schedule."""
    require_role(Role.EDITOR, "Pausing a recurring issue", publication=series.publication_id)
    with locked_and_saved(series) as found:
        if found.paused_at:
            raise Refused(f"The recurring issue “{found.name}” is already paused.")
        stored = values_of(found, RECORDED)
        found.paused_at = timezone.now()
        record_change(found, stored, f"Paused the recurring issue “{found.name}”.")
    return found


def resume_series(series: Series) -> Series:
    """Resume a series. Dates that passed during the pause are skipped."""
    require_role(Role.EDITOR, "Resuming a recurring issue", publication=series.publication_id)
    with locked_and_saved(series) as found:
        refuse_archived_publication(found.publication)
        if not found.paused_at:
            raise Refused(f"The recurring issue “{found.name}” is not paused.")
        now, stored = timezone.now(), values_of(found, RECORDED)
        passed = found.occurrences.filter(due_at__lte=now, state__in=(State.PLANNED, State.DRAFTING))
        passed.update(state=State.SKIPPED, reason="The recurring issue was paused.", lease_until=None)
        found.paused_at, found.counts_from = None, now
        record_change(found, stored, f"Resumed the recurring issue “{found.name}”.")
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
