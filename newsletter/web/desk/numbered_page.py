"""One page of a list that has a few thousand rows at the most, chosen by its number in the address."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest

from subscribers.whole_numbers import whole_number

Row = TypeVar("Row")
MAX_DIGITS = 4


@dataclass(frozen=True, slots=True)
class PageLinks:
    """The number of a page, and the addresses of the pages before and after. An empty one does not exist."""

    page: int
    previous: str
    next: str


def numbered_page(
    request: HttpRequest,
    found: QuerySet[Any, Row],
    *,
    per_page: int,
    name: str = "page",
    part: str = "",
    kept: Mapping[str, str] | None = None,
) -> tuple[list[Row], PageLinks]:
    """Return the rows of the page that the address asks for, or the first one, and the pages around it.

    `name` is the field of the address that has the number, and `part` the id of the list on its page. `kept` are the
    other fields of the address, such as the words of a search.
    """
    page = page_number(request.GET.get(name, ""))
    start = (page - 1) * per_page
    rows = list(found[start : start + per_page + 1])
    place = f"#{part}" if part else ""

    def link(number: int) -> str:
        return f"?{urlencode({name: number, **(kept or {})})}{place}"

    return rows[:per_page], PageLinks(
        page=page,
        previous=link(page - 1) if page > 1 else "",
        next=link(page + 1) if len(rows) > per_page else "",
    )


def page_number(text: str) -> int:
    """Return the number of a page that a form or an address names, or 1."""
    return max(1, whole_number(text, digits=MAX_DIGITS) or 1)
