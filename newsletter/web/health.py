"""Whether this process answers (`/healthz`), and whether it can do its work (`/readyz`): for machines that watch it.

They answer before everything else, so that they depend on no host name, session or page.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from newsletter.sending import heartbeat
from newsletter.sending.doctor.database import why_not_ready

Answer = Callable[[HttpRequest], HttpResponse]


def answering_health(get_response: Answer) -> Answer:
    """A middleware: the two addresses, and everything else as it was."""

    def answer(request: HttpRequest) -> HttpResponse:
        view = VIEWS.get(request.path_info)
        if view is None:
            return get_response(request)
        return view() if request.method in {"GET", "HEAD"} else HttpResponseNotAllowed(["GET", "HEAD"])

    return answer


def healthz() -> HttpResponse:
    """200: this process answers. The database is not asked."""
    return _said("Alive.")


def readyz() -> HttpResponse:
    """200: the database is there, with every change to its tables; and when the clock last ticked. 503: why not."""
    sentence = why_not_ready()
    if sentence:
        return _said(sentence, status=503)
    since = heartbeat.since()
    ticked = f"ticked {max(since.total_seconds(), 0):.0f} seconds ago" if since else "has never ticked"
    return _said(f"Ready. The clock {ticked}.")


def _said(sentence: str, status: int = 200) -> HttpResponse:
    answer = HttpResponse(f"{sentence}\n", status=status, content_type="text/plain; charset=utf-8")
    answer["Cache-Control"] = "no-store"
    return answer


VIEWS = {"/healthz": healthz, "/readyz": readyz}
