"""Logging in and out. Guesses are counted, so that nobody tries many passwords for one name or from one network."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from newsletter.web.desk.page import show
from subscribers import limits
from subscribers.views.page import network_address

SPAN = timedelta(minutes=15)
# From one network for one name, from one network, for one name.
AT_MOST_BOTH, AT_MOST_NETWORK, AT_MOST_NAME = 10, 40, 100
WRONG, TOO_OFTEN = "wrong", "too-often"


class LogInForm(AuthenticationForm):
    """Name and password. Every try counts, and beyond the limits no password is looked at."""

    def clean(self) -> dict[str, Any]:
        """Who they are. Raises ValidationError, which does not say whether the name is known."""
        name = str(self.cleaned_data.get("username", "")).strip().casefold()[:150]
        if not _may_try(name, self.request):
            raise ValidationError(
                "Too many tries. Wait a quarter of an hour, or ask an administrator: `newsletter users password`.",
                code=TOO_OFTEN,
            )
        try:
            return super().clean()
        except ValidationError as error:
            raise ValidationError("The name or the password is wrong.", code=WRONG) from error


class LogIn(LoginView):
    """The page to log in; `next` leads back to where somebody came from, if that is here."""

    authentication_form = LogInForm

    def render_to_response(self, context: dict[str, Any], **_named: Any) -> HttpResponse:
        """The form, with a sentence if it was not them."""
        form = context["form"]
        codes = {error.code for error in form.non_field_errors().as_data()}
        status = 429 if TOO_OFTEN in codes else 422 if form.errors else 200
        sentence = " ".join(form.non_field_errors()) or (
            "Give your name and your password." if form.errors else ""
        )
        return show(
            self.request,
            "log_in",
            status=status,
            sentence=sentence,
            name=form["username"].value() or "",
            next=self.get_redirect_url(),
        )


class LogOut(LogoutView):
    """Log out, by a POST alone."""


def form_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """The page for a form whose token does not fit: mostly it was open for too long, or in two windows."""
    return show(
        request,
        "problem",
        status=403,
        sentence="This form was open for too long, or you have logged in anew since. Nothing was done. Go back, "
        "load the page again, and send it once more.",
    )


def _may_try(name: str, request: HttpRequest | None) -> bool:
    network = limits.network_of(network_address(request)) if request else ""
    tallies = (
        ("log-in", f"{network} {name}", AT_MOST_BOTH),
        ("log-in-network", network, AT_MOST_NETWORK),
        ("log-in-name", name, AT_MOST_NAME),
    )
    return all(limits.allows(what, who, at_most=most, span=SPAN) for what, who, most in tallies)
