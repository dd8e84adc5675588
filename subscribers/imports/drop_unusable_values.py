"""Values beside the address and the consent: one that cannot be used costs nobody their row.

It is kept as it came as a detail, and the first of a column is named.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from subscribers.errors import Invalid
from subscribers.imports.clean_cells import LONGEST_ATTRIBUTE, without_controls
from subscribers.imports.column_aliases import attribute_name
from subscribers.imports.column_mapping import Column
from subscribers.phrases import counted

# The value that a reason names, which differs from row to row.
QUOTED = re.compile(r"“[^”]*”")
Value = TypeVar("Value")


@dataclass(slots=True)
class SideValues:
    """Collects what was kept as a detail instead of what its column is for."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    first: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)

    def note(self, title: str, row: int, reason: str) -> None:
        """Note that a value of this column was not used for what the column is for."""
        kind = title, QUOTED.sub("", reason)
        self.counts[kind] += 1
        self.first.setdefault(kind, (row, reason))

    def sentences(self) -> list[str]:
        """One sentence for each column and reason."""
        return [
            f"{kind[0]}: {counted(self.counts[kind], 'row', 'rows')}, first in row {row}: {reason}."
            if self.counts[kind] > 1
            else f"{kind[0]}, row {row}: {reason}."
            for kind, (row, reason) in self.first.items()
        ]


class RowSideValues:
    """The values of one row that are kept as details."""

    def __init__(self, row: int, notes: SideValues) -> None:
        self._row, self._notes = row, notes
        self.kept: dict[str, object] = {}

    def read(self, column: Column, read: Callable[[str, str], Value], cell: str, empty: Value) -> Value:
        """Return what `read` makes of a cell; if it cannot be used, keep the cell as a detail instead."""
        try:
            return read(cell, column.title)
        except Invalid as reason:
            self.keep(column, cell, str(reason))
            return empty

    def keep(self, column: Column, cell: str, reason: str) -> None:
        """Keep a cell as a detail with the name of its column, and note why."""
        name = column.target.partition(":")[2] or attribute_name(column.heading) or column.target
        self.kept[name] = without_controls(cell)[:LONGEST_ATTRIBUTE]
        reason = reason if reason.endswith("?") else f"{reason.rstrip('.')}."
        self._notes.note(column.title, self._row, f"{reason} We keep the text as the detail {name}")

    def note(self, column: Column, reason: str) -> None:
        """Note something about a cell that is used all the same."""
        self._notes.note(column.title, self._row, reason)
