"""Lets whoever is logged in act while their request is answered; a visitor acts without any role."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from newsletter.accounts.actor import Actor, acting_as
from newsletter.accounts.users import actor_of

VISITOR = Actor("")


def acting_user(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """The middleware. Only a request that carries a session asks the database who it is."""

    def answer_as(request: HttpRequest) -> HttpResponse:
        with acting_as(actor_of(request.user) if request.user.is_authenticated else VISITOR):
            return answer(request)

    return answer_as
