"""What happens when a session begins, by whichever way somebody has logged in."""

from typing import Any

from allauth.account.signals import user_logged_in
from django.conf import settings
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.accounts.email_about_new_browser import tell_of_new_device
from newsletter.accounts.known_browsers_and_networks import (
    DEVICE,
    DEVICE_DAYS,
    device_of,
    is_known_device,
    note_known_network,
)
from newsletter.accounts.record_account_activity import record_new_browser
from newsletter.web.session_activity import note_session
from subscribers.views.public_page import network_address

DAY = 86_400


@receiver(user_logged_in, dispatch_uid="newsletter.after_login")
def _begin_session(request: HttpRequest, response: HttpResponse, user: Any, **_more: Any) -> None:
    """Note the session, tell the user if the browser is new, and mark the browser as known."""
    name = user.get_username()
    note_session(request)
    note_known_network(name, network_address(request))
    if not is_known_device(name, request.COOKIES.get(DEVICE, "")):
        browser = request.headers.get("User-Agent", "")
        record_new_browser(user, browser)
        if not user.is_first_login:
            tell_of_new_device(user, network_address(request), browser)
    response.set_cookie(
        DEVICE,
        device_of(name),
        max_age=DEVICE_DAYS * DAY,
        path=reverse("desk:dashboard"),
        secure=bool(settings.SESSION_COOKIE_SECURE),
        httponly=True,
        samesite="Lax",
    )
