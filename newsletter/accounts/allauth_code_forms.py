"""Forms in which a code is typed. They replace two of django-allauth's, so that our own rule slows down guesses."""

from typing import Any

from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django.core.exceptions import ValidationError

from newsletter.accounts.known_browsers_and_networks import DEVICE
from newsletter.accounts.second_factor import check_code, place_of_codes
from newsletter.errors import Refused
from subscribers.views.public_page import network_address


class _ChecksCode:
    """Checks a code by `check_code`."""

    user: Any
    authenticator: Any
    cleaned_data: dict[str, Any]

    def clean_code(self) -> str:
        """Return the code. Raises a ValidationError for a wrong one, or while the next one has to wait."""
        code = str(self.cleaned_data["code"])
        request = context.request
        place = place_of_codes(self.user, network_address(request), device=request.COOKIES.get(DEVICE, ""))
        try:
            self.authenticator = check_code(self.user, code, place=place)
        except Refused as refused:
            raise ValidationError(str(refused)) from refused
        if self.authenticator is None:
            raise get_adapter().validation_error("incorrect_code")
        return code


class SecondFactorForm(_ChecksCode, AuthenticateForm):  # type: ignore[misc]  # allauth has no types
    """A code that completes a login."""


class ConfirmByCodeForm(_ChecksCode, ReauthenticateForm):  # type: ignore[misc]  # allauth has no types
    """A code that confirms who is logged in."""
