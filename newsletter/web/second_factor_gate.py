"""Middleware that reminds people whose role needs a second factor, and after the deadline lets them only set it up."""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect

from newsletter.accounts.reauthentication import RecentSignInNeededError
from newsletter.accounts.second_factor import has_second_factor, second_factor_deadline
from newsletter.web.ask_to_reauthenticate import ask_again

# When we last saw in this session that the user has a second factor, in seconds.
SEEN, VALID_SECONDS = "second_factor_seen", 600
DEADLINE = "second_factor_deadline"
# In the session of somebody whose provider has asked for a second factor (NEWSLETTER_OIDC_SECOND_FACTOR).
BY_PROVIDER = "second_factor_by_provider"


def gate(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Make the middleware. It asks the database only if NEWSLETTER_SECOND_FACTOR_ROLES names a role."""

    def answer_or_ask(request: HttpRequest) -> HttpResponse:
        if not settings.NEWSLETTER.second_factor_roles or not _needs_login(request):
            return answer(request)
        if not request.user.is_authenticated or _seen_lately(request):
            return answer(request)
        deadline = second_factor_deadline(request.user)
        if deadline is None:
            _note_factor(request)
        elif deadline <= timezone.now() and not _is_open(request):
            return _lead_to_account(request)
        setattr(request, DEADLINE, deadline)
        return answer(request)

    answer_or_ask.process_exception = _ask_outside_the_desk  # type: ignore[attr-defined]  # Django asks for it
    return answer_or_ask


def _ask_outside_the_desk(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """Ask again who it is where no view of the desk does it, as in the administration."""
    return ask_again(request) if isinstance(error, RecentSignInNeededError) else None


def deadline_of(request: HttpRequest) -> Any:
    """Return until when the user has to set up a second factor, or None."""
    return getattr(request, DEADLINE, None)


def _needs_login(request: HttpRequest) -> bool:
    return request.path.startswith((reverse("desk:dashboard"), reverse("admin:index")))


def _is_open(request: HttpRequest) -> bool:
    """Return whether the page is needed to set up a second factor, or to leave."""
    ways_out = {reverse("desk:log-in"), reverse("desk:log-out")}
    return request.path in ways_out or request.path.startswith(reverse("desk:account"))


def _lead_to_account(request: HttpRequest) -> HttpResponse:
    if getattr(request, "htmx", False) or request.headers.get("HX-Request"):
        return HttpResponseClientRedirect(reverse("desk:account"))
    return HttpResponseRedirect(reverse("desk:account"), status=303)


def _seen_lately(request: HttpRequest) -> bool:
    if request.session.get(BY_PROVIDER):
        return True
    return bool(0 <= time.time() - request.session.get(SEEN, 0) < VALID_SECONDS)


def _note_factor(request: HttpRequest) -> None:
    if has_second_factor(request.user):
        request.session[SEEN] = time.time()
