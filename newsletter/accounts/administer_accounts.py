"""What an administrator does with the accounts of others: change roles, deactivate and activate.

Accounts are deactivated, not deleted, so that the audit log keeps its names. Each act is in the audit log, and the
person is told by email.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction

from newsletter.accounts import change_users, users
from newsletter.accounts.account_mails import queue_account_mail
from newsletter.accounts.actor import Role, current_actor, require_role, why_not_role
from newsletter.accounts.role_assignments import (
    PublicationRole,
    describe_roles,
    publication_roles_assigned,
    roles_assigned,
)
from newsletter.errors import Refused, refuse_if
from subscribers.database import locked
from subscribers.phrases import listed

ONLY_ONE = (
    "There is only one administrator. Invite a second administrator, who can help if the first one is away "
    "or forgets their password."
)


def advice() -> str:
    """Return the advice to have two administrators while there is one, or an empty string."""
    return ONLY_ONE if users.administrators().count() == 1 else ""


def why_not_manage_people() -> str:
    """Return why the actor cannot see and change who has an account, or an empty string."""
    return why_not_role(Role.ADMINISTRATOR, "Managing people")


def why_not_deactivate(user: Any) -> str:
    """Return why the actor cannot deactivate this user, or an empty string."""
    if why_not := why_not_role(Role.ADMINISTRATOR, "Deactivating a person"):
        return why_not
    if user.pk == current_actor().account:
        return "You cannot deactivate your own account. Ask another administrator."
    if _is_last_administrator(user):
        return f"{user.get_username()} is the only administrator. Make somebody else an administrator first."
    return ""


def why_not_change_roles(user: Any) -> str:
    """Return why the actor cannot change the roles of this user at all, or an empty string."""
    if why_not := why_not_role(Role.ADMINISTRATOR, "Changing roles"):
        return why_not
    if not user.is_active:
        return f"{user.get_username()}’s account is deactivated. Activate it first."
    return ""


def deactivate(name: str) -> bool:
    """Deactivate a user: their sessions end at once, and they cannot log in. Return False if they already were.

    Raises NotFound, Refused, and RecentSignInNeededError if it is an administrator and the actor has not confirmed
    lately.
    """
    require_role(Role.ADMINISTRATOR, "Deactivating a person")
    with transaction.atomic():
        user = _locked_user(name)
        if not user.is_active:
            return False
        refuse_if(why_not_deactivate(user))
        change_users.set_active(user, active=False)
        _tell(user, "account-deactivated")
    return True


def activate(name: str) -> bool:
    """Let a deactivated user log in again, with the roles and the password they had. Return False if they can already.

    Raises NotFound, Refused, and RecentSignInNeededError if it is an administrator and the actor has not confirmed
    lately.
    """
    require_role(Role.ADMINISTRATOR, "Activating a person")
    with transaction.atomic():
        user = _locked_user(name)
        if user.is_active:
            return False
        change_users.set_active(user, active=True)
        _tell(user, "account-activated")
    return True


def roles_version(user: Any) -> str:
    """Return a text that is the same as long as the roles of a user are."""
    single = publication_roles_assigned(user)
    return " ".join(sorted([*roles_assigned(user), *(f"{role}:{key}" for key, role in single)]))


def change_roles(
    name: str,
    roles: Iterable[Role],
    publication_roles: Iterable[PublicationRole] | None = None,
    *,
    seen: str | None = None,
) -> bool:
    """Give a user exactly these roles, and tell them. Return False if they have them already.

    Roles for single publications stay unless `publication_roles` is given. `seen` is the `roles_version` that a form
    started from: nothing is changed if somebody has changed them since.
    Raises NotFound, Invalid for no role, Refused, and RecentSignInNeededError if it changes whether the user is an
    administrator and the actor has not confirmed lately.
    """
    require_role(Role.ADMINISTRATOR, "Changing roles")
    wanted = frozenset(roles)
    with transaction.atomic():
        user = _locked_user(name)
        refuse_if(why_not_change_roles(user))
        present = publication_roles_assigned(user)
        single = present if publication_roles is None else frozenset(publication_roles)
        if (roles_assigned(user), present) == (wanted, single):
            return False
        if seen is not None and seen != roles_version(user):
            raise Refused(
                f"Somebody has changed the roles of {name} since you opened this page, so we did not save "
                "your changes. Check the current roles below, then choose again."
            )
        change_users.set_roles(name, wanted, single)
        _tell(user, "roles-changed", roles=listed(describe_roles(wanted, single)))
    return True


def _locked_user(name: str) -> Any:
    """Return a user, locked with all administrators: of two who act on each other at once, the second is refused."""
    users.lock_administrators()
    return locked(get_user_model().objects.all(), users.find_user(name).pk)


def _is_last_administrator(user: Any) -> bool:
    is_one = user.is_active and Role.ADMINISTRATOR in roles_assigned(user)
    return is_one and not users.administrators().exclude(pk=user.pk).exists()


def _tell(user: Any, kind: str, **context: str) -> None:
    actor = current_actor()
    by = actor.name if actor.account is not None else "An administrator"
    queue_account_mail(kind, user.email, user=user, name=user.get_username(), by=by, **context)
