"""What happens once a password was right: the second factor, and when that is right too, the session begins.

django-allauth leads through these stages. Inside another Django site its login is used, and none of this runs.
"""

from django.contrib.auth import login
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from newsletter.accounts.actor import current_actor
from newsletter.accounts.login_by_host_site import has_own_sign_in
from newsletter.accounts.users import actor_of
from newsletter.web.desk.desk_page import show
from newsletter.web.desk.resubmit_after_login import KeptForm, kept_form

# What was typed before the session ended, while the second factor is still to come.
KEPT = "kept_form"


def log_in(request: HttpRequest, user: User, *, next_path: str, kept: str = "") -> HttpResponse:
    """Go on after the right password: to the second factor, or to `next_path`, or to a form that was kept."""
    if not has_own_sign_in():
        login(request, user)
        return HttpResponseRedirect(next_path)
    from allauth.account.internal.flows.login import perform_password_login
    from allauth.account.models import Login

    if kept_form(kept):
        request.session[KEPT] = kept
    begun = Login(user=user, redirect_url=next_path)
    return finish(request, perform_password_login(request, {"username": user.get_username()}, begun))


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
