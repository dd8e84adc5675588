"""Removes NUL from what a browser sends: no text needs it, and PostgreSQL refuses a text that has one.

The token of a link is compared whole. So a token with NUL becomes an empty one, which opens nothing.
"""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

NUL, ENCODED = "\0", "%00"
_TOKEN_WITH_NUL = re.compile(r"(?:(?<=&)|^)token=[^&]*%00[^&]*")


def without_nul(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Make the middleware that removes NUL from the query of every request."""

    def answer_cleaned(request: HttpRequest) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        if ENCODED in query:
            request.META["QUERY_STRING"] = _query_without_nul(query)
        return answer(request)

    return answer_cleaned


def remove_nul_from_form(request: HttpRequest) -> None:
    """Remove NUL from every field of a form, and tokens that have one."""
    form = request.POST
    if any(NUL in value for _name, values in form.lists() for value in values):
        cleaned = form.copy()
        for name, values in form.lists():
            cleaned.setlist(name, [_without_nul(name, value) for value in values])
        request.POST = cleaned  # type: ignore[assignment] # Django has a setter for it


def _query_without_nul(query: str) -> str:
    query = _TOKEN_WITH_NUL.sub("token=", query)
    # Again, because what is left may form another one: %%0000.
    while ENCODED in query:
        query = query.replace(ENCODED, "")
    return query


def _without_nul(name: str, value: str) -> str:
    return "" if name == "token" and NUL in value else value.replace(NUL, "")
