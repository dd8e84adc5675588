"""The second factor of an account: who has one, who must have one and until when, and how an administrator resets it.

A second factor is an authenticator app (TOTP, RFC 6238) or a passkey (WebAuthn), with recovery codes for when both are
lost. django-allauth stores and checks them.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.utils import timezone

from newsletter.accounts import audit_log
from newsletter.accounts.account_mails import queue_account_mail
from newsletter.accounts.actor import ANY, Role, current_actor, require_role
from newsletter.accounts.end_all_sessions import end_all_sessions
from newsletter.accounts.factor_secrets import renew_secret
from newsletter.accounts.known_browsers_and_networks import Known, place_of
from newsletter.accounts.login_by_host_site import has_own_sign_in
from newsletter.accounts.slow_down_password_guesses import (
    clear_all_failures,
    clear_failures,
    clear_tries,
    count_try,
    in_minutes,
    try_sign_in,
)
from newsletter.accounts.users import actor_of, find_user
from newsletter.encrypted_text import UnreadableError
from newsletter.errors import Refused, refuse_if
from subscribers.rate_limits import is_within_limit, wide_network_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

LAST_FACTOR = "Your role needs a second factor. Add another passkey or app before you remove this one."
# Where wrong codes are counted: all places where the user has never logged in, and commands.
ELSEWHERE, ON_THE_MACHINE = "elsewhere", "on the machine"
TOTP, PASSKEY, RECOVERY_CODES = "totp", "webauthn", "recovery_codes"


class SecondFactorDemand(models.Model):
    """When we first asked a person for a second factor. The days of grace count from then."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"second factor required from user {self.user_id}"


def factors_of(user: Any) -> "QuerySet[Any]":
    """Return the stored factors of a user, recovery codes among them."""
    found: QuerySet[Any] = _authenticators().filter(user=user)
    return found


def has_second_factor(user: Any) -> bool:
    """Return whether a user has an authenticator app or a passkey."""
    if not has_own_sign_in():
        return False
    return bool(factors_of(user).filter(type__in=(TOTP, PASSKEY)).exists())


def is_second_factor_demanded(user: Any) -> bool:
    """Return whether a role of this user needs a second factor (NEWSLETTER_SECOND_FACTOR_ROLES)."""
    demanded = set(settings.NEWSLETTER.second_factor_roles)
    return (
        bool(demanded)
        and has_own_sign_in()
        and any(role.value in demanded for role in actor_of(user).roles_at(ANY))
    )


def second_factor_deadline(user: Any) -> datetime | None:
    """Return until when a user has to set up a second factor, or None if they have one or need none."""
    if not is_second_factor_demanded(user) or has_second_factor(user):
        return None
    demand, _is_new = SecondFactorDemand.objects.get_or_create(user=user, defaults={"since": timezone.now()})
    return demand.since + timedelta(days=settings.NEWSLETTER.second_factor_days)


def why_not_remove_factor(factor: Any) -> str:
    """Return why a user must keep a factor, or an empty string."""
    others = factors_of(factor.user).filter(type__in=(TOTP, PASSKEY)).exclude(pk=factor.pk)
    if others.exists() or not is_second_factor_demanded(factor.user):
        return ""
    return LAST_FACTOR


def check_code(user: Any, code: str, *, place: str) -> Any:
    """Return the factor whose code this is, or None. A recovery code is then used up.

    Wrong codes make the next one wait at this place: see `place_of_codes`. Raises Refused while it waits.
    """
    wait = count_try(_counted_as(user), place)
    if wait:
        if place == ELSEWHERE:
            _tell_of_wrong_codes(user)
        raise Refused(
            f"You have entered too many wrong codes. Wait {in_minutes(wait)}, or ask an administrator to "
            "reset your second factor."
        )
    typed = "".join(code.split())
    try:
        for factor in factors_of(user).exclude(type=PASSKEY):
            if factor.wrap().validate_code(typed):
                clear_tries(_counted_as(user), place)
                renew_secret(factor)
                return factor
    except UnreadableError as error:
        raise Refused(
            f"{error} Use a passkey, or ask an administrator to reset your second factor."
        ) from error
    return None


