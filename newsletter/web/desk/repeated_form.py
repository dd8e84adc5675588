"""Answers a form that arrives again, as after a double click, like the first time.

A browser shows the response to the last of several clicks. The first click has done the act, so the others are refused,
and the page would name a mistake that nobody made. So we keep for half a minute where a form led. The same form leads
there too if it is refused, unless anybody has done anything since, because what the first click did may no longer hold.
The token of a form changes when its page is loaded again, so an earlier form never stands for a later one. Acts that
make something do so once (accounts/form_idempotency.py).
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from threading import Event, Lock

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from newsletter.issues.models import AuditEntry

KEPT_SECONDS = 30
# While the first form is answered, the others wait at most this long for where it leads.
LONGEST_WAIT_SECONDS = 5.0
REFUSED = {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY}

_answering: dict[str, Event] = {}
_lock = Lock()


def answer_like_first(
    request: HttpRequest, respond: Callable[[], HttpResponse], lead_to: Callable[[str], HttpResponse]
) -> HttpResponse:
    """Answer a request with `respond`, or with `lead_to` and an address if the same form led there a moment ago, is
    refused now, and nothing was done in between.
    """
    token = request.POST.get("csrfmiddlewaretoken", "") or request.headers.get("X-CSRFToken", "")
    if request.method != "POST" or not token or not request.user.is_authenticated:
        return respond()
    key = _key_of(request, token)
    with _first_of(key) as first:
        response = respond()
        if address := _address_of(response):
            cache.set(key, (address, _last_act()), KEPT_SECONDS)
            return response
    if response.status_code not in REFUSED:
        return response
    if first is not None:
        first.wait(LONGEST_WAIT_SECONDS)
    address, last_act = cache.get(key, ("", 0))
    return lead_to(address) if address and _last_act() == last_act else response


def _last_act() -> int:
    """Return the number of the last entry in the audit log, or 0."""
    return AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


@contextmanager
def _first_of(key: str) -> Iterator[Event | None]:
    """Yield the event of the end of the same form that is being answered in this process, or None for the first."""
    mine = Event()
    with _lock:
        first = _answering.setdefault(key, mine)
    try:
        yield None if first is mine else first
    finally:
        if first is mine:
            with _lock:
                del _answering[key]
            mine.set()


def _key_of(request: HttpRequest, token: str) -> str:
    fields = sorted(request.POST.lists())
    files = sorted(
        (name, file.name or "", file.size or 0)
        for name in request.FILES
        for file in request.FILES.getlist(name)
    )
    form = [request.user.pk, request.get_full_path(), token, fields, files]
    return f"repeated-form-{hashlib.sha256(json.dumps(form).encode()).hexdigest()}"


def _address_of(response: HttpResponse) -> str:
    """Return where a response to an act that succeeded leads, or an empty string."""
    if response.status_code == HTTPStatus.SEE_OTHER:
        return str(response["Location"])
    if "HX-Location" in response:
        return str(json.loads(response["HX-Location"])["path"])
    return ""
