"""Asks a person who is logged in to prove again who they are, and then goes on with what they had asked for."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect


def ask_again(request: HttpRequest) -> HttpResponse:
    """Lead to the page that asks, and keep a form in the session until the person has answered."""
    # Inside another Django site, which asks for itself, allauth is not installed.
    from allauth.account.internal.flows.reauthentication import suspend_request

    answer = suspend_request(request, reverse("account_reauthenticate"))
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(answer["Location"])
    return answer  # type: ignore[no-any-return]  # allauth has no types
