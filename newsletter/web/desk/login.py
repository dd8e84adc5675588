"""Logging in and out. How guesses are slowed down, and why nobody is locked out: newsletter/accounts/sign_in.py."""

import math
from typing import Any

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.accounts.sign_in import DEVICE_DAYS, clear_failures, device_of, try_sign_in
from newsletter.web.desk.desk_page import show
from subscribers.views.public_page import network_address

WRONG, TOO_OFTEN = "wrong", "too-often"
# What a browser keeps from signing in once: see sign_in.device_of.
DEVICE = "device"
DAY = 86_400


class LogInForm(AuthenticationForm):
    """Name and password. While a name has to wait, no password is looked at."""

    def clean(self) -> dict[str, Any]:
        """Who they are. Raises ValidationError, which does not say whether the name is known."""
        name = str(self.cleaned_data.get("username", ""))
        if not (name and self.cleaned_data.get("password")):
            return self.cleaned_data
        request = self.request
        address = network_address(request) if request else ""
        device = request.COOKIES.get(DEVICE, "") if request else ""
        wait = try_sign_in(name, address, device=device)
        if wait:
            minutes = math.ceil(wait.total_seconds() / 60)
            raise ValidationError(
                "There were too many wrong passwords. Wait "
                f"{minutes} minute{'s' * (minutes > 1)}, or ask an administrator to reset your password.",
                code=TOO_OFTEN,
            )
        try:
            found = super().clean()
        except ValidationError as error:
            raise ValidationError("The name or the password is wrong.", code=WRONG) from error
        clear_failures(name, address, device=device)
        return found


class LogIn(LoginView):
    """The page to log in; `next` leads back to where somebody came from, if that is here."""

    authentication_form = LogInForm

    def form_valid(self, form: Any) -> HttpResponse:
        """Let them in, and let this browser be known from now on."""
        answer = super().form_valid(form)
        answer.set_cookie(
            DEVICE,
            device_of(form.cleaned_data["username"]),
            max_age=DEVICE_DAYS * DAY,
            path=reverse("desk:log-in"),
            secure=bool(settings.SESSION_COOKIE_SECURE),
            httponly=True,
            samesite="Lax",
        )
        return answer

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
        "error",
        status=403,
        sentence="This form was open for too long, or you have logged in anew since. Nothing was done. Go back: "
        "what you typed is still there. Copy it, load the page again, put it in and send it once more.",
    )
