"""The link between an account and a person at the provider: whether there is one, and how it is ended."""

from typing import Any

from django.conf import settings
from django.db import transaction

from newsletter.accounts import audit_log
from newsletter.accounts.account_mails import queue_account_mail
from newsletter.accounts.actor import Role, current_actor, require_role
from newsletter.accounts.end_all_sessions import end_all_sessions
from newsletter.accounts.reauthentication import require_confirmed_actor
from newsletter.accounts.role_assignments import roles_assigned
from newsletter.accounts.second_factor import PASSKEY, factors_of
from newsletter.accounts.users import find_user
from newsletter.accounts.who_may_log_in_locally import is_linked, why_not_log_in_locally
from newsletter.errors import Refused, refuse_if


def why_not_unlink_own(user: Any) -> str:
    """Return why a person cannot end the link of their own account, or an empty string."""
    if not is_linked(user):
        return _not_linked(user)
    if not (user.has_usable_password() or _has_passkey_for_login(user)):
        return (
            "You have no password, and no passkey that you can log in with, so you would no longer be able "
            "to log in. First add a passkey, or choose a password with “Forgotten your password?” on the "
            "login page."
        )
    if why_not_log_in_locally(user, {}):
        return (
            "Without the link, you would no longer be able to log in, because only administrators can "
            f"log in without {_provider()}."
        )
    return ""


def unlink_own(user: Any) -> None:
    """End the link of one's own account. The door calls `require_recent_sign_in` before. Raises Refused."""
    with transaction.atomic():
        refuse_if(why_not_unlink_own(user))
        _unlink(user)


def why_not_unlink(user: Any) -> str:
    """Return why the current actor cannot end the link of this user, or an empty string."""
    if user.pk == current_actor().account:
        return "To unlink your own account, go to “Your account”."
    return "" if is_linked(user) else _not_linked(user)


def unlink(name: str) -> None:
    """End the link of a colleague's account, and all their sessions, because they may have begun by the link.

    Raises NotFound, Refused, and RecentSignInNeededError if it is an administrator and the actor has not confirmed
    lately.
    """
    require_role(Role.ADMINISTRATOR, "Unlinking an account")
    user = find_user(name)
    if Role.ADMINISTRATOR in roles_assigned(user):
        require_confirmed_actor()
    with transaction.atomic():
        refuse_if(why_not_unlink(user))
        _unlink(user)
        end_all_sessions(user)


def _unlink(user: Any) -> None:
    deleted, _kinds = user.sign_in_identities.filter(issuer=settings.NEWSLETTER.oidc_issuer).delete()
    if not deleted:
        raise Refused(_not_linked(user))
    name = user.get_username()
    audit_log.write("user", f"Unlinked {name}’s account from {_provider()}.", thing=f"user {user.pk}")
    queue_account_mail(
        "single-sign-on-unlinked",
        user.email,
        user=user,
        name=name,
        provider=_provider(),
        by=current_actor().name,
    )


def _has_passkey_for_login(user: Any) -> bool:
    return any(each.wrap().is_passwordless for each in factors_of(user).filter(type=PASSKEY))


def _not_linked(user: Any) -> str:
    return f"{user.get_username()} is not linked to {_provider()}."


def _provider() -> str:
    return str(settings.NEWSLETTER.oidc_name)
