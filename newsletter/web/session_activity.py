"""Middleware that notes when a session was last used, for the list of sessions. It writes every ten minutes at most."""

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace

from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from newsletter.accounts.session_store import stored_key

SEEN = "seen_at"
EVERY = timedelta(minutes=10)


def track_session(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Make the middleware."""

    def answer_and_track(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        if request.user.is_authenticated and _is_due(request.session.get(SEEN)):
            note_session(request)
        return response

    return answer_and_track


def note_session(request: HttpRequest) -> None:
    """Note the time in the session and in its row, which is made if there is none."""
    now = timezone.now()
    if not request.session.session_key:
        request.session.save()
    key = stored_key(request.session.session_key or "")
    if not UserSession.objects.filter(session_key=key).update(last_seen_at=now):
        # allauth takes nothing but the key from it, and would store the key itself.
        UserSession.objects.create_from_request(request, session=SimpleNamespace(session_key=key))
    request.session[SEEN] = now.isoformat()


def _is_due(seen: str | None) -> bool:
    """Return whether a session that our login page began has not been noted for a while."""
    if not seen:
        return False
    try:
        return abs(timezone.now() - datetime.fromisoformat(seen)) >= EVERY
    except ValueError:
        return True
