"""Whether the columns of a row allow us to email the person, taken together: one “no” is enough."""

from collections.abc import Callable, Mapping, Sequence

from subscribers.errors import Invalid
from subscribers.imports.column_aliases import plain_words
from subscribers.imports.column_doubts import ColumnDoubts
from subscribers.imports.column_mapping import Column
from subscribers.imports.csv_records import Cells
from subscribers.imports.status_at_other_service import (
    ImportStatus,
    confirmed_of,
    is_clear_denial,
    says_yes,
    status_of,
    subscribed_of,
)

# A row that says no outweighs every row that does not, wherever it stands in the file.
WEIGHTS = {
    ImportStatus.LEFT: 1 << 40,
    ImportStatus.HARD_BOUNCE: 2 << 40,
    ImportStatus.COMPLAINT: 3 << 40,
    ImportStatus.MANUAL: 4 << 40,
    ImportStatus.FUNDRAISING: 5 << 40,
}
LONGEST_WORD = 60


class StandingReader:
    """Reads the columns about consent, status, bounces and suppression."""

    def __init__(
        self,
        columns: Sequence[Column],
        doubts: ColumnDoubts,
        *,
        everyone: ImportStatus = ImportStatus.ACTIVE,
    ) -> None:
        """`doubts` collects the values that we do not understand in columns that nobody mapped.

        `everyone` is what a person says of the whole file; a column may say worse of some people.
        """
        self._everyone = everyone
        self._columns = [
            (column, STATUSES[column.consent_field], dict(column.words))
            for column in columns
            if column.consent_field
        ]
        self._doubts = doubts
        self._blank_since_start = {column.number for column in columns if column.is_blank}

    def __bool__(self) -> bool:
        """Whether anything could say that people must not be emailed."""
        return bool(self._columns) or self._everyone is not ImportStatus.ACTIVE

    def standing(self, found: Cells) -> ImportStatus:
        """Return what the row says of the person.

        Raises Invalid if no column says no, and one says that the address was not confirmed, says nothing although it
        says something of other people, or has a word that we do not know.
        """
        worst, reason, statuses = self._everyone, "", list[bool]()
        for column, meaning, words in self._columns:
            cell = found[column.index]
            standing = words.get(plain_words(cell)) or meaning(cell)
            if not cell.strip():
                if column.number not in self._blank_since_start:
                    statuses += [False] if column.target == "status" else []
                    reason = reason or _why_missing(column)
            else:
                statuses += [True] if column.target == "status" else []
                self._note_doubt(column, cell, standing, words)
                reason = reason or _why_not(column, cell, standing)
            if standing and WEIGHTS.get(standing, 0) > WEIGHTS.get(worst, 0):
                worst = standing
        if worst is ImportStatus.ACTIVE and not reason and statuses and not any(statuses):
            reason = "no column says whether we can email this person, so their consent is missing"
        if worst is ImportStatus.ACTIVE and reason:
            raise Invalid(reason)
        return worst

    def _note_doubt(
        self, column: Column, cell: str, standing: ImportStatus | None, words: Mapping[str, ImportStatus]
    ) -> None:
        if column.is_understood or plain_words(cell) in words:
            return
        is_denial = column.target in DENIALS
        if standing is None or (is_denial and not is_clear_denial(cell)) or self._was_blank(column):
            self._doubts.add(column, cell)

    def _was_blank(self, column: Column) -> bool:
        """Whether people before this one had an empty cell where a yes or a no was needed."""
        return (
            column.consent_field in {"subscribed", "confirmed"} and column.number in self._blank_since_start
        )


def _why_missing(column: Column) -> str:
    if column.consent_field not in {"subscribed", "confirmed"}:
        return ""
    return f"{column.title} is empty for this person, so their consent is missing"


def _why_not(column: Column, cell: str, standing: ImportStatus | None) -> str:
    if standing is None:
        word = cell.strip()[:LONGEST_WORD]
        return f"{column.title} says “{word}”, which is not a status. Enter active or unsubscribed"
    if standing is ImportStatus.UNCONFIRMED:
        return f"{column.title} says that this person has not confirmed"
    return ""


def _yes_is(standing: ImportStatus) -> Callable[[str], ImportStatus]:
    """A yes has this meaning; a word of other services that says more, such as “spam”, its own."""

    def meaning(cell: str) -> ImportStatus:
        if not says_yes(cell):
            return ImportStatus.ACTIVE
        said = status_of(cell)
        return said if said and WEIGHTS.get(said, 0) > WEIGHTS[standing] else standing

    return meaning


DENIALS = frozenset({"left", "bounced", "blocked"})
STATUSES: Mapping[str, Callable[[str], ImportStatus | None]] = {
    "status": status_of,
    "subscribed": subscribed_of,
    "confirmed": confirmed_of,
    "left": _yes_is(ImportStatus.LEFT),
    "bounced": _yes_is(ImportStatus.HARD_BOUNCE),
    "blocked": _yes_is(ImportStatus.MANUAL),
}
