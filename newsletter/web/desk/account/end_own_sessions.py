"""Ending one's own sessions elsewhere."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.accounts.record_account_activity import record_ended_sessions
from newsletter.accounts.user_sessions import end_session, end_sessions
from newsletter.errors import NotFound
from newsletter.web.desk.account.account_page import own_account
from newsletter.web.desk.desk_page import done
from subscribers.phrases import counted
from subscribers.whole_numbers import whole_number


@own_account("POST")
def end(request: HttpRequest) -> HttpResponse:
    """End one session of the person who is logged in."""
    number = whole_number(request.POST.get("session", ""))
    if number is None:
        raise NotFound("This session has already ended.")
    end_session(request.user, number)
    record_ended_sessions(request.user, 1)
    return done(request, "The session has ended.", f"{reverse('desk:account')}#sessions")


@own_account("POST")
def end_others(request: HttpRequest) -> HttpResponse:
    """End all sessions of the person who is logged in, except this one."""
    ended = end_sessions(request.user, other_than=request.session.session_key or "")
    record_ended_sessions(request.user, ended)
    sentence = f"{counted(ended, 'session', 'sessions')} ended."
    return done(request, sentence, f"{reverse('desk:account')}#sessions")
