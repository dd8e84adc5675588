"""The search box above a list that can be long. It is shown if people would have to look for a row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from subscribers.matching_words import matching_words

Row = TypeVar("Row", bound=Model)
FEW = 20


@dataclass(frozen=True, slots=True)
class SearchBox:
    """The words that somebody searched for, whether the page shows the box, and if it does, how many rows match."""

    words: str
    is_shown: bool
    count: int = 0

    @property
    def kept(self) -> dict[str, str]:
        """The field of the address that the links to other pages keep."""
        return {"q": self.words} if self.words else {}


def search_list(
    request: HttpRequest, rows: QuerySet[Row, Any], fields: Sequence[str]
) -> tuple[QuerySet[Row, Any], SearchBox]:
    """Return the rows in whose fields the words of the address occur, and the search box."""
    words = request.GET.get("q", "").strip()
    is_shown = bool(words) or rows.order_by()[FEW : FEW + 1].exists()
    found = rows.filter(matching_words(words, fields))
    return found, SearchBox(words, is_shown, found.order_by().count() if is_shown else 0)