def place_of_codes(user: Any, address: str, *, device: str = "") -> str:
    """Return the place for which wrong codes are counted.

    Only people who know the password get so far, so all places where the user has never logged in count as one: a
    million codes cannot be tried from many networks. The user's own browsers and networks are counted apart, so that
    nobody keeps them waiting. `address` is the client's address; `device` is the value that `device_of` gave this
    browser.
    """
    name = user.get_username()
    place = place_of(name, address, device=device)
    if place.known is Known.NOT:
        return ELSEWHERE
    return wide_network_of(address) if place.known is Known.NETWORK else place.name


def is_code_needed(name: str) -> bool:
    """Return whether a password alone does not prove that somebody is this user.

    Raises Refused if their role needs a second factor, and they have not set one up in time.
    """
    user = find_user(name)
    deadline = second_factor_deadline(user)
    if deadline is not None and deadline <= timezone.now():
        raise Refused(
            f"{name} has a role that needs a second factor. Log in to the desk, and set one up under “Your "
            "account”."
        )
    return has_second_factor(user)


def require_code(name: str, code: str) -> None:
    """Raise Refused unless this is a current code of the user's app, or one of their recovery codes."""
    if check_code(find_user(name), code, place=ON_THE_MACHINE) is None:
        raise Refused(
            f"The code for {name} is wrong. Enter the code that the app shows now, or a recovery code. You "
            "can only use a passkey in the desk."
        )


def check_password_again(user: Any, password: str, address: str, *, device: str = "") -> bool:
    """Return whether this is the password of a user who is logged in already. Wrong ones make the next one wait.

    Raises Refused while it waits.
    """
    name = user.get_username()
    wait = try_sign_in(name, address, device=device)
    if wait:
        raise Refused(f"You have entered too many wrong passwords. Wait {in_minutes(wait)}.")
    right = bool(user.check_password(password))
    if right:
        clear_failures(name, address, device=device)
    return right


def forget_wrong_codes(user: Any) -> None:
    """Let a user enter the next code at once."""
    clear_all_failures(_counted_as(user))


def why_not_reset(user: Any) -> str:
    """Return why the current actor cannot reset this user's second factor, or an empty string."""
    if user.pk == current_actor().account:
        return "You cannot reset your own second factor. Change it under “Your account”, or ask another administrator."
    if not factors_of(user).exists():
        return f"{user.get_username()} has no second factor."
    return ""


def reset_second_factor(name: str) -> None:
    """Remove every second factor of a colleague who has lost theirs. They log in with the password and set up another.

    Their sessions end, both are told by email, and the audit log says so. Raises NotFound or Refused.
    """
    require_role(Role.ADMINISTRATOR, "Resetting a second factor")
    user = find_user(name)
    refuse_if(why_not_reset(user))
    with transaction.atomic():
        factors_of(user).delete()
        SecondFactorDemand.objects.filter(user=user).delete()
        end_all_sessions(user)
        by = current_actor().name
        audit_log.write("user", f"Reset the second factor for the user {name}.", thing=f"user {user.pk}")
        queue_account_mail("second-factor-reset", user.email, user=user, name=name, by=by)
        own = _account_of_actor()
        if own is not None:
            queue_account_mail("second-factor-reset-done", own.email, user=own, name=name)
    forget_wrong_codes(user)


def _account_of_actor() -> Any:
    number = current_actor().account
    return get_user_model().objects.filter(pk=number).first() if number is not None else None


def _authenticators() -> Any:
    return apps.get_model("mfa", "Authenticator").objects


def _tell_of_wrong_codes(user: Any) -> None:
    """Tell a user and the audit log once a day that somebody, who knows their password, enters wrong codes."""
    if not is_within_limit("wrong codes", str(user.pk), at_most=1, span=timedelta(days=1)):
        return
    name = user.get_username()
    audit_log.write(
        "user",
        f"Refused several wrong codes from somebody who had entered the correct password for the user {name}.",
        thing=f"user {user.pk}",
    )
    queue_account_mail("wrong-codes", user.email, user=user, name=name)


def _counted_as(user: Any) -> str:
    """Return the name under which wrong codes are counted."""
    return f"second factor for user {user.pk}"
