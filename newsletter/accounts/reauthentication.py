"""Before acts that would hurt most in the wrong hands, a person proves again who they are, unless they did so lately.

These are acts that let others in or take people's addresses out: changes of accounts, exports of people, and in time
keys. The doors of those acts call `require_recent_sign_in`.
"""

import time
from dataclasses import replace
from typing import Any

from django.conf import settings

from newsletter.accounts.actor import current_actor, set_current_actor
from newsletter.accounts.login_by_host_site import has_own_sign_in
from newsletter.errors import Refused

NEEDED = "To do this, you need to confirm that it is you. Enter your password again."
RECORDS = "account_authentication_methods"


class RecentSignInNeededError(Refused):
    """The person has to enter their password or second factor again. The desk asks for it, and then goes on."""


def require_recent_sign_in(request: Any) -> None:
    """Raise RecentSignInNeededError unless the person proved who they are in the last minutes.

    The setting NEWSLETTER_ASK_AGAIN_MINUTES says how many. In another Django site, whose sign-in we do not know, it
    never asks.
    """
    if not is_recent_sign_in(request):
        raise RecentSignInNeededError(NEEDED)
    # They may have been asked in the middle of this request, after it was known who they are.
    set_current_actor(replace(current_actor(), confirmed=True))


def require_confirmed_actor() -> None:
    """Raise RecentSignInNeededError unless the actor proved who they are lately, or acts on the machine itself.

    The functions that change administrators call it, so that no door forgets to ask.
    """
    actor = current_actor()
    if actor.account is not None and not actor.confirmed:
        raise RecentSignInNeededError(NEEDED)


def is_recent_sign_in(request: Any) -> bool:
    """Return whether the person proved who they are in the last minutes (NEWSLETTER_ASK_AGAIN_MINUTES)."""
    if not has_own_sign_in():
        return True
    if not request.user.is_authenticated:
        return False
    records = request.session.get(RECORDS) or []
    latest = max((float(each.get("at", 0)) for each in records), default=0.0)
    # A clock that was set back must not make it last longer.
    return 0 <= time.time() - latest < settings.NEWSLETTER.ask_again_minutes * 60
