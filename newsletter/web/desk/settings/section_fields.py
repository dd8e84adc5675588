"""The form of the sections of a publication: a row for each, in their order, with the topics that it takes."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict

from newsletter.errors import InvalidFields
from newsletter.issues.models import Publication
from newsletter.issues.selection_rule import check_sections
from subscribers.whole_numbers import whole_number

BLANK_ROWS = 2
MAX_ROWS = 30
LONGEST_TITLE = 200


def stored_values(publication: Publication) -> dict[str, Any]:
    """Return what the form shows of a publication's sections: their rows, and blank rows to add to."""
    return {
        "rows": _with_blank(
            [_row(each.get("title", ""), each.get("topics", [])) for each in publication.sections]
        )
    }


def typed_values(form: QueryDict) -> dict[str, Any]:
    """Return the rows that were typed, to show them again. A button that moves a row has moved it."""
    numbers = list(dict.fromkeys(each for each in form.getlist("row") if whole_number(each) is not None))
    direction, _, moved = form.get("move", "").partition(":")
    if moved in numbers:
        place = numbers.index(moved)
        numbers.insert(max(0, place + (1 if direction == "down" else -1)), numbers.pop(place))
    rows = [
        _row(form.get(f"title-{number}", ""), form.getlist(f"topics-{number}"), is_moved=number == moved)
        for number in numbers[:MAX_ROWS]
    ]
    return {"rows": _with_blank([row for row in rows if row["title"].strip() or row["topics"]])}


def settings_of_form(form: QueryDict) -> dict[str, Any]:
    """Return the sections that the form describes. Raises InvalidFields with the row that is wrong."""
    rows = [row for row in typed_values(form)["rows"] if row["title"].strip() or row["topics"]]
    wrong: dict[str, str] = {}
    titles: set[str] = set()
    for number, row in enumerate(rows):
        title = " ".join(row["title"].split())
        if not title:
            wrong[f"title-{number}"] = "Enter a title for this section, or remove its topics."
        elif len(title) > LONGEST_TITLE:
            wrong[f"title-{number}"] = f"The title of a section can have at most {LONGEST_TITLE} characters."
        elif title in titles:
            wrong[f"title-{number}"] = (
                f"Another section is already called “{title}”. Choose a different title."
            )
        titles.add(title)
    without = [number for number, row in enumerate(rows) if not row["topics"]]
    for number in without[1:]:
        wrong.setdefault(
            f"title-{number}",
            "Choose topics for this section. Only one section can have no topics, because all other articles appear "
            "there.",
        )
    if wrong:
        raise InvalidFields(wrong)
    sections = [{"title": " ".join(row["title"].split()), "topics": row["topics"]} for row in rows]
    try:
        check_sections(sections)
    except ValidationError as error:
        raise InvalidFields({"title-0": error.messages[0]}) from error
    return {"sections": sections}


def in_words(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return sections as a page says them: titles and topics."""
    return [
        (str(each["title"]), ", ".join(each.get("topics", ())) or "all other articles")
        for each in values.get("sections", ())
    ]


def is_only_moving(form: QueryDict) -> bool:
    """Return whether a button only moved a row, which saves nothing."""
    return "move" in form


def _row(title: str, topics: list[str], *, is_moved: bool = False) -> dict[str, Any]:
    return {"title": str(title), "topics": [str(topic) for topic in topics], "is_moved": is_moved}


def _with_blank(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [*rows, *(_row("", []) for _ in range(BLANK_ROWS))][:MAX_ROWS]
