"""What django-allauth asks us: where pages are, how messages and emails read, and what may be done.

Only allauth creates these classes (see allauth_settings.py).
"""

import html
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.urls import reverse

from newsletter.accounts.account_mails import queue_account_mail
from newsletter.accounts.allauth_messages import MAILS, MESSAGES
from newsletter.accounts.browser_names import browser_name
from newsletter.accounts.factor_secrets import decrypt_secret, encrypt_secret
from newsletter.accounts.known_browsers_and_networks import DEVICE
from newsletter.accounts.reauthentication import is_recent_sign_in
from newsletter.accounts.second_factor import LAST_FACTOR, check_password_again, why_not_remove_factor
from newsletter.accounts.user_sessions import coarse_network
from newsletter.accounts.who_may_log_in_locally import (
    DEACTIVATED,
    PROVIDER,
    is_linked,
    why_not_log_in_locally,
)
from newsletter.errors import Refused
from subscribers.network_addresses import parse_network_address

# Set in a request in which a provider has proved who somebody is.
BY_PROVIDER = "newsletter_by_provider"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts are made by administrators only, and our own outbox sends every email."""

    def is_open_for_signup(self, request: Any) -> bool:  # noqa: ARG002 - allauth's signature
        """Return that nobody can sign up."""
        return False

    def get_client_ip(self, request: Any) -> str:
        """Return the client's address, which web/trusted_proxies.py has found out, or 0.0.0.0 if there is none."""
        found = parse_network_address(str(request.META.get("REMOTE_ADDR", "")))
        return str(found) if found else "0.0.0.0"  # noqa: S104 - a value, not a bind

    def pre_login(self, request: Any, user: Any, **more: Any) -> Any:
        """Return the page that refuses a log-in, or None. It is asked for each way, with the second factor to come."""
        if refused := super().pre_login(request, user, **more):
            return refused
        by_provider = getattr(request, BY_PROVIDER, False)
        sentence = "" if by_provider else why_not_log_in_locally(user, request.session)
        if not sentence:
            return None
        from django.shortcuts import redirect

        messages.error(request, sentence)
        return redirect("desk:log-in")

    def login(self, request: Any, user: Any) -> None:
        """Begin the session, and remember in `is_first_login` whether it is the first of this account."""
        user.is_first_login = user.last_login is None
        super().login(request, user)

    def reauthenticate(self, user: Any, password: str) -> bool:
        """Return whether this is the password of the user. Wrong ones make the next one wait."""
        device = self.request.COOKIES.get(DEVICE, "")
        try:
            return check_password_again(user, password, self.get_client_ip(self.request), device=device)
        except Refused as refused:
            raise ValidationError(str(refused)) from refused

    def add_message(  # noqa: PLR0917 - allauth's signature
        self,
        request: Any,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,  # noqa: ARG002 - allauth's signature
        extra_tags: str = "",  # noqa: ARG002 - ours say how an act is undone
        message: str | None = None,
    ) -> None:
        """Say a sentence of ours for allauth's message, on the next page."""
        sentence = html.unescape(message or "") or MESSAGES[message_template or ""]
        if sentence:
            messages.add_message(request, level, sentence)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue our own email for one of allauth's."""
        kind, button = MAILS[template_prefix]
        user = context.get("user") or getattr(self.request, "user", None)
        known = user if user is not None and user.pk else None
        link = context.get("password_reset_url") or context.get("activate_url") or ""
        queue_account_mail(
            kind,
            email,
            user=known,
            link=link or f"{settings.NEWSLETTER.root_url}{reverse('desk:account')}",
            button=button,
            name=known.get_username() if known else "",
            **self._where(context),
        )

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Any,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell a user by email, at the address of their account."""
        values = {
            "user": user,
            "ip": self.get_client_ip(self.request),
            "user_agent": self.request.headers.get("User-Agent", ""),
        }
        self.send_mail(template_prefix, email or user.email, {**values, **(context or {})})

    def respond_user_inactive(self, request: Any, user: Any) -> Any:  # noqa: ARG002 - allauth's signature
        """Lead to the login page, which says why. It is asked for only once the user has proved who they are."""
        from django.shortcuts import redirect

        messages.error(request, DEACTIVATED)
        return redirect("desk:log-in")

    def is_reauthentication_required(self, *, app: str, **_more: Any) -> bool:  # noqa: ARG002 - allauth's signature
        """Return whether the user has to prove again who they are, by our own rule."""
        return not is_recent_sign_in(self.request)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Return the ways in which a user can confirm that it is them, the first of which is offered at once."""
        ways: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if user.is_authenticated and is_linked(user):
            there = f"{reverse('desk:single-sign-on')}?confirm=yes"
            ways.append({"id": PROVIDER, "description": settings.NEWSLETTER.oidc_name, "url": there})
        return ways

    def _where(self, context: dict[str, Any]) -> dict[str, str]:
        return {
            "device": browser_name(str(context.get("user_agent", ""))),
            "network": coarse_network(str(context.get("ip", ""))),
        }


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Second factors and passkeys."""

    error_messages = {  # noqa: RUF012 - as allauth has it
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": LAST_FACTOR,
        "incorrect_code": "This code is wrong. Enter the code that your app shows now.",
    }

    def encrypt(self, text: str) -> str:
        """Return what is stored for the secret of an app or of recovery codes."""
        return encrypt_secret(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return such a secret. Raises UnreadableError."""
        return decrypt_secret(encrypted_text)

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        """Return whether the user may remove this factor."""
        return not why_not_remove_factor(authenticator)

    def get_totp_label(self, user: Any) -> str:
        """Return the name that an authenticator app shows."""
        return str(user.get_username())

    def _get_site_name(self) -> str:
        return f"Newsletter ({settings.NEWSLETTER.base_url.host})"

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002, ARG002 - allauth's signature
        """Return a name for a passkey: the browser it was made with."""
        from allauth.core import context

        return browser_name(context.request.headers.get("User-Agent", ""))
