"""Adding, naming and removing passkeys."""

from typing import Any

from allauth.mfa.webauthn.views import AddWebAuthnView, EditWebAuthnView, RemoveWebAuthnView
from django.http import HttpResponse

from newsletter.accounts.second_factor import why_not_remove_factor
from newsletter.errors import refuse_if
from newsletter.web.desk.account.account_page import OwnPage


class AddPasskey(OwnPage, AddWebAuthnView):  # type: ignore[misc]  # allauth has no types
    """Let the browser make a passkey."""

    shown_by = "add_passkey"


class RenamePasskey(OwnPage, EditWebAuthnView):  # type: ignore[misc]  # allauth has no types
    """Give a passkey a name, so that its owner knows which device it is on."""

    shown_by = "rename_passkey"


class RemovePasskey(OwnPage, RemoveWebAuthnView):  # type: ignore[misc]  # allauth has no types
    """Ask whether to remove a passkey."""

    shown_by = "remove_passkey"

    def form_valid(self, form: Any) -> HttpResponse:
        """Remove the passkey, unless it is the last second factor of somebody whose role needs one."""
        refuse_if(why_not_remove_factor(self.get_object()))
        answer: HttpResponse = super().form_valid(form)
        return answer
