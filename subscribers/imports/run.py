"""Importing a file: look at it, read and stage every row, then merge the people in pieces.

Each person is merged whole or not at all. An import that was stopped before its end is repeated: it goes on with those
whom it had not reached. Repeating one that came to its end changes nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from itertools import islice
from typing import BinaryIO, TextIO

from subscribers import wordings
from subscribers.errors import Invalid
from subscribers.imports import staging
from subscribers.imports.decoding import DecodedLines
from subscribers.imports.detect import Guess, guess, without_delimiter_line
from subscribers.imports.mapping import Mapping, with_choices
from subscribers.imports.merge import merge
from subscribers.imports.records import Broken, Cells, Records
from subscribers.imports.report import Report
from subscribers.imports.rows import Refused, RowReader, Staged
from subscribers.models import List, Topic

Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the person says about the file; what is left empty is guessed. `choices` are `COLUMN=FIELD`."""

    choices: Sequence[str] = ()
    encoding: str = ""
    delimiter: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """What a file is, before anything of it is imported."""

    encoding: str
    guess: Guess
    mapping: Mapping


@dataclass(slots=True)
class Outcome:
    """What became of every row that was not blank; the counts add up to `rows`."""

    rows: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    suppressed: int = 0
    unsubscribed: int = 0
    duplicates: int = 0
    first_refused: list[Refused] = field(default_factory=list)
    odd_rows: list[int] = field(default_factory=list)
    odd_count: int = 0
    dry_run: bool = False
    look: Look | None = None

    def counts(self) -> dict[str, int]:
        """The counts by their names."""
        return {one.name: getattr(self, one.name) for one in fields(self)[:8]}


def look_at(stream: BinaryIO, wishes: Wishes | None = None) -> tuple[DecodedLines, Look]:
    """The lines of a file, not taken yet, and what they are. Raises Invalid for a file that cannot be imported."""
    wishes = wishes or Wishes()
    lines = DecodedLines(stream, encoding=wishes.encoding)
    found = guess(lines.sample(), delimiter=wishes.delimiter)
    mapping = with_choices(found.mapping, wishes.choices)
    if mapping.index_of("address") < 0:
        raise Invalid("No column of the file holds e-mail addresses: say which with COLUMN=address.")
    return lines, Look(lines.encoding, found, mapping)


def import_people(
    stream: BinaryIO,
    mailing_list: List,
    *,
    consent: str,
    name: str = "",
    wishes: Wishes | None = None,
    dry_run: bool = False,
    report: TextIO | None = None,
    advance: Advance | None = None,
) -> Outcome:
    """Import a CSV file into a list and say what became of every row; a dry run says the same and changes nothing.

    `consent` states where the people's consent comes from; it is logged for each, with the file's `name`. `advance`
    is told how many bytes were read. Raises Invalid for a file that cannot be imported or consent left unsaid.
    """
    if not consent.strip():
        raise Invalid("Say where the consent of these people comes from: it is logged for each of them.")
    lines, look = look_at(stream, wishes)
    outcome = Outcome(dry_run=dry_run, look=look)
    reading = Report(report, [column.heading or f"column {column.number}" for column in look.mapping.columns])
    with staging.room():
        staged = _stage(lines, look, mailing_list, report=reading, advance=advance or (lambda _done: None))
        outcome.refused, outcome.first_refused = reading.refused, reading.first
        outcome.odd_rows, outcome.odd_count = lines.odd_rows, lines.odd_count
        people = merge(
            mailing_list,
            None if dry_run else wordings.kept(mailing_list, consent.strip()),
            name,
            has_topics=any(column.target.startswith("topic") for column in look.mapping.columns),
        )
        _count(outcome, staged, people)
        reading.name_the_rest()
    return outcome


def _stage(lines: DecodedLines, look: Look, mailing_list: List, *, report: Report, advance: Advance) -> int:
    """Read every row into the staging table; how many were read."""
    rows: Iterator[tuple[int, Cells | Broken]] = iter(
        Records(
            without_delimiter_line(lines),
            look.guess.delimiter,
            width=look.guess.width,
            address_at=look.mapping.index_of("address"),
        )
    )
    if look.guess.has_headings:
        rows = _without_headings(rows)
    people = RowReader(look.mapping, _topics_of(mailing_list)).read(rows)
    with_digests = staging.anybody_suppressed()
    staged, told = 0, 0
    while found := list(islice(people, staging.BATCH)):
        batch = _without_refused(found, report)
        staging.stage(batch, with_digests=with_digests)
        staged += len(batch)
        advance(lines.bytes_read - told)
        told = lines.bytes_read
    return staged


def _without_headings(rows: Iterator[tuple[int, Cells | Broken]]) -> Iterator[tuple[int, Cells | Broken]]:
    for _row, cells in rows:
        if not isinstance(cells, Broken) and any(map(str.strip, cells)):
            break
    return rows


def _without_refused(found: Iterable[Staged | Refused], report: Report) -> list[Staged]:
    people = []
    for one in found:
        if isinstance(one, Refused):
            report.refuse(one)
        else:
            people.append(one)
    return people


def _topics_of(mailing_list: List) -> dict[str, str]:
    topics = list(Topic.objects.filter(list=mailing_list))
    return {topic.name.lower(): topic.slug for topic in topics} | {
        topic.slug.lower(): topic.slug for topic in topics
    }


def _count(outcome: Outcome, staged: int, people: dict[str, int]) -> None:
    outcome.rows = staged + outcome.refused
    outcome.duplicates = staged - sum(people.values())
    outcome.added, outcome.changed = people.get("added", 0), people.get("changed", 0)
    outcome.unchanged = people.get("unchanged", 0)
    outcome.suppressed, outcome.unsubscribed = people.get("suppressed", 0), people.get("left", 0)
