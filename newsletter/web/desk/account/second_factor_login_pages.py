"""The second step of logging in: a code, or a passkey. And logging in by a passkey alone."""

from collections.abc import Mapping
from typing import Any

from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.webauthn.views import LoginWebAuthnView
from django.http import HttpResponse, HttpResponseBase

from newsletter.accounts.passkey_answer_forms import COPIED
from newsletter.accounts.second_factor import PASSKEY, RECOVERY_CODES, TOTP, factors_of
from newsletter.accounts.who_may_log_in_locally import DEACTIVATED
from newsletter.web.desk.account.account_page import show_form
from newsletter.web.desk.desk_page import show_log_in
from newsletter.web.desk.shell.login_stages import finish


class AskForSecondFactor(AuthenticateView):  # type: ignore[misc]  # allauth has no types
    """Ask for the second factor of somebody whose password was right."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Log the user in, or say that somebody has deactivated the account since the password was right."""
        if not self.stage.login.user.is_active:
            self.stage.abort()
            return show_log_in(self.request, status=403, sentence=DEACTIVATED)
        return finish(self.request, super().form_valid(form))

    def render_to_response(self, context: Mapping[str, Any], **_named: Any) -> HttpResponseBase:
        """Show the page."""
        kinds = set(factors_of(self.stage.login.user).values_list("type", flat=True))
        posted = self.form if self.form is not None else context["form"]
        values = {
            "has_app": TOTP in kinds,
            "has_passkey": PASSKEY in kinds,
            "has_codes": RECOVERY_CODES in kinds,
            "form": posted,
            "js_data": context.get("js_data"),
        }
        return show_form(self.request, "account/second_factor", values)


class LogInByPasskey(LoginWebAuthnView):  # type: ignore[misc]  # allauth has no types
    """Log in by a passkey, without a name or a password. The log-in page asks for the options by a script."""

    def form_invalid(self, form: Any) -> HttpResponse:
        """Show the log-in page again."""
        sentence = "We do not recognise this passkey. Log in with your password, or try another passkey."
        if form.has_error("credential", "copied"):
            sentence = COPIED
        return show_log_in(self.request, status=422, sentence=sentence)

    def form_valid(self, form: Any) -> HttpResponse:
        """Log the user in, or say why not: their signature has proved that the account is theirs."""
        if not form.cleaned_data["credential"].user.is_active:
            return show_log_in(self.request, status=403, sentence=DEACTIVATED)
        return finish(self.request, super().form_valid(form))
