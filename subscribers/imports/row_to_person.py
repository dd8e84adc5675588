"""From the cells of a row to a person ready for the staging table, or the reason why not.

This runs once for every row of a file, so the everyday row (a plain address, plain names) takes the short way.
"""

from collections.abc import Iterable, Iterator, Mapping

from subscribers.email_addresses import Address, parse, plain
from subscribers.errors import Invalid
from subscribers.imports import clean_cells as cell
from subscribers.imports import column_mapping
from subscribers.imports.address_cells import addresses_in, is_about_addresses, without_wrapping
from subscribers.imports.column_doubts import ColumnDoubts
from subscribers.imports.csv_records import Cells, UnreadableRow
from subscribers.imports.drop_unusable_values import RowSideValues, SideValues
from subscribers.imports.other_columns import OtherColumns
from subscribers.imports.refused_bases import RefusedBases
from subscribers.imports.stage_or_refuse_row import RejectedRow, StagedRow, sentence
from subscribers.imports.status_at_other_service import ImportStatus
from subscribers.lawful_basis import ON_CONSENT


class RowReader:
    """Reads the rows of one file into the fields that its mapping names."""

    def __init__(
        self,
        columns: column_mapping.ColumnMapping,
        topics: Mapping[str, str],
        *,
        doubts: ColumnDoubts | None = None,
        notes: SideValues | None = None,
        refused_bases: RefusedBases | None = None,
    ) -> None:
        """`topics` gives the slug for every slug and lower-case name of the list's topics.

        `doubts` and `notes` collect what a person has to decide, and what was not used for what its column is for.
        `refused_bases` collects which lawful bases a row rules out for the person.
        """
        self._width = len(columns.columns)
        self._address = columns.columns[columns.index_of("address")]
        self._other_addresses = [
            column for column in columns.having("attribute:") if is_about_addresses(column.heading)
        ]
        self._names = tuple(
            next((column for column in columns.columns if column.target == target), None)
            for target in ("first_name", "last_name")
        )
        self._notes = SideValues() if notes is None else notes
        doubts = ColumnDoubts(columns) if doubts is None else doubts
        self._others = OtherColumns(columns, topics, doubts, refused_bases or RefusedBases())
        self._is_everyday = not _has_others(columns) and not doubts.watched

    def read(self, records: Iterable[tuple[int, Cells | UnreadableRow]]) -> Iterator[StagedRow | RejectedRow]:
        """A person or a refusal for every row that is not blank."""
        at, width, is_everyday = self._address.index, self._width, self._is_everyday
        first_at, last_at = (column.index if column else -1 for column in self._names)
        for row, found in records:
            if isinstance(found, UnreadableRow):
                yield RejectedRow(row, sentence(found.reason), [found.text])
                continue
            if len(found) != width:
                if not any(map(str.strip, found)):
                    continue
                found = found + [""] * (width - len(found))  # noqa: PLW2901 - the same row, made whole
            address = found[at]
            first = found[first_at] if first_at >= 0 else ""
            last = found[last_at] if last_at >= 0 else ""
            if (
                is_everyday
                and len(found) == width
                and plain(address)
                and _is_simple(first)
                and _is_simple(last)
            ):
                key = address.lower()
                address_or_none = None if key == address else address
                yield StagedRow(row, row, key, address_or_none, first, last, "", "", *(None,) * 7)
                continue
            if not any(map(str.strip, found)):
                continue
            try:
                yield self._carefully(row, found)
            except Invalid as reason:
                yield RejectedRow(row, sentence(str(reason)), found)

    def _carefully(self, row: int, found: Cells) -> StagedRow:
        self._others.look_for_doubts(found)
        if any(map(str.strip, found[self._width :])):
            raise Invalid(f"the row has {len(found)} cells, but the first row of the file has {self._width}")
        side = RowSideValues(row, self._notes)
        text = self._address_cell(found, side)
        first, last = (
            side.read(column, cell.name, found[column.index], "") if column else "" for column in self._names
        )
        if plain(text):
            return self._others.added_to(side, (row, text.lower(), text), (first, last), found)
        person = self._address_of(text, side)
        if person.name and not (first or last):
            first, last = cell.halves(side.read(self._address, cell.name, person.name, ""))
        return self._others.added_to(side, (row, person.key, person.address), (first, last), found)

    def _address_cell(self, found: Cells, side: RowSideValues) -> str:
        """The cell of the address; where it has none, the first of another column of addresses that has one."""
        text = found[self._address.index]
        if "@" in text:
            return text
        for column in self._other_addresses:
            if addresses_in(found[column.index]):
                side.note(
                    column,
                    f"we used the address in this column, because {self._address.title} has no address",
                )
                return found[column.index]
        return text

    def _address_of(self, text: str, side: RowSideValues) -> Address:
        """The address of a cell; of several, the first."""
        try:
            return parse(without_wrapping(text))
        except Invalid:
            addresses = addresses_in(text)
            if len(addresses) < 2:  # noqa: PLR2004 - one that the check refused
                raise
        first = parse(addresses[0])
        side.kept["other_addresses"] = ", ".join(addresses[1:])[: cell.LONGEST_ATTRIBUTE]
        side.note(
            self._address,
            "the cell contains several addresses. We use the first and keep the others in the detail "
            "other_addresses",
        )
        return first


def _has_others(columns: column_mapping.ColumnMapping) -> bool:
    return (
        columns.everyone is not ImportStatus.ACTIVE
        or columns.on != ON_CONSENT
        or any(
            column.target not in {"address", "first_name", "last_name", "ignore"}
            for column in columns.columns
        )
    )


def _is_simple(name: str) -> bool:
    return not name or (name.isascii() and name.isalnum() and len(name) <= cell.LONGEST_NAME)
