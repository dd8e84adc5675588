"""A forgotten password: asking for the link, and choosing a new password with it."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from newsletter.accounts.forgotten_password import ask_for_new_password, set_forgotten_password, user_of_link
from newsletter.errors import InvalidFields, NewsletterError
from newsletter.web.desk.account.slow_down_link_guesses import closed_link
from newsletter.web.desk.desk_page import show
from newsletter.web.nul_removal import remove_nul_from_form
from subscribers.views.public_page import network_address

LINKS = "new password"


@never_cache
def forgotten_password(request: HttpRequest) -> HttpResponse:
    """Ask for the name or address. The answer is the same for those that we know and those that we do not."""
    if request.method != "POST":
        return show(request, "account/forgotten", name="", errors={"name": ""})
    remove_nul_from_form(request)
    name = request.POST.get("name", "").strip()
    try:
        ask_for_new_password(name, network_address(request))
    except InvalidFields as error:
        return show(request, "account/forgotten", status=422, name=name, errors=error.fields)
    except NewsletterError as error:
        return show(request, "account/forgotten", status=429, name=name, errors={"name": str(error)})
    return HttpResponseRedirect(reverse("desk:forgotten-password-sent"), status=303)


@never_cache
def forgotten_password_sent(request: HttpRequest) -> HttpResponse:
    """Say that the email is under way, if there is such an account."""
    return show(request, "account/forgotten_sent")


@sensitive_post_parameters("password")
@never_cache
def new_password(request: HttpRequest) -> HttpResponse:
    """Show the form of the new password to somebody with the link, or change the password."""
    remove_nul_from_form(request)
    sent = request.method == "POST"
    token = (request.POST if sent else request.GET).get("token", "")
    name = ""
    try:
        name = user_of_link(token).get_username()
        if not sent:
            return _form(request, token, name, {})
        set_forgotten_password(token, password=request.POST.get("password", ""))
    except InvalidFields as error:
        return _form(request, token, name, error.fields)
    except NewsletterError as error:
        return closed_link(request, LINKS, error)
    messages.success(request, "Your password was changed. Log in with your new password.")
    return HttpResponseRedirect(reverse("desk:log-in"), status=303)


def _form(request: HttpRequest, token: str, name: str, errors: Mapping[str, str]) -> HttpResponse:
    return show(
        request,
        "account/new_password",
        status=422 if errors else 200,
        token=token,
        name=name,
        errors={"password": "", **errors},
        summary=list(errors.items()),
    )
