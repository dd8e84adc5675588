"""Forms that carry what a passkey answered. Anything else counts as wrong, not as a failure of ours."""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)

# What the library raises for answers that are cut off or made up.
MALFORMED = (AttributeError, IndexError, KeyError, TypeError, ValueError)


class _ReadsAnswer:
    """Reads the answer by allauth's form."""

    def clean_credential(self) -> Any:
        """Return the stored passkey. Raises a ValidationError for any other answer."""
        try:
            return super().clean_credential()  # type: ignore[misc]  # of allauth's form
        except MALFORMED as error:
            raise get_adapter().validation_error("incorrect_code") from error


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
