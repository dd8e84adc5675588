"""Finds out when the person in a row gave their details, from every column that says when people joined."""

import re
from collections.abc import Sequence
from datetime import date, datetime

from subscribers.errors import Invalid
from subscribers.imports.column_aliases import field_of
from subscribers.imports.column_mapping import Column
from subscribers.imports.consent_headings import is_about_confirmation
from subscribers.imports.csv_records import Cells
from subscribers.imports.parse_times import time_of_joining

LIKE_A_DATE = re.compile(r"\d.*\d", re.DOTALL)


class JoiningDates:
    """The columns that say when people joined, even if they were kept as a detail because of other dates in them.

    A column that a person mapped to something else, or left out, does not count.
    """

    def __init__(self, columns: Sequence[Column], now: datetime) -> None:
        self._now = now
        self._columns = [column for column in columns if _says_when_joined(column)]
        self._consents = [column for column in columns if _says_when_consented(column)]

    def of(self, found: Cells) -> date | None:
        """Return the earliest day on which the details were there, or None if no cell says anything.

        Raises Invalid with the reason if a cell has a day that we do not know.
        """
        moments = [self._moment(column, found[column.index]) for column in self._columns]
        moments += [
            self._moment(column, found[column.index])
            for column in self._consents
            if LIKE_A_DATE.search(found[column.index])
        ]
        return min((moment.date() for moment in moments if moment), default=None)

    def _moment(self, column: Column, cell: str) -> datetime | None:
        try:
            moment = time_of_joining(cell, self._now, day_first=column.day_first)
        except Invalid as reason:
            raise Invalid(f"{column.title} says when the person gave their details, but {reason}") from None
        if moment is None and cell.strip():
            raise Invalid(
                f"{column.title} says that it is not known when the person gave their details. A soft opt-in needs "
                "that date"
            )
        return moment


def _says_when_joined(column: Column) -> bool:
    return column.says_when_joined or (not column.is_understood and field_of(column.heading) == "joined")


def _says_when_consented(column: Column) -> bool:
    if column.is_understood or _says_when_joined(column):
        return False
    return column.target == "attribute:opted_in_at" or (
        column.target.startswith("attribute:") and is_about_confirmation(column.heading)
    )
