"""Changes what a user may do and is called: roles, superuser, name, and whether they can log in.

administer_accounts.py has the rules about who can do this to whom at the desk.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction

from newsletter.accounts.access_changed import access_changed
from newsletter.accounts.actor import Role, current_actor, require_role
from newsletter.accounts.end_all_sessions import end_all_sessions
from newsletter.accounts.role_assignments import (
    PublicationRole,
    assign_roles,
    publication_roles_assigned,
    roles_assigned,
)
from newsletter.accounts.users import (
    ACCOUNT_FIELDS,
    administrators,
    find_user,
    lock_administrators,
    record_user,
    refuse_name,
    require_confirmed_about_administrator,
    user_values,
)
from newsletter.errors import Invalid, Refused
from subscribers.database import locked


def set_roles(name: str, roles: Iterable[Role], publication_roles: Iterable[PublicationRole] = ()) -> None:
    """Give a user exactly these roles: those for all publications, and those for single ones.

    Raises NotFound, Invalid for no role, Refused for the last administrator and for a superuser.
    """
    require_role(Role.ADMINISTRATOR, "Changing roles")
    roles, publication_roles = set(roles), set(publication_roles)
    with transaction.atomic():
        lock_administrators()
        user = locked(get_user_model().objects.all(), find_user(name).pk)
        keeps = Role.ADMINISTRATOR in roles
        was = Role.ADMINISTRATOR in roles_assigned(user)
        if was and not keeps and not administrators().exclude(pk=user.pk).exists():
            raise Refused(f"{name} is the only administrator. Make another user an administrator first.")
        require_confirmed_about_administrator(about_one=was is not keeps)
        if user.is_superuser and not keeps:
            raise Refused(
                f"{name} is a superuser, and superusers are always administrators. To make {name} an "
                f"ordinary user first, run `newsletter users superuser {name} --end`."
            )
        before = user_values(user)
        assign_roles(user, roles, publication_roles)
        record_user("Changed the roles of the user", user, before)
        access_changed.send(sender=None, user=user)


def remove_roles(user: Any) -> None:
    """Take all roles from a user and end their sessions. Call this inside a transaction.

    Raises Refused for the last administrator and for a superuser.
    """
    require_role(Role.ADMINISTRATOR, "Changing roles")
    lock_administrators()
    locked(get_user_model().objects.all(), user.pk)
    name = user.get_username()
    if user.is_superuser:
        raise Refused(f"{name} is a superuser, and superusers are always administrators.")
    is_one = Role.ADMINISTRATOR in roles_assigned(user)
    if is_one and not administrators().exclude(pk=user.pk).exists():
        raise Refused(f"{name} is the only administrator. Make another user an administrator first.")
    require_confirmed_about_administrator(about_one=is_one)
    before = user_values(user)
    user.role_grants.all().delete()
    end_all_sessions(user)
    record_user("Removed all roles from the user", user, before)
    access_changed.send(sender=None, user=user)


def set_superuser(name: str, *, superuser: bool) -> None:
    """Let a user open Django's administration pages, or end that. They stay an administrator.

    Only somebody with access to the machine can do this, never a signed-in person. Raises NotFound or Refused.
    """
    require_role(Role.ADMINISTRATOR, "Making a superuser")
    if current_actor().account is not None:
        raise Refused(
            "You can only make somebody a superuser on the server itself, with the command `newsletter users "
            "superuser`."
        )
    with transaction.atomic():
        user = locked(get_user_model().objects.all(), find_user(name).pk)
        before = user_values(user)
        user.is_superuser = user.is_staff = superuser
        user.save(update_fields=["is_superuser", "is_staff"])
        assign_roles(user, roles_assigned(user) | {Role.ADMINISTRATOR}, publication_roles_assigned(user))
        record_user(
            f"{'Gave superuser rights to' if superuser else 'Removed superuser rights from'} the user",
            user,
            before,
        )


def save_account(user: Any, *, roles: Iterable[Role]) -> None:
    """Save a user's name, address and status, and give them these roles. Raises Invalid or Refused."""
    require_role(Role.ADMINISTRATOR, "Changing a user")
    with transaction.atomic():
        before = locked(get_user_model().objects.all(), user.pk)
        is_administrator = Role.ADMINISTRATOR in roles_assigned(before)
        require_confirmed_about_administrator(
            about_one=is_administrator and before.is_active is not user.is_active
        )
        if user.username != before.username:
            refuse_name(user.username, before=before.username)
        try:
            user.full_clean(exclude=["password"])
        except ValidationError as error:
            raise Invalid(" ".join(error.messages)) from error
        stored = user_values(before)
        user.save(update_fields=ACCOUNT_FIELDS)
        if not user.is_active:
            end_all_sessions(user)
        record_user("Changed the user", user, stored)
        access_changed.send(sender=None, user=user)
        if roles_assigned(before) != frozenset(roles):
            set_roles(user.username, roles, publication_roles_assigned(before))


def set_active(user: Any, *, active: bool) -> None:
    """Let a user log in, or end all their sessions at once and let them not. Call this inside a transaction.

    Raises RecentSignInNeededError for an administrator, unless the actor has confirmed lately.
    """
    require_role(Role.ADMINISTRATOR, "Activating or deactivating an account")
    require_confirmed_about_administrator(about_one=Role.ADMINISTRATOR in roles_assigned(user))
    before = user_values(user)
    user.is_active = active
    user.save(update_fields=["is_active"])
    if not active:
        end_all_sessions(user)
    record_user("Activated the user" if active else "Deactivated the user", user, before)
    access_changed.send(sender=None, user=user)
