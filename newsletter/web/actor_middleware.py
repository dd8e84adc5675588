"""Middleware that makes the logged-in user the actor of their request. A visitor acts without any role."""

from collections.abc import Callable
from dataclasses import replace

from django.http import HttpRequest, HttpResponse

from newsletter.accounts.actor import Actor, acting_as
from newsletter.accounts.reauthentication import is_recent_sign_in
from newsletter.accounts.users import actor_of

VISITOR = Actor("")


def set_actor(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Make the middleware. The database is only queried for requests with a session."""

    def answer_as(request: HttpRequest) -> HttpResponse:
        with acting_as(_actor_of(request)):
            return answer(request)

    return answer_as


def _actor_of(request: HttpRequest) -> Actor:
    if not request.user.is_authenticated:
        return VISITOR
    return replace(actor_of(request.user), confirmed=is_recent_sign_in(request))
