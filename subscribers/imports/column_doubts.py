"""Questions that a person has to answer before a file can be imported.

A column that could say that somebody must not be emailed is either understood, its heading and each of its values, or
a person says by name what it is or that it does not count. Until then nothing of the file is imported.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from subscribers.imports.column_aliases import field_of, plain_words, words_of
from subscribers.imports.column_mapping import CONSENT_FIELDS, Column, ColumnMapping
from subscribers.imports.column_questions import Question, note_value
from subscribers.imports.consent_headings import (
    could_say_no,
    is_about_contact,
    is_about_something_else,
    is_about_states,
    is_in_other_letters,
)
from subscribers.imports.date_doubts import DateDoubts
from subscribers.imports.status_at_other_service import (
    NO,
    YES,
    are_truths,
    is_answer_elsewhere,
    is_word_for_no,
    is_wordy_answer,
    status_of,
)
from subscribers.imports.texts_that_say_no import name_says_no, says_no

US_STATES = words_of("""
al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd oh ok or pa ri sc
sd tn tx ut vt va wa wv wi wy dc alabama alaska arizona arkansas california colorado connecticut delaware florida
georgia hawaii idaho illinois indiana iowa kansas kentucky louisiana maine maryland massachusetts michigan minnesota
mississippi missouri montana nebraska nevada newhampshire newjersey newmexico newyork northcarolina northdakota ohio
oklahoma oregon pennsylvania rhodeisland southcarolina southdakota tennessee texas utah vermont virginia washington
westvirginia wisconsin wyoming districtofcolumbia
""")


def could_speak(heading: str, cells: Sequence[str], *, has_places: bool) -> bool:
    """Whether a column that we do not know could say that somebody must not be emailed, by its heading or cells."""
    if is_about_states(heading):
        return not (has_places or (cells and all(map(_is_us_state, cells))))
    if field_of(heading) and field_of(heading) not in CONSENT_FIELDS:
        return False
    return could_say_no(heading) or _answers_for_emails(heading, cells)


def _answers_for_emails(heading: str, cells: Sequence[str]) -> bool:
    """Whether the cells are answers, and nothing shows that they are about something else than emails."""
    is_about = is_about_contact(heading)
    if cells and all(map(is_answer_elsewhere, cells)):
        return True
    if cells and (all(map(is_wordy_answer, cells)) or are_truths(cells)):
        return is_about or not is_about_something_else(heading)
    if is_about and any(plain_words(cell) in NO for cell in cells):
        return True
    if is_in_other_letters(heading) and cells and not any(map(plain_words, cells)):
        return True  # marks such as ○ and ×
    return (is_about or not heading) and all(map(_could_be_answer, cells))


@dataclass(slots=True)
class ColumnDoubts:
    """Collects what is not understood while a file is read."""

    mapping: ColumnMapping
    values: dict[int, list[str]] = field(default_factory=dict)
    dates: DateDoubts = field(init=False)

    def __post_init__(self) -> None:
        self.dates = DateDoubts(self.mapping.columns)

    @property
    def watched(self) -> list[Column]:
        """The columns whose cells are looked at."""
        return [
            column
            for column in self.mapping.columns
            if not column.is_understood
            and (column.target in {"ignore", "topics", "json"} or column.target.startswith("attribute:"))
        ]

    @property
    def names(self) -> list[Column]:
        """The columns of names, in which somebody may have written that a person must not be emailed."""
        return [
            column
            for column in self.mapping.columns
            if column.target in {"first_name", "last_name", "name"} and not column.is_understood
        ]

    def look_at_name(self, column: Column, cell: str) -> None:
        """Note a name that says in so many words that the person must not be emailed."""
        if name_says_no(cell):
            self.add(column, cell)

    def look_at(self, column: Column, cell: str) -> None:
        """Note a cell of a watched column if it could say that somebody must not be emailed."""
        if cell and (column.is_in_doubt or says_no(cell) or is_word_for_no(cell)) and cell.strip():
            self.add(column, cell)

    def add(self, column: Column, cell: str) -> None:
        """Note a value that is not understood."""
        note_value(self.values, column, cell)

    def questions(self) -> list[Question]:
        """What a person has to decide, by column."""
        columns = self.mapping.columns
        asked = [
            Question(columns[number - 1], tuple(values)) for number, values in sorted(self.values.items())
        ]
        return sorted([*asked, *self.dates.questions(asked)], key=lambda each: each.column.number)


def _could_be_answer(cell: str) -> bool:
    words = plain_words(cell)
    return words in YES or words in NO or len(words) == 1 or status_of(cell) is not None


def _is_us_state(cell: str) -> bool:
    return plain_words(cell).replace(" ", "") in US_STATES
