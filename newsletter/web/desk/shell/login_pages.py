"""Logging in and out. Guesses are slowed down by newsletter/accounts/slow_down_password_guesses.py."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from newsletter.accounts.first_account_link import why_not_set_up
from newsletter.accounts.known_browsers_and_networks import DEVICE
from newsletter.accounts.slow_down_password_guesses import clear_failures, in_minutes, try_sign_in
from newsletter.accounts.who_may_log_in_locally import why_not_log_in_locally
from newsletter.web.desk.desk_page import show_failure, show_log_in
from newsletter.web.desk.resubmit_after_login import submitted_form
from newsletter.web.desk.shell.login_stages import log_in, show_again
from subscribers.views.public_page import network_address

WRONG, TOO_OFTEN, BY_PROVIDER_ONLY = "wrong", "too-often", "by-provider-only"


class LogInForm(AuthenticationForm):
    """Username and password. While a username has to wait, the password is not checked."""

    def clean(self) -> dict[str, Any]:
        """Check the username and password. Raises a ValidationError that does not tell whether the username exists."""
        name = str(self.cleaned_data.get("username", ""))
        if not (name and self.cleaned_data.get("password")):
            return self.cleaned_data
        request = self.request
        address = network_address(request) if request else ""
        device = request.COOKIES.get(DEVICE, "") if request else ""
        wait = try_sign_in(name, address, device=device)
        if wait:
            raise ValidationError(
                f"You have entered too many wrong passwords. Wait {in_minutes(wait)}, or ask an administrator to "
                "change your password.",
                code=TOO_OFTEN,
            )
        try:
            found = super().clean()
        except ValidationError as error:
            raise ValidationError(
                "The username or password is wrong. Check both and try again.", code=WRONG
            ) from error
        clear_failures(name, address, device=device)
        sentence = why_not_log_in_locally(self.get_user(), request.session) if request else ""
        if sentence:
            raise ValidationError(sentence, code=BY_PROVIDER_ONLY)
        return found


class LogIn(LoginView):
    """The login page. `next` leads back to the page the user came from, if it is on this site.

    A form that was submitted after the session had ended is shown again (see resubmit_after_login.py).
    """

    authentication_form = LogInForm

    def get(self, request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        """Show the form, or how to begin while nobody has an account."""
        if not why_not_set_up():
            return HttpResponseRedirect(reverse("desk:start"), status=303)
        return super().get(request, *arguments, **named)

    def form_valid(self, form: Any) -> HttpResponse:
        """Log the user in, or lead to the second factor."""
        return log_in(
            self.request,
            form.get_user(),
            next_path=self.get_success_url(),
            kept=self.request.POST.get("kept", ""),
        )

    def render_to_response(self, context: dict[str, Any], **_named: Any) -> HttpResponse:
        """Show the form, with a sentence if the login failed."""
        form = context["form"]
        codes = {error.code for error in form.non_field_errors().as_data()}
        status = 429 if TOO_OFTEN in codes else 422 if form.errors else 200
        sentence = " ".join(form.non_field_errors()) or (
            "Enter your username and password." if form.errors else ""
        )
        return show_log_in(
            self.request,
            status=status,
            sentence=sentence,
            name=form["username"].value() or "",
            next_path=self.get_redirect_url(),
            ended="ended" in self.request.GET,
            kept=self.request.POST.get("kept", ""),
        )


class LogOut(LogoutView):
    """Log the user out. Only a POST does: a GET leads to the first page."""

    def http_method_not_allowed(self, *_arguments: Any, **_named: Any) -> HttpResponse:
        """Lead to the first page of the desk."""
        return HttpResponseRedirect(reverse("desk:dashboard"), status=303)


def form_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Answer a form with a wrong token: usually it was open for too long, or the user has logged in again since.

    What was typed on our own pages is shown again. A form from elsewhere is refused.
    """
    kept = submitted_form(request)
    if not kept:
        return show_failure(
            request,
            403,
            "Nothing was changed, because this form has expired or you have logged in again since opening "
            "it. Go back, reload the page and try again.",
        )
    if request.user.is_authenticated:
        answer = show_again(request, kept)
        answer.status_code = 403
        return answer
    return show_log_in(request, status=403, next_path=request.path, ended=True, kept=kept.signed())
