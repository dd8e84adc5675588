"""What becomes of a row of a file: a person ready for the staging table, or a refusal."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple


class StagedRow(NamedTuple):
    """A row of the staging table; `address` and the last seven are None where there is nothing to say."""

    row: int
    weight: int
    key: str
    address: str | None
    first_name: str
    last_name: str
    locale: str
    zone: str
    attributes: str | None
    topics: str | None
    paused: str | None
    basis: str | None
    basis_note: str | None
    joined: datetime | None
    standing: str | None


LONGEST_TEXT = 100


class RejectedRow(NamedTuple):
    """A row that is left out: why, and its cells as they came."""

    row: int
    reason: str
    cells: Sequence[str]

    @property
    def text(self) -> str:
        """The beginning of what the row says, without its empty cells."""
        return ", ".join(filter(None, (" ".join(cell.split()) for cell in self.cells)))[:LONGEST_TEXT]


def sentence(reason: str) -> str:
    """Return a reason as a sentence."""
    return reason[:1].upper() + reason[1:] + ("" if reason.endswith((".", "?")) else ".")
