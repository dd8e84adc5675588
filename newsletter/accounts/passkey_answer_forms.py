"""Forms that carry what a passkey answered. Anything else counts as wrong, not as a failure of ours."""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from allauth.mfa.webauthn.internal.auth import parse_authentication_response
from django.core.exceptions import ValidationError

from newsletter.accounts.passkey_counters import is_counter_higher

COPIED = (
    "We did not accept this passkey. A passkey counts how often it is used. This count was lower than last "
    "time, so somebody may have copied the passkey. Log in another way, then remove the passkey under “Your "
    "account” and add a new one."
)
# What the library raises for answers that are cut off or made up.
MALFORMED = (AttributeError, IndexError, KeyError, TypeError, ValueError)


class _ReadsAnswer:
    """Reads the answer by allauth's form."""

    cleaned_data: dict[str, Any]

    def clean_credential(self) -> Any:
        """Return the stored passkey. Raises a ValidationError for any other answer, and for a copied passkey."""
        answer = self.cleaned_data["credential"]
        try:
            passkey = super().clean_credential()  # type: ignore[misc]  # of allauth's form
            counter = parse_authentication_response(answer).response.authenticator_data.counter
        except MALFORMED as error:
            raise get_adapter().validation_error("incorrect_code") from error
        if not is_counter_higher(passkey, counter):
            raise ValidationError(COPIED, code="copied")
        return passkey


class SecondFactorPasskeyForm(_ReadsAnswer, AuthenticateWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A passkey that completes a login."""


class LogInByPasskeyForm(_ReadsAnswer, LoginWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A passkey that logs in alone."""


class ConfirmByPasskeyForm(_ReadsAnswer, ReauthenticateWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A passkey that confirms who is logged in."""


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A new passkey."""

    def clean(self) -> Any:
        """Return the fields. Raises a ValidationError for an answer that no browser gives."""
        try:
            return super().clean()
        except MALFORMED as error:
            raise get_adapter().validation_error("incorrect_code") from error
