"""Tells the browser that the server has what somebody typed into a form, so that the browser need not keep it.

keep_forms.js gives a form that it keeps a random name when it is sent. The answer to an act that succeeded returns that
name in a cookie, and the next page forgets the text. An answer that leads on does so by itself; one that shows what was
made, such as a secret that no other page shows, says so with `say_stored_now`.
"""

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse

COOKIE = "desk-stored"
FIELD = "kept_as"
SECONDS = 24 * 60 * 60
_NAME = re.compile(r"[a-z0-9]{1,20}")


def say_stored(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Name the form that a request sent in a cookie of the response, if the act succeeded and leads on."""
    return say_stored_now(request, response) if response.status_code == 303 else response  # noqa: PLR2004 - See Other


def say_stored_now(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Name the form that a request sent in a cookie of the response. The act has succeeded."""
    name = request.POST.get(FIELD, "") if request.method == "POST" else ""
    if _NAME.fullmatch(name):
        response.set_cookie(
            COOKIE,
            name,
            max_age=SECONDS,
            path=settings.SESSION_COOKIE_PATH,
            secure=bool(settings.SESSION_COOKIE_SECURE),
            httponly=False,
            samesite="Lax",
        )
    return response
