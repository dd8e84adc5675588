"""What happens once a password was right: the second factor, and when that is right too, the session begins.

django-allauth leads through these stages. Inside another Django site its login is used, and none of this runs.
"""

from typing import Any

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from allauth.account.signals import user_logged_in
from django.conf import settings
from django.contrib.auth.models import User
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.accounts.actor import current_actor
from newsletter.accounts.new_device import tell_of_new_device
from newsletter.accounts.sign_in import DEVICE, DEVICE_DAYS, device_of, is_known_device
from newsletter.accounts.users import actor_of
from newsletter.web.desk.desk_page import show
from newsletter.web.desk.kept_form import KeptForm, kept_form
from newsletter.web.session_activity import note_session
from subscribers.views.public_page import network_address

DAY = 86_400
# What was typed before the session ended, while the second factor is still to come.
KEPT = "kept_form"


def log_in(request: HttpRequest, user: User, *, next_path: str, kept: str = "") -> HttpResponse:
    """Go on after the right password: to the second factor, or to `next_path`, or to a form that was kept."""
    if kept_form(kept):
        request.session[KEPT] = kept
    login = Login(user=user, redirect_url=next_path)
    return finish(request, perform_password_login(request, {"username": user.get_username()}, login))


def finish(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """Return the answer of a stage, or once the user is logged in, the form that was kept. Its cookies stay."""
    kept = kept_form(request.session.get(KEPT, ""))
    if not (kept and request.user.is_authenticated):
        return answer
    del request.session[KEPT]
    shown = show_again(request, kept)
    shown.cookies = answer.cookies
    return shown


def show_again(request: HttpRequest, kept: KeptForm) -> HttpResponse:
    """Show what was typed into a form, ready to be sent with a new token."""
    return show(
        request,
        "shell/send_again",
        kept=kept,
        # The middleware has set the actor before the user logged in.
        actor=actor_of(request.user) if isinstance(request.user, User) else current_actor(),
    )


@receiver(user_logged_in, dispatch_uid="newsletter.after_login")
def _begin_session(request: HttpRequest, response: HttpResponse, user: Any, **_more: Any) -> None:
    """Note the session, tell the user if the browser is new, and mark the browser as known."""
    name = user.get_username()
    note_session(request)
    if not user.is_first_login and not is_known_device(name, request.COOKIES.get(DEVICE, "")):
        tell_of_new_device(user, network_address(request), request.headers.get("User-Agent", ""))
    response.set_cookie(
        DEVICE,
        device_of(name),
        max_age=DEVICE_DAYS * DAY,
        path=reverse("desk:dashboard"),
        secure=bool(settings.SESSION_COOKIE_SECURE),
        httponly=True,
        samesite="Lax",
    )
