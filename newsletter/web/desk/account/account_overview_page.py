"""“Your account”: name, address, password, second factors and passkeys, and the sessions."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from newsletter.accounts.role_assignments import roles_of
from newsletter.accounts.second_factor import (
    PASSKEY,
    RECOVERY_CODES,
    TOTP,
    factors_of,
    is_second_factor_demanded,
    second_factor_deadline,
)
from newsletter.accounts.user_sessions import ListedSession, sessions_of
from newsletter.accounts.who_may_log_in_locally import is_linked, is_single_sign_on_offered
from newsletter.encrypted_text import UnreadableError
from newsletter.notifications.notification_mail_choices import wants_notification_mail
from newsletter.single_sign_on.account_provider_link import why_not_unlink_own
from newsletter.web.desk.account.account_page import own_account
from newsletter.web.desk.articles.short_dates import Dates
from newsletter.web.desk.desk_page import show
from newsletter.web.session_activity import note_session


@own_account("GET", "HEAD")
def account(request: HttpRequest) -> HttpResponse:
    """Show the account of the person who is logged in."""
    user: Any = request.user
    factors = list(factors_of(user).order_by("pk"))
    codes = next((each for each in factors if each.type == RECOVERY_CODES), None)
    return show(
        request,
        "account/overview",
        user=user,
        roles=sorted(roles_of(user)),
        app=next((each for each in factors if each.type == TOTP), None),
        passkeys=[(each, each.wrap().name) for each in factors if each.type == PASSKEY],
        codes_left=_codes_left(codes),
        demanded=is_second_factor_demanded(user),
        deadline=second_factor_deadline(user),
        sessions=_sessions(request),
        notification_mail=wants_notification_mail(user),
        provider=settings.NEWSLETTER.oidc_name if is_single_sign_on_offered() else "",
        is_linked=is_linked(user),
        why_not_unlink=why_not_unlink_own(user) if is_linked(user) else "",
        dates=Dates(request),
    )


def _codes_left(codes: Any) -> int | None:
    """Return how many recovery codes are left, or None without any. Codes that nobody can read are of no use."""
    try:
        return len(codes.wrap().get_unused_codes()) if codes else None
    except UnreadableError:
        return 0


def _sessions(request: HttpRequest) -> list[ListedSession]:
    """Return the sessions of the user. This one is noted first, if it began without our login page."""
    key = request.session.session_key or ""
    listed = sessions_of(request.user, current=key)
    if any(each.is_current for each in listed):
        return listed
    note_session(request)
    return sessions_of(request.user, current=key)
