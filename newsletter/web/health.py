"""Whether this process answers (`/healthz`), and whether it can do its work (`/readyz`): for machines that watch it.

They answer before everything else, so that they depend on no host name, session or page. A clock that stands still is
an alarm, but no reason to send a web server no readers: docs/decisions/0014-a-stopped-scheduler.md.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from newsletter.instance import scheduler_heartbeat
from newsletter.schema_check import why_not_usable
from subscribers import suppression

Answer = Callable[[HttpRequest], HttpResponse]


def answering_health(get_response: Answer) -> Answer:
    """A middleware: the two addresses, and everything else as it was."""

    def answer(request: HttpRequest) -> HttpResponse:
        view = VIEWS.get(request.path_info)
        if view is None:
            return get_response(request)
        said = view(request) if request.method in {"GET", "HEAD"} else HttpResponseNotAllowed(["GET", "HEAD"])
        # The middleware that says how long an answer is comes later, and is not reached.
        said["Content-Length"] = str(len(said.content))
        return said

    return answer


def healthz(_request: HttpRequest) -> HttpResponse:
    """200: this process answers. The database is not asked."""
    return _said("Alive.")


def readyz(request: HttpRequest) -> HttpResponse:
    """200: this version can work on the database. 503: why it cannot.

    A second line that begins with "Alarm" says that the clock stands still, or that a secret key is missing. For a
    monitor that reads the status alone, `/readyz?scheduler=1` is 503 then.
    """
    sentence = why_not_usable()
    if sentence:
        return _said(sentence, status=503)
    ago = scheduler_heartbeat.heartbeat_age()
    # With a key missing, too, people may unsubscribe here: a load balancer must not take this process out.
    alarm = suppression.why_not_look_up() or scheduler_heartbeat.why_overdue(ago)
    if alarm or ago is None:
        return _said(f"Ready.\nAlarm: {alarm}", status=503 if "scheduler" in request.GET else 200)
    return _said(f"Ready. The scheduler ticked {abs(ago.total_seconds()):.0f} seconds ago.")


def _said(sentence: str, status: int = 200) -> HttpResponse:
    answer = HttpResponse(f"{sentence}\n", status=status, content_type="text/plain; charset=utf-8")
    answer["Cache-Control"] = "no-store"
    return answer


VIEWS = {"/healthz": healthz, "/readyz": readyz}
