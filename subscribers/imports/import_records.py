"""The records of imports: begin and finish one, list them, and delete what an old one kept for its undo."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from subscribers import erasure, phrases
from subscribers.errors import NotFound, Refused
from subscribers.models import ImportChange, ImportPiece, ImportRecord, List, Wording
from subscribers.transactions import LOOK_AGAIN_POLITELY, one_transaction, repeated

State = ImportRecord.State
CAN_BE_UNDONE = timedelta(days=30)
# An undo that has begun can be continued for longer.
CAN_BE_CONTINUED = 2 * CAN_BE_UNDONE
PRUNED_AT_ONCE = 5_000


@one_transaction
def begin(
    wording: Wording, mailing_list: List, *, name: str, by: str, answers: Mapping[str, Any]
) -> ImportRecord:
    """Record that an import begins."""
    return ImportRecord.objects.create(
        list=mailing_list, wording=wording, name=name[:200], imported_by=by[:200], answers=dict(answers)
    )


def counted(
    record: ImportRecord | None, before: Mapping[str, int], piece: Mapping[str, int]
) -> Mapping[str, int]:
    """Record the people of a piece, in its transaction, and return them. Raises Refused after an undo began."""
    if record is not None:
        counts = {name: before.get(name, 0) + piece.get(name, 0) for name in {*before, *piece}}
        # Called "left" while they are merged, as `ImportOutcome.counts` calls them otherwise.
        counts["unsubscribed"] = counts.pop("left", 0)
        _change(record, counts=counts)
    return piece


def outcomes_so_far(record: ImportRecord | None) -> Counter[str]:
    """Return the people whom an interrupted import has reached, by outcome as they are merged."""
    counts = Counter[str](record.counts if record else {})
    counts["left"] = counts.pop("unsubscribed", 0)
    return +counts


@one_transaction
def finish(record: ImportRecord, counts: Mapping[str, int]) -> None:
    """Record that the import is finished, with what became of every row. Raises Refused after an undo began."""
    _change(record, counts=dict(counts), state=State.FINISHED, ended_at=timezone.now())


def _change(record: ImportRecord, **values: Any) -> None:
    if not ImportRecord.objects.filter(pk=record.pk, state=State.STARTED).update(**values):
        raise Refused(
            f"Import {record.pk} stopped, because somebody undid it while it was running. The undo "
            "removes everything that the import had added."
        )
    for name, value in values.items():
        setattr(record, name, value)


def imports_of(mailing_list: List | None = None) -> QuerySet[ImportRecord]:
    """Return the imports into one list or into all, newest first."""
    found = ImportRecord.objects.select_related("list", "wording").order_by("-pk")
    return found.filter(list=mailing_list) if mailing_list else found


def find_import(number: int) -> ImportRecord:
    """Return the import with this number. Raises NotFound."""
    found = imports_of().filter(pk=number).first()
    if found is None:
        raise NotFound(
            f"Import {number} does not exist. To list the imports, run `newsletter subscribers imports`."
        )
    return found


def why_not_undo(record: ImportRecord, now: datetime | None = None) -> str:
    """Say why an import cannot be undone now. Empty if it can. An undo that was interrupted can be continued."""
    now = now or timezone.now()
    if record.state == State.UNDONE:
        said = f"Import {record.pk} was undone on {record.undone_at:%Y-%m-%d %H:%M} UTC."
        if stayed := record.undo_counts.get("left_imported"):
            people = phrases.counted(stayed, "person", "people")
            said += (
                f" We kept its changes to {people} who were also in a later import. You cannot undo an import "
                "a second time."
            )
        return said
    limit = CAN_BE_CONTINUED if record.state == State.UNDOING else CAN_BE_UNDONE
    if record.began_at < now - limit:
        return (
            f"Import {record.pk} began more than {limit.days} days ago. We no longer store what it changed, "
            "so you cannot undo it."
        )
    return ""


def prune_imports(now: datetime) -> int:
    """Delete what imports kept that can no longer be undone, some thousand rows at once. Return how many.

    The records themselves stay.
    """
    old = Q(record__began_at__lt=now - CAN_BE_UNDONE) & ~Q(record__state=State.UNDOING)
    old |= Q(record__began_at__lt=now - CAN_BE_CONTINUED)
    pieces = list(
        ImportPiece.objects.filter(old).order_by("pk").values_list("pk", flat=True)[:PRUNED_AT_ONCE]
    )
    deleted = repeated(lambda: _delete_some(pieces), look_again=LOOK_AGAIN_POLITELY) if pieces else 0
    if deleted and not connection.in_atomic_block:
        erasure.sweep()
    return deleted


def _delete_some(pieces: list[int]) -> int:
    changes = ImportChange.objects.filter(piece__in=pieces).order_by("pk")
    some = list(changes.values_list("pk", flat=True)[:PRUNED_AT_ONCE])
    if some:
        return ImportChange.objects.filter(pk__in=some).delete()[0]
    return ImportPiece.objects.filter(pk__in=pieces[:500]).delete()[0]
