"""The email address of one's own account: asking for another one, and confirming it from both addresses."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from newsletter.accounts.change_own_email_address import (
    address_change_of,
    ask_for_address,
    cancel_address_change,
    confirm_address,
    pending_address_change,
)
from newsletter.accounts.reauthentication import require_recent_sign_in
from newsletter.errors import InvalidFields, NewsletterError
from newsletter.web.desk.account.account_page import own_account
from newsletter.web.desk.account.slow_down_link_guesses import closed_link
from newsletter.web.desk.desk_page import show
from newsletter.web.nul_removal import remove_nul_from_form

LINKS = "address"


@own_account("GET", "HEAD", "POST")
def change_address(request: HttpRequest) -> HttpResponse:
    """Ask for the new address, and send an email to both."""
    user: Any = request.user
    if request.method != "POST":
        return _form(request, "", {})
    require_recent_sign_in(request)
    address = request.POST.get("address", "").strip()
    try:
        ask_for_address(user, address)
    except InvalidFields as error:
        return _form(request, address, error.fields)
    return HttpResponseRedirect(reverse("desk:account-address"), status=303)


@own_account("POST")
def cancel_change(request: HttpRequest) -> HttpResponse:
    """Cancel the change."""
    if cancel_address_change(request.user):
        messages.success(
            request, "The change to your email address was cancelled. The links we emailed no longer work."
        )
    return HttpResponseRedirect(reverse("desk:account-address"), status=303)


@never_cache
def confirm_change(request: HttpRequest) -> HttpResponse:
    """Show what a link confirms, and confirm it. It needs no log-in, because the emails may be read elsewhere."""
    remove_nul_from_form(request)
    sent = request.method == "POST"
    token = (request.POST if sent else request.GET).get("token", "")
    try:
        change = address_change_of(token)
        if sent:
            change = confirm_address(token)
    except NewsletterError as error:
        return closed_link(request, LINKS, error)
    return show(
        request,
        "account/confirm_address",
        token=token,
        change=change,
        confirmed=sent,
        complete=change.old_confirmed and change.new_confirmed,
    )


def _form(request: HttpRequest, address: str, errors: Mapping[str, str]) -> HttpResponse:
    return show(
        request,
        "account/address",
        status=422 if errors else 200,
        user=request.user,
        address=address,
        change=pending_address_change(request.user),
        errors={"address": "", **errors},
        summary=list(errors.items()),
    )
