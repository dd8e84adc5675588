"""What an import would do, or did, as a page shows it: the same report as that of the command line."""

from collections.abc import Mapping
from dataclasses import dataclass

from newsletter.people_files.stored_import_file import StoredCheck, StoredRefusal
from newsletter.web.desk.formatting import without_commands
from subscribers.phrases import counted

COUNTS = {
    "added": "new",
    "changed": "changed",
    "unchanged": "already on the list and unchanged",
    "unsubscribed": "unsubscribed, here or in the file, so they stay unsubscribed",
    "suppressed": "suppressed, so they were left out",
    "duplicates": "repeated in the file",
    "refused": "not usable",
}
LEFT_OUT = ("unsubscribed", "suppressed", "duplicates", "refused")


@dataclass(frozen=True, slots=True)
class Report:
    """The figures with their words, how many rows there are and how many are left out, and what to know."""

    figures: list[tuple[int, str]]
    rows: int
    left_out: int
    first_refused: list[StoredRefusal]
    notes: list[str]


def report_of(counts: Mapping[str, int], stored: StoredCheck | None) -> Report:
    """Return the report: always how many are new, and of the others what is not 0."""
    return Report(
        [
            (counts.get(name, 0), words)
            for name, words in COUNTS.items()
            if counts.get(name) or name == "added"
        ],
        counts.get("rows", 0),
        sum(counts.get(name, 0) for name in LEFT_OUT),
        stored.first_refused if stored else [],
        _notes(stored) if stored else [],
    )


def _notes(stored: StoredCheck) -> list[str]:
    notes = [without_commands(each) for each in stored.notes]
    if stored.odd_count:
        rows = ", ".join(map(str, stored.odd_rows))
        notes.append(
            f"{counted(stored.odd_count, 'row', 'rows')} had characters that are not valid in UTF-8. Check these rows "
            f"for wrong characters: {rows}."
        )
    return notes
