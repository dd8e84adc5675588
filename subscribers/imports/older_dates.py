"""Finds dates that show that a person’s details are older than somebody said.

They can be in columns that nobody has explained, and in those that should have no dates, such as names.
Services call the day on which a record was made by a hundred names. So each date counts that is before the law of the
charitable soft opt-in, unless its heading is about something else, such as a birthday, or a person says so.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache

from subscribers.errors import Invalid
from subscribers.imports.clean_cells import attributes_of
from subscribers.imports.column_mapping import Column
from subscribers.imports.csv_records import Cells
from subscribers.imports.headings_about_dates import is_about_dates, is_about_other_things
from subscribers.imports.periods_in_cells import LONGEST_DATE, periods_in
from subscribers.imports.status_at_other_service import says_yes
from subscribers.lawful_basis import CHARITABLE_SINCE
from subscribers.phrases import written_day

AMOUNT_OF_NOTHING = re.compile(r"[£$€]?\s*0*[.,]?0*")
CONSENT_WITH_TIMES = frozenset({"confirmed", "subscribed"})
# Somebody said what these columns are, but not what a date in them means. A pause that ended is a day on which the
# person was on a list.
WITHOUT_DATES = frozenset({"first_name", "last_name", "name", "locale", "zone", "topics", "paused"})
# No language, no time zone and no name has the number of a year.
NEVER_NUMBERS = frozenset({"first_name", "last_name", "name", "locale", "zone"})


class OlderDates:
    """The columns of a file that were kept as details and could say when a record was made."""

    def __init__(self, columns: Sequence[Column]) -> None:
        # A date under a heading that means “yes” is the time at which the person agreed.
        known = CONSENT_WITH_TIMES | WITHOUT_DATES
        watched = [each for each in columns if each.target in known or _is_unexplained(each)]
        self._columns = [
            (each, is_about_dates(each.heading) or each.target in NEVER_NUMBERS)
            for each in watched
            if not is_about_other_things(each.heading)
        ]
        self._dated = [each for each, _is_about in self._columns if periods_in(each.heading, is_date=True)]
        self._documents = [column for column in columns if column.target in {"json", "typed"}]

    def why_not(self, found: Cells, collected_on: date | None = None) -> str:
        """Return why the dates of a row do not allow a charitable soft opt-in, or an empty string.

        `collected_on` is when the details were collected, as far as the file or somebody says.
        """
        for title, text, is_date in self._dates_in(found):
            if is_older(text, collected_on, is_date=is_date):
                return _sentence(title, text)
        return ""

    def _dates_in(self, found: Cells) -> Iterator[tuple[str, str, bool]]:
        """Yield each text that could be a date, after its title, and whether a number alone would be one."""
        documents = list(self._documents)
        for column in self._dated:
            if says_something(found[column.index].strip()):
                yield "The heading of a column with an answer", column.heading, True
        for column, counts in self._columns:
            cell = found[column.index].strip()
            if cell.startswith("{"):
                documents.append(column)
            elif cell and not is_about_other_things(cell):
                yield column.title, cell, counts
        for column in documents:
            yield from _dates_in_document(found[column.index], column.title)


def _dates_in_document(cell: str, title: str) -> Iterator[tuple[str, str, bool]]:
    for name, text in texts_in(cell, title):
        if is_about_other_things(name):
            continue
        if says_something(text):
            yield f"A name in {title}", name, not name.isdecimal()
        if not is_about_other_things(text):
            yield f"“{name}” in {title}", text, is_about_dates(name)


def _is_unexplained(column: Column) -> bool:
    is_kept_or_lost = column.target.startswith("attribute:") or column.target == "ignore"
    return not column.is_chosen and is_kept_or_lost


def _sentence(title: str, cell: str) -> str:
    return (
        f"{title} says “{cell[:LONGEST_DATE]}”, but a charitable soft opt-in only covers details collected since "
        f"{written_day(CHARITABLE_SINCE)}. If the column is about something else, ignore it"
    )


def says_something(cell: str) -> bool:
    """Return whether a cell under a heading that names a day says more than no, or nothing."""
    return says_yes(cell) and not AMOUNT_OF_NOTHING.fullmatch(cell)


def texts_in(cell: str, title: str) -> list[tuple[str, str]]:
    """Return the details in a cell that has a JSON object, by name. A cell that cannot be used is named elsewhere."""
    try:
        details = attributes_of(cell, title)
    except Invalid:
        return []
    return [(name, str(value).strip()) for name, value in details.items()]


@lru_cache(4_096)
def is_older(cell: str, collected_on: date | None, *, is_date: bool = False) -> bool:
    """Return whether a cell says, or could say, that details are older than the law allows.

    A month or a year does not contradict a day in it on which somebody says that the details were collected.
    """
    return any(
        period.first < CHARITABLE_SINCE
        and not (collected_on and period.first < period.last and period.first <= collected_on <= period.last)
        for period in periods_in(cell, is_date=is_date)
    )
