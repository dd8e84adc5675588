"""Cleans what a browser sent to the desk, before a view reads it."""

from django.http import HttpRequest

NUL = "\0"


def remove_nul(request: HttpRequest) -> None:
    """Remove every NUL from the query and the form: PostgreSQL refuses a text that has one, and no text needs it."""
    for name in ("GET", "POST"):
        given = getattr(request, name)
        if any(NUL in value for _key, values in given.lists() for value in values):
            cleaned = given.copy()
            for key, values in given.lists():
                cleaned.setlist(key, [value.replace(NUL, "") for value in values])
            setattr(request, name, cleaned)
