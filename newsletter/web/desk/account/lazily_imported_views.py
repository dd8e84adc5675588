"""Views whose modules are imported when they are first asked for: WebAuthn's libraries need memory and time to load."""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]
FOLDER = "newsletter.web.desk.account"


def view_on_demand(module: str, name: str) -> View:
    """Return a view that imports the class `name` from a module of this folder when it is first asked."""

    @cache
    def imported() -> View:
        found: Any = getattr(import_module(f"{FOLDER}.{module}"), name)
        view: View = found.as_view()
        return view

    def answer(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        return imported()(request, *arguments, **named)

    answer.__name__ = name
    return answer
