"""Changing one's own password, which ends all one's other sessions."""

from typing import Any

from allauth.account.internal.flows.password_change import finalize_password_change
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters

from newsletter.accounts.change_own_password import change_own_password
from newsletter.accounts.known_browsers_and_networks import DEVICE
from newsletter.errors import InvalidFields, Refused
from newsletter.web.desk.account.account_page import FieldErrors, own_account
from newsletter.web.desk.desk_page import show
from subscribers.views.public_page import network_address


@sensitive_post_parameters("old", "new")
@own_account("GET", "HEAD", "POST")
def change_password(request: HttpRequest) -> HttpResponse:
    """Ask for the old and the new password, and change it."""
    if request.method != "POST":
        return _form(request, {})
    user: Any = request.user
    try:
        change_own_password(
            user,
            old=request.POST.get("old", ""),
            new=request.POST.get("new", ""),
            address=network_address(request),
            device=request.COOKIES.get(DEVICE, ""),
            session=request.session.session_key or "",
        )
    except InvalidFields as error:
        return _form(request, error.fields, status=422)
    except Refused as error:
        return _form(request, {"old": str(error)}, status=429)
    finalize_password_change(request, user)
    return HttpResponse(status=303, headers={"Location": reverse("desk:account")})


def _form(request: HttpRequest, errors: dict[str, str], *, status: int = 200) -> HttpResponse:
    return show(request, "account/password", status=status, errors=FieldErrors(errors))
