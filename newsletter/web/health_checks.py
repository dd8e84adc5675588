"""Health checks for monitoring: whether this process answers (`/healthz`), and whether it can do its work (`/readyz`).

They come before all other middleware, so that they do not depend on a host name, session or page. A stopped scheduler
is an alarm, but not a reason to send readers elsewhere: docs/decisions/0014-a-stopped-scheduler.md.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from newsletter.instance import process_heartbeats
from newsletter.schema_check import why_not_usable
from subscribers import suppression

Answer = Callable[[HttpRequest], HttpResponse]


def health_checks(get_response: Answer) -> Answer:
    """Make middleware that answers the two URLs and passes on every other request."""

    def answer(request: HttpRequest) -> HttpResponse:
        view = VIEWS.get(request.path_info)
        if view is None:
            return get_response(request)
        response = (
            view(request) if request.method in {"GET", "HEAD"} else HttpResponseNotAllowed(["GET", "HEAD"])
        )
        # The middleware that sets Content-Length comes later and is not reached.
        response["Content-Length"] = str(len(response.content))
        return response

    return answer


def healthz(_request: HttpRequest) -> HttpResponse:
    """Answer 200, because this process runs. The database is not queried."""
    return _plain_text("Alive.")


def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 if this version can work with the database, else 503 with the reason.

    A second line that begins with "Alarm" means that the scheduler has stopped, or that a secret key is missing. For
    monitors that read only the status, `/readyz?scheduler=1` answers 503 in that case.
    """
    sentence = why_not_usable()
    if sentence:
        return _plain_text(sentence, status=503)
    ago = process_heartbeats.heartbeat_age()
    # People can unsubscribe even without the key, so a load balancer must not take this process out.
    alarm = suppression.why_not_look_up() or process_heartbeats.why_overdue(ago)
    if alarm or ago is None:
        return _plain_text(f"Ready.\nAlarm: {alarm}", status=503 if "scheduler" in request.GET else 200)
    return _plain_text(f"Ready. The scheduler last ran {abs(ago.total_seconds()):.0f} seconds ago.")


def _plain_text(sentence: str, status: int = 200) -> HttpResponse:
    answer = HttpResponse(f"{sentence}\n", status=status, content_type="text/plain; charset=utf-8")
    answer["Cache-Control"] = "no-store"
    return answer


VIEWS = {"/healthz": healthz, "/readyz": readyz}
