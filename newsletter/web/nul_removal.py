"""Removes NUL from what a browser sends: no text needs it, and PostgreSQL refuses a text that has one."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

NUL, ENCODED = "\0", "%00"


def without_nul(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Make the middleware that removes NUL from the query of every request."""

    def answer_cleaned(request: HttpRequest) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        # Again, because what is left may form another one: %%0000.
        while ENCODED in query:
            query = query.replace(ENCODED, "")
            request.META["QUERY_STRING"] = query
        return answer(request)

    return answer_cleaned


def remove_nul_from_form(request: HttpRequest) -> None:
    """Remove NUL from every field of a form."""
    form = request.POST
    if any(NUL in value for _name, values in form.lists() for value in values):
        cleaned = form.copy()
        for name, values in form.lists():
            cleaned.setlist(name, [value.replace(NUL, "") for value in values])
        request.POST = cleaned  # type: ignore[assignment] # Django has a setter for it
