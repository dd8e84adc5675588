"""What the process that imports a file hears of the import while it lasts, and which import it continues."""

from collections.abc import Callable
from dataclasses import dataclass

from subscribers.models import ImportRecord


def _nothing(*_heard: object) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportWatch:
    """Functions that an import calls. An exception of theirs ends it, and what was committed before stays.

    `began` gets the record, in the transaction that adds it. `merged` gets how many people were merged and how many
    there are, between two transactions. `hold` is called first in each transaction that merges people.
    `continued` is the record of an import of the same file that was interrupted: its people are not merged again.
    """

    began: Callable[[ImportRecord], None] = _nothing
    merged: Callable[[int, int], None] = _nothing
    hold: Callable[[], None] = _nothing
    continued: ImportRecord | None = None
