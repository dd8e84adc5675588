"""Reads on which lawful basis the person in a row gets emails, or refuses the row."""

from dataclasses import replace
from datetime import UTC, datetime
from datetime import time as time_of_day

from subscribers.errors import Invalid
from subscribers.imports.column_aliases import plain_words
from subscribers.imports.column_mapping import Column
from subscribers.imports.csv_records import Cells
from subscribers.lawful_basis import ON_CONSENT, BasisStatement, basis_called, why_not_basis

# What the column says of details that the person gave to the organisation itself. Everything else is somebody else.
FROM_THE_PERSON = frozenset(
    {
        "person",
        "the person",
        "themselves",
        "directly",
        "direct",
        "own",
        "us",
        "ourselves",
        "our website",
        "our form",
    }
)


class BasisReader:
    """Reads the columns about the lawful basis, and what somebody said of everyone in the file."""

    def __init__(self, basis: Column | None, collected_from: Column | None, everyone: BasisStatement) -> None:
        self._basis, self._collected_from, self._everyone = basis, collected_from, everyone

    def __bool__(self) -> bool:
        """Whether the file or somebody says anything about it."""
        return self._basis is not None or self._everyone != ON_CONSENT

    def read(
        self, key: str, found: Cells, joined: datetime | None
    ) -> tuple[str, str | None, datetime | None]:
        """Return the basis, what the log says beside it, and when the person joined. Raises Invalid with the reason.

        The day on which somebody joined is the day on which they gave their details.
        """
        said = self._everyone
        if self._basis is not None and (cell := found[self._basis.index].strip()):
            said = replace(said, basis=basis_called(cell))
        elif self._basis is not None and self._everyone == ON_CONSENT:
            raise Invalid(f"{self._basis.title} is empty for this person, so their lawful basis is missing")
        if joined is not None:
            said = replace(said, collected_on=joined.date())
        if self._collected_from is not None:
            said = replace(said, own_details=self._is_from_person(found))
        if why_not := why_not_basis(said, key):
            raise Invalid(why_not)
        if joined is None and said.collected_on is not None:
            joined = datetime.combine(said.collected_on, time_of_day.min, UTC)
        return said.basis.value, said.note or None, joined

    def _is_from_person(self, found: Cells) -> bool:
        assert self._collected_from is not None
        return plain_words(found[self._collected_from.index]) in FROM_THE_PERSON
