"""Collects columns that could show when people gave their details, and that nobody has explained.

Only a file with the charitable soft opt-in raises such questions. Dates that we read are a matter of older_dates.py.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from subscribers.csv_safety import unescape_formula
from subscribers.imports.cells_without_dates import could_be_older
from subscribers.imports.column_mapping import Column
from subscribers.imports.column_questions import VALUES_NAMED, Question, note_value
from subscribers.imports.csv_records import Cells
from subscribers.imports.headings_about_dates import is_about_dates, is_about_other_things
from subscribers.imports.headings_without_dates import is_without_dates
from subscribers.imports.older_dates import is_older, says_something, texts_in
from subscribers.lawful_basis import CHARITABLE_SINCE
from subscribers.models import Basis

OUR_DETAIL = "attribute:"
FINANCIAL_YEAR = re.compile(r"\bfy ?\d\d\b", re.IGNORECASE)


class DateDoubts:
    """The columns of a file that could show when people gave their details."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._is_about_charities = False
        self._values: dict[int, list[str]] = {}
        self._columns = [each for each in columns if _is_watched(each) and not _is_clear(each.heading)]
        self._with_days = [each for each in self._columns if _names_older(each.heading)]

    def look_at(self, found: Cells, basis: Basis, collected_on: date | None) -> None:
        """Note what could be a date in the row of somebody on another basis than consent."""
        self._is_about_charities = self._is_about_charities or basis == Basis.CHARITABLE
        for column in self._columns:
            cell = unescape_formula(found[column.index].strip())
            if cell and len(self._values.get(column.number, ())) < VALUES_NAMED:
                for text in self._doubtful(column, cell, collected_on):
                    note_value(self._values, column, text)

    def questions(self, asked: Sequence[Question]) -> list[Question]:
        """Return the questions about columns about which nothing else is asked, in the order of the columns."""
        if not self._is_about_charities:
            return []
        others = {each.column.number for each in asked}
        return [
            Question(column, tuple(self._values[column.number]), is_about_dates=True)
            for column in self._columns
            if column.number in self._values and column.number not in others
        ]

    def _doubtful(self, column: Column, cell: str, collected_on: date | None) -> Iterator[str]:
        details = texts_in(cell, column.title) if cell.startswith("{") else []
        for name, text in details:
            names_older = _names_older(name) and says_something(text)
            is_in_doubt = not _is_clear(name) and could_be_older(text, collected_on, is_date=_counts(name))
            if names_older or is_in_doubt:
                yield f"{name}: {text}"
        if column in self._with_days and says_something(cell):
            yield cell
        if not details and could_be_older(cell, collected_on, is_date=_counts(column.heading)):
            yield cell


def _is_watched(column: Column) -> bool:
    if column.is_chosen:
        # Somebody who says that a column has JSON does not say what each of its values is.
        return column.target == "json"
    is_kept = column.target.startswith("attribute:") or column.target in {"ignore", "json", "typed", "topics"}
    # A service says what its columns are, but those about dates could be older. Our own exports only say names.
    is_known = column.is_understood and not column.heading.startswith(OUR_DETAIL)
    return is_kept and (not is_known or is_about_dates(column.heading))


def _is_clear(heading: str) -> bool:
    """Return whether a heading says that nothing below it is such a date. A heading with a year says nothing."""
    return is_without_dates(heading) and not _names_older(heading)


def _names_older(heading: str) -> bool:
    """Return whether a heading names a day or a year before the law, such as “Gala 2019”."""
    return bool(FINANCIAL_YEAR.search(heading)) or is_older(heading, CHARITABLE_SINCE, is_date=True)


def _counts(heading: str) -> bool:
    """Return whether every number below a heading could be a date."""
    return is_about_dates(heading) or is_about_other_things(heading)
