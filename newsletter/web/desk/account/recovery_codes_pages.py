"""Recovery codes: shown once, to download or print, and made again."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from django.conf import settings
from django.http import HttpResponseBase

from newsletter.web.desk.account.account_page import OwnPage, show_form


class ShowCodes(OwnPage, ViewRecoveryCodesView):  # type: ignore[misc]  # allauth has no types
    """Show the codes once. Afterwards, show only how many are left."""

    shown_by = "codes"

    def render_to_response(self, context: Mapping[str, Any], **_named: Any) -> HttpResponseBase:
        """Show the page, whose link to download carries the codes, because they cannot be asked for again."""
        codes = context["unused_codes"] if context["can_view_codes"] else []
        name = self.request.user.get_username()
        lines = [
            f"Recovery codes for {name} at {settings.NEWSLETTER.root_url}",
            "Each code works once.",
            "",
            *codes,
        ]
        values = {
            "codes": codes,
            "left": len(context["unused_codes"]),
            "download": f"data:text/plain;charset=utf-8,{quote(chr(10).join(lines) + chr(10))}"
            if codes
            else "",
        }
        return show_form(self.request, "account/codes", values)


class MakeCodes(OwnPage, GenerateRecoveryCodesView):  # type: ignore[misc]  # allauth has no types
    """Ask whether to make codes again, which ends the earlier ones."""

    shown_by = "new_codes"
