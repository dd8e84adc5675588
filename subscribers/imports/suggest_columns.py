"""Suggest what each column of a file means, from its heading and the cells of its first rows."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from subscribers.imports.address_cells import addresses_in, is_about_addresses
from subscribers.imports.column_aliases import attribute_name, field_of, is_whole_name_alone, plain_words
from subscribers.imports.column_doubts import could_speak
from subscribers.imports.column_mapping import JOINED, ONCE, Column
from subscribers.imports.consent_headings import is_about_confirmation, is_about_places, meaning_of
from subscribers.imports.parse_times import could_be_two, day_comes_first, read_time
from subscribers.imports.service_presets import Preset
from subscribers.imports.status_at_other_service import NO_TIME, status_of

ENOUGH_TIMES = 0.9
PLACES_TOO = frozenset(("state", "estado", "stato", "etat", "zustand", "toestand", "stan", "tillstand"))


def suggest_columns(
    headings: Sequence[str], cells: list[list[str]], preset: Preset | None
) -> tuple[Column, ...]:
    """Return what each column means, by its heading and its first cells, which are given by column."""
    targets = [_target(heading, cells[at], preset) for at, heading in enumerate(headings)]
    targets = _one_address(targets, headings, cells)
    targets = _whole_names(targets, headings)
    has_places = any(is_about_places(heading) for heading in headings)
    columns = [
        _column(at, headings[at], target, cells[at], preset=preset, has_places=has_places)
        for at, target in enumerate(_without_doubles(targets, headings))
    ]
    return tuple(_with_times_of_consent(columns, cells))


def _with_times_of_consent(columns: list[Column], cells: Sequence[Sequence[str]]) -> list[Column]:
    """Where no column says when people joined, the first with the times of their consent does so too."""
    if any(column.says_when_joined for column in columns):
        return columns
    for at, column in enumerate(columns):
        said = _consent_by_time(column)
        if said is not None and _are_times(cells[at]):
            joined = replace(column, target="joined", consent_too=said, is_in_doubt=False)
            return [*columns[:at], joined, *columns[at + 1 :]]
    return columns


def _are_times(cells: Sequence[str]) -> bool:
    """Whether nearly all cells are times that we can read. Of days such as 03/04/2025, too few are."""
    times = sum(bool(read_time(cell) or NO_TIME.fullmatch(cell)) for cell in cells)
    return bool(cells) and times >= ENOUGH_TIMES * len(cells)


def _consent_by_time(column: Column) -> str | None:
    """The field about consent that a time in this column answers, empty for none; None if it is not about consent."""
    if column.target in {"subscribed", "confirmed"}:
        return column.target
    if column.target == "attribute:opted_in_at":
        return ""
    if column.target.startswith("attribute:") and is_about_confirmation(column.heading):
        return "confirmed"
    return None


def _column(
    at: int, heading: str, target: str, cells: Sequence[str], *, preset: Preset | None, has_places: bool
) -> Column:
    is_free = target == "ignore" or target.startswith("attribute:")
    is_understood = heading.startswith("attribute:") or bool(preset and preset.decides(heading))
    words = preset.words.get(plain_words(heading), {}) if preset and target == "status" else {}
    return Column(
        at + 1,
        heading,
        target,
        is_in_doubt=is_free and not is_understood and could_speak(heading, cells, has_places=has_places),
        is_understood=(is_free and is_understood and not (preset and preset.holds_free_text(heading)))
        or bool(preset and plain_words(heading) in preset.reasons),
        is_blank=not cells,
        words=tuple(words.items()),
    )


def _target(heading: str, cells: Sequence[str], preset: Preset | None) -> str:
    if preset and (target := preset.target_of(heading)):
        return target
    if heading.startswith("attribute:") and heading[10:].strip():
        return heading  # as our own export writes it
    if plain_words(heading) == "attributes" and cells and _are_most(_is_json_object, cells):
        return "json"
    known = field_of(heading)
    if known and _fits(known, heading, cells):
        return known
    if meaning := _with_order(cells) if known == "joined" else "" if known else meaning_of(heading):
        return meaning
    return f"attribute:{name}" if (name := attribute_name(heading)) else "ignore"


def _fits(known: str, heading: str, cells: Sequence[str]) -> bool:
    """Whether the cells of a column are what its heading says."""
    if known == "status":
        # “State” may be a place. A status of which no word is known may say that people left.
        is_plain = plain_words(heading) not in PLACES_TOO
        return is_plain or not cells or any(map(status_of, cells))
    if known == "joined":
        times = [cell for cell in cells if not NO_TIME.fullmatch(cell)]
        return _are_most(read_time, times) and not any(map(could_be_two, times))
    if known == "address":
        # A heading such as “E-mail” or “Courriel” is believed; “Address” may be a street.
        return plain_words(heading) != "address" or not cells or any(map(is_address, cells))
    return True


def _with_order(cells: Sequence[str]) -> str:
    """Return the field for dates of which some could be two, if the others show what comes first; else empty."""
    day_first = day_comes_first(cells)
    times = [cell for cell in cells if not NO_TIME.fullmatch(cell)]
    if day_first is None or not _are_most(partial(read_time, day_first=day_first), times):
        return ""
    return next(field for field, order in JOINED.items() if order is day_first)


def _are_most(is_so: Callable[[str], object], cells: Sequence[str]) -> bool:
    """Whether this is true of at least half of the cells. The others are kept as attributes."""
    return 2 * sum(map(bool, map(is_so, cells))) >= len(cells)


def _is_json_object(cell: str) -> bool:
    return cell.lstrip("'").startswith("{")


def _one_address(targets: list[str], headings: Sequence[str], cells: Sequence[Sequence[str]]) -> list[str]:
    if "address" in targets:
        return targets
    counts = [sum(map(is_address, column)) for column in cells]
    named = [at for at, count in enumerate(counts) if count and is_about_addresses(headings[at])]
    if named:
        targets[named[0]] = "address"
    elif any(counts):
        targets[counts.index(max(counts))] = "address"
    return targets


def _whole_names(targets: list[str], headings: Sequence[str]) -> list[str]:
    """In “Nom, Prénom” and “Nome, Cognome”, a name beside half a name is the other half."""
    if "first_name" in targets and not {"name", "last_name"} & set(targets):
        at = targets.index("first_name")
        targets[at] = "name" if is_whole_name_alone(headings[at]) else "first_name"
    if "name" in targets:
        if "last_name" in targets and "first_name" not in targets:
            targets[targets.index("name")] = "first_name"
        elif "first_name" in targets and "last_name" not in targets:
            targets[targets.index("name")] = "last_name"
    return targets


def _without_doubles(targets: Sequence[str], headings: Sequence[str]) -> list[str]:
    """The first column of a field keeps it. The others become attributes with a number."""
    taken: set[str] = set()
    found = []
    for target, heading in zip(targets, headings, strict=True):
        if target in taken and (target in ONCE or ":" in target):
            name = target.partition(":")[2] or attribute_name(heading) or target
            number = 2
            while f"attribute:{name}_{number}" in taken:
                number += 1
            found.append(f"attribute:{name}_{number}")
        else:
            found.append(target)
        taken.add(found[-1])
    return found


def is_address(cell: str) -> bool:
    """Whether a cell is or contains an email address."""
    return bool(addresses_in(cell))
