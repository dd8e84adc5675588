"""Asks a person who is logged in to prove again who they are: by password, by a code or by a passkey."""

from collections.abc import Mapping
from typing import Any

from allauth.account.views import ReauthenticateView
from allauth.mfa.base.views import ReauthenticateView as ReauthenticateByCodeView
from allauth.mfa.webauthn.views import ReauthenticateWebAuthnView
from django.conf import settings
from django.http import HttpResponseBase

from newsletter.accounts.who_may_log_in_locally import PROVIDER
from newsletter.web.desk.account.account_page import OwnPage, show_form


class _Confirms(OwnPage):
    shown_by = "confirm"
    way = "password"
    labels: Mapping[str, str] = {
        "reauthenticate": "Use your password",
        "mfa_reauthenticate": "Use a code from your app, or a recovery code",
        "mfa_reauthenticate_webauthn": "Use a passkey",
    }

    def render_to_response(self, context: Mapping[str, Any], **_named: Any) -> HttpResponseBase:
        """Show the page, with the other ways to confirm."""
        labels = {**self.labels, PROVIDER: f"Log in with {settings.NEWSLETTER.oidc_name} again"}
        others = [(labels[each["id"]], each["url"]) for each in context["reauthentication_alternatives"]]
        values = {
            "form": context.get("form"),
            "js_data": context.get("js_data"),
            "way": self.way,
            "others": others,
            "next": context.get("redirect_field_value") or "",
        }
        return show_form(self.request, f"account/{self.shown_by}", values)


class ConfirmByPassword(_Confirms, ReauthenticateView):  # type: ignore[misc]  # allauth has no types
    """Ask for the password."""


class ConfirmByCode(_Confirms, ReauthenticateByCodeView):  # type: ignore[misc]  # allauth has no types
    """Ask for a code of the app, or a recovery code."""

    way = "code"


class ConfirmByPasskey(_Confirms, ReauthenticateWebAuthnView):  # type: ignore[misc]  # allauth has no types
    """Ask for a passkey."""

    way = "passkey"

    def form_invalid(self, form: Any) -> HttpResponseBase:
        """Show the page again, with why this passkey was refused."""
        return self.render_to_response({**self.get_context_data(), "form": form})
