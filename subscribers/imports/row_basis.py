"""Reads on which lawful basis the person in a row gets emails, or refuses the row."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from datetime import time as time_of_day

from subscribers.errors import Invalid
from subscribers.imports.column_aliases import plain_words
from subscribers.imports.column_mapping import Column
from subscribers.imports.csv_records import Cells
from subscribers.imports.date_doubts import DateDoubts
from subscribers.imports.joining_dates import JoiningDates
from subscribers.imports.older_dates import OlderDates
from subscribers.imports.refused_bases import RefusedBases
from subscribers.lawful_basis import (
    CHARITABLE_SINCE,
    ON_CONSENT,
    SOFT_OPT_INS,
    BasisStatement,
    basis_called,
    why_not_basis,
)
from subscribers.models import Basis

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


@dataclass(frozen=True, slots=True)
class _Doubt:
    """What a row leaves in doubt: a day that we cannot read, and an older date in a column that nobody explained."""

    unknown_day: str = ""
    older: str = ""


class BasisReader:
    """Reads the columns about the lawful basis, and what somebody said of everyone in the file."""

    def __init__(
        self,
        basis: Column | None,
        collected_from: Sequence[Column],
        everyone: BasisStatement,
        *,
        dates: JoiningDates,
        older_dates: OlderDates,
        refused: RefusedBases,
        date_doubts: DateDoubts,
    ) -> None:
        self._basis, self._collected_from, self._dates = basis, collected_from, dates
        self._older_dates = older_dates
        self._everyone, self._refused = everyone, refused
        self._date_doubts = date_doubts
        self._could_be_charitable = basis is not None or everyone.basis == Basis.CHARITABLE

    def __bool__(self) -> bool:
        """Whether the file or somebody says anything about it."""
        return self._basis is not None or self._everyone != ON_CONSENT

    def read(
        self, row: int, key: str, found: Cells, joined: datetime | None
    ) -> tuple[str, str | None, datetime | None]:
        """Return the basis, what the log says beside it, and when the person joined. Raises Invalid with the reason.

        The earliest day on which somebody joined is the day on which they gave their details. What is said of everyone
        counts only if no column says a day for this person.
        """
        try:
            said = replace(self._everyone, basis=self._basis_of(found))
        except Invalid as reason:
            for basis in Basis:
                if basis != Basis.CONSENT:
                    self._refused.note(key, basis, row, str(reason))
            raise
        doubt = _Doubt()
        try:
            said = replace(said, collected_on=self._dates.of(found) or said.collected_on)
        except Invalid as reason:
            said, doubt = replace(said, collected_on=None), _Doubt(unknown_day=str(reason))
        if said.basis != Basis.CONSENT:
            doubt = replace(doubt, older=self._older_dates.why_not(found, said.collected_on))
        whose = [plain_words(found[column.index]) for column in self._collected_from]
        if whose:
            said = replace(said, own_details=_are_from_the_person(whose))
        is_from_others = any(whose) and not said.own_details
        self._rule_out(row, key, said, doubt, is_from_others=is_from_others)
        if why_not := _why_not(said, key, doubt):
            raise Invalid(why_not)
        if said.basis != Basis.CONSENT and self._could_be_charitable:
            self._date_doubts.look_at(found, said.basis, said.collected_on)
        if joined is None and said.collected_on is not None:
            joined = datetime.combine(said.collected_on, time_of_day.min, UTC)
        return said.basis.value, said.note or None, joined

    def _basis_of(self, found: Cells) -> Basis:
        if self._basis is None:
            return self._everyone.basis
        if cell := found[self._basis.index].strip():
            return basis_called(cell)
        if self._everyone == ON_CONSENT:
            raise Invalid(f"{self._basis.title} is empty for this person, so their lawful basis is missing")
        return self._everyone.basis

    def _rule_out(
        self, row: int, key: str, said: BasisStatement, doubt: _Doubt, *, is_from_others: bool
    ) -> None:
        """Note which bases this row rules out for the person, so that no other row of theirs has them.

        A row with consent rules out nothing else: the person has consented, whatever their other rows say.
        """
        if why_not := _why_not(said, key, doubt):
            self._refused.note(key, said.basis, row, why_not)
        if said.basis == Basis.CONSENT:
            return
        for basis in SOFT_OPT_INS - {said.basis}:
            other = replace(
                said,
                basis=basis,
                collected_on=said.collected_on or CHARITABLE_SINCE,
                own_details=not is_from_others,
            )
            if why_not := _why_not(other, key, doubt):
                self._refused.note(key, basis, row, why_not)


def _are_from_the_person(whose: Sequence[str]) -> bool:
    """Return whether somebody says that the person gave the details, and nobody says anything else."""
    named = set(filter(None, whose))
    return bool(named) and named <= FROM_THE_PERSON


def _why_not(said: BasisStatement, key: str, doubt: _Doubt) -> str:
    """Return why a row cannot have a basis, or an empty string."""
    if doubt.unknown_day and said.basis in SOFT_OPT_INS:
        return doubt.unknown_day
    why_not = why_not_basis(said, key)
    return why_not or (doubt.older if said.basis == Basis.CHARITABLE else "")
