"""Whom later imports into the same list found on it already, so that an earlier one is not undone for them."""

from collections.abc import Iterable

from subscribers import raw_sql
from subscribers.models import ImportPiece, ImportRecord

MENTIONED = "undo_mentioned"


class LaterImports:
    """A temporary table of the people whom later imports mention, unless those are undone themselves."""

    def __init__(self, record: ImportRecord) -> None:
        self._record = record
        self._loaded = self._loading = 0
        drop()
        raw_sql.execute(f"CREATE TEMPORARY TABLE {MENTIONED} (number bigint)")
        raw_sql.execute(f"CREATE INDEX {MENTIONED}_number ON {MENTIONED} (number)")

    def load(self) -> None:
        """Add what later imports have mentioned since the last time. If a transaction fails, it is repeated."""
        pieces = ImportPiece.objects.filter(
            record__list=self._record.list_id, record__gt=self._record.pk, pk__gt=self._loaded
        ).exclude(record__state=ImportRecord.State.UNDONE)
        for pk, runs in pieces.order_by("pk").values_list("pk", "mentioned"):
            raw_sql.load(MENTIONED, ("number",), _each(runs))
            self._loading = pk

    def keep_loaded(self) -> None:
        """Note that the transaction of `load` was committed."""
        self._loaded = self._loading


def mentioned_among(numbers: Iterable[int]) -> set[int]:
    """Return which of these people later imports mention."""
    chosen = raw_sql.rows(
        f"SELECT number FROM {MENTIONED} WHERE {raw_sql.one_of('number', 'numbers')}",
        {"numbers": raw_sql.array_of_numbers(numbers)},
    )
    return {number for (number,) in chosen}


def numbers_of_later(record: ImportRecord) -> list[int]:
    """Return the numbers of the later imports into the same list that keep people from being taken back."""
    later = ImportPiece.objects.filter(record__list=record.list_id, record__gt=record.pk)
    later = later.exclude(record__state=ImportRecord.State.UNDONE).exclude(mentioned=[])
    return sorted(set(later.values_list("record", flat=True)))


def drop() -> None:
    """Drop the temporary table."""
    raw_sql.execute(f"DROP TABLE IF EXISTS {MENTIONED}")


def _each(runs: Iterable[tuple[int, int]]) -> Iterable[tuple[int]]:
    return ((number,) for first, last in runs for number in range(first, last + 1))
