"""Setting up and removing an authenticator app."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView

from newsletter.web.desk.account.account_page import OwnPage


class AddApp(OwnPage, ActivateTOTPView):  # type: ignore[misc]  # allauth has no types
    """Show the QR code, and check the first code of the app."""

    shown_by = "add_app"

    def form_valid(self, form: Any) -> Any:
        """Set up the app. The code that proved it is then used up, so that it cannot log in as well."""
        answer = super().form_valid(form)
        app = Authenticator.objects.get(user=self.request.user, type=Authenticator.Type.TOTP)
        app.wrap().validate_code(form.cleaned_data["code"])
        return answer


class RemoveApp(OwnPage, DeactivateTOTPView):  # type: ignore[misc]  # allauth has no types
    """Ask whether to remove the app."""

    shown_by = "remove_app"
