"""Setting up and removing an authenticator app."""

from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView

from newsletter.web.desk.account.account_page import OwnPage


class AddApp(OwnPage, ActivateTOTPView):  # type: ignore[misc]  # allauth has no types
    """Show the QR code, and check the first code of the app."""

    shown_by = "add_app"


class RemoveApp(OwnPage, DeactivateTOTPView):  # type: ignore[misc]  # allauth has no types
    """Ask whether to remove the app."""

    shown_by = "remove_app"
