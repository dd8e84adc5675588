"""User accounts, their roles, and how a person signs in to one."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from newsletter.accounts import audit_log
from newsletter.accounts.account_mails import queue_account_mail
from newsletter.accounts.actor import Actor, Role, current_actor, require_role
from newsletter.accounts.end_all_sessions import end_all_sessions
from newsletter.accounts.recent_sign_in import require_confirmed_actor
from newsletter.accounts.sign_in import clear_all_failures
from newsletter.errors import Invalid, NotFound, Refused
from subscribers.database import locked

# What an editor or approver can see and change in the admin site. An administrator can change everything.
_VIEW_PERMISSIONS = Q(codename__startswith="view_", content_type__app_label__in=("newsletter", "subscribers"))
_ACCOUNT_FIELDS = ("username", "email", "first_name", "last_name", "is_active")
_CHANGE_PERMISSIONS = Q(codename__in=("change_issue", "change_article"), content_type__app_label="newsletter")


def add_user(
    name: str, *, password: str, address: str = "", roles: Iterable[Role] = (Role.ADMINISTRATOR,)
) -> Any:
    """Add a user. Raises Invalid for a weak password or no role, Refused if the name is taken."""
    require_role(Role.ADMINISTRATOR, "Adding a user")
    roles = set(roles)
    _refuse_administrators(Role.ADMINISTRATOR in roles)
    user_model = get_user_model()
    user = user_model(username=name, email=address, is_staff=True)
    _set_password(user, password)
    try:
        user.full_clean()
        with transaction.atomic():
            user.save()
            _assign_roles(user, roles)
            _record("Added the user", user, {})
    except ValidationError as error:
        if user_model.objects.filter(username=name).exists():
            raise Refused(_is_name_taken(name)) from error
        raise Invalid(" ".join(error.messages)) from error
    except IntegrityError as error:
        raise Refused(_is_name_taken(name)) from error
    return user


def change_password(name: str, *, password: str) -> None:
    """Change a user's password. They can sign in with it at once, even after many failed attempts.

    Raises NotFound, or Invalid for a weak password.
    """
    require_role(Role.ADMINISTRATOR, "Changing a password")
    user = find_user(name)
    _set_password(user, password)
    # Hashing takes a second, in which somebody else may deactivate the user: save the password only.
    user.save(update_fields=["password"])
    record_password(user)
    queue_account_mail("password-set", user.email, user=user, name=name, by=current_actor().name)
    # People who have forgotten their password have usually tried it often.
    clear_all_failures(name)


def set_roles(name: str, roles: Iterable[Role]) -> None:
    """Give a user exactly these roles. Raises NotFound, Invalid for no role, Refused for the last administrator."""
    require_role(Role.ADMINISTRATOR, "Changing roles")
    roles = set(roles)
    with transaction.atomic():
        lock_administrators()
        user = find_user(name)
        others = administrators().exclude(pk=user.pk)
        if user.is_superuser and Role.ADMINISTRATOR not in roles and not others.exists():
            raise Refused(f"{name} is the only administrator. Make another user an administrator first.")
        _refuse_administrators(user.is_superuser is not (Role.ADMINISTRATOR in roles))
        before = _values(user)
        _assign_roles(user, roles)
        _record("Changed the roles of the user", user, before)


def save_account(user: Any, *, roles: Iterable[Role]) -> None:
    """Save a user's name, address and status, and give them these roles. Raises Invalid or Refused."""
    require_role(Role.ADMINISTRATOR, "Changing a user")
    with transaction.atomic():
        before = locked(get_user_model().objects.all(), user.pk)
        _refuse_administrators(before.is_superuser and before.is_active is not user.is_active)
        try:
            user.full_clean(exclude=["password"])
        except ValidationError as error:
            raise Invalid(" ".join(error.messages)) from error
        stored = _values(before)
        user.save(update_fields=_ACCOUNT_FIELDS)
        if not user.is_active:
            end_all_sessions(user)
        _record("Changed the user", user, stored)
        if roles_assigned(before) != frozenset(roles):
            set_roles(user.username, roles)


def set_active(user: Any, *, active: bool) -> None:
    """Let a user log in, or end all their sessions at once and let them not. Call this inside a transaction.

    Raises RecentSignInNeededError for an administrator, unless the actor has confirmed lately. people.py has the rules
    of who can do this to whom.
    """
    require_role(Role.ADMINISTRATOR, "Activating or deactivating a person")
    _refuse_administrators(Role.ADMINISTRATOR in roles_assigned(user))
    before = _values(user)
    user.is_active = active
    user.save(update_fields=["is_active"])
    if not active:
        end_all_sessions(user)
    _record("Activated the user" if active else "Deactivated the user", user, before)


def set_address(user: Any, address: str) -> None:
    """Change the address of a user, who has confirmed it (change_address.py). Call this inside a transaction."""
    before = _values(user)
    user.email = address
    user.save(update_fields=["email"])
    _record("Changed the address of the user", user, before)


def remove_user(name: str) -> None:
    """Remove a user. The audit log keeps what they did, under their name. Raises NotFound or Refused."""
    actor = require_role(Role.ADMINISTRATOR, "Removing a user")
    user = find_user(name)
    _refuse_administrators(user.is_superuser)
    if user.pk == actor.account:
        raise Refused("You cannot remove your own account. Ask another administrator.")
    with transaction.atomic():
        audit_log.write(
            "user",
            f"Removed the user {name}.",
            thing=f"user {user.pk}",
            changes=audit_log.changes_between(_values(user), {}),
        )
        user.delete()


def record_password(user: Any) -> None:
    """Record that a user's password was changed. The log does not store the password."""
    audit_log.write(
        "user",
        f"Changed the password of the user {user.get_username()}.",
        thing=f"user {user.pk}",
        changes={"password": [audit_log.NOT_SHOWN, audit_log.NOT_SHOWN]},
    )


def all_users() -> list[dict[str, Any]]:
    """Return the name, address, roles, last log-in and status of every user."""
    users = get_user_model().objects.order_by("username").prefetch_related("groups")
    return [
        {
            "username": user.username,
            "email": user.email,
            "roles": sorted(roles_of(user)),
            "last_login": user.last_login,
            "is_active": user.is_active,
        }
        for user in users
    ]


def find_user(name: str) -> Any:
    """Return the user with this name. Raises NotFound."""
    user = get_user_model().objects.filter(username=name).first()
    if user is None:
        raise NotFound(
            f"We could not find a user called “{name}”. To see all users, run `newsletter users list`."
        )
    return user


def roles_of(user: Any) -> frozenset[Role]:
    """Return a user's roles. Anonymous and deactivated users have none."""
    if not user.is_active:
        return frozenset()
    return roles_assigned(user)


def roles_assigned(user: Any) -> frozenset[Role]:
    """Return the roles that were assigned to a user, even if the user is deactivated."""
    if user.is_superuser:
        return frozenset({Role.ADMINISTRATOR})
    names = {group.name for group in user.groups.all()}
    return frozenset(role for role in Role if role.value in names)


def actor_of(user: Any) -> Actor:
    """Return the actor for a signed-in user."""
    return Actor(user.get_username(), roles_of(user), user.pk)


def authenticate_actor(name: str, password: str) -> Actor:
    """Return the actor with this name if the password is right, which confirms them. Raises Refused."""
    user = authenticate(username=name, password=password)
    if user is None:
        raise Refused(
            f"We could not log in as “{name}”, because the name or the password is wrong. Check both "
            "and try again."
        )
    return replace(actor_of(user), confirmed=True)


def administrators() -> QuerySet[Any]:
    """Return the active users who are administrators."""
    return get_user_model().objects.filter(is_superuser=True, is_active=True)


def lock_administrators() -> None:
    """Lock all administrators until the transaction ends, so that no two acts at once leave none."""
    list(administrators().select_for_update().order_by("pk").values_list("pk"))


def _refuse_administrators(about_one: bool) -> None:  # noqa: FBT001 - it is the whole question
    """Raise RecentSignInNeededError if a signed-in person changes an administrator, and has not confirmed lately."""
    if about_one:
        require_confirmed_actor()


def _values(user: Any) -> dict[str, Any]:
    return {
        **audit_log.values_of(user, _ACCOUNT_FIELDS),
        "roles": sorted(role.value for role in roles_assigned(get_user_model().objects.get(pk=user.pk))),
    }


def _record(did: str, user: Any, before: Mapping[str, Any]) -> None:
    changes = audit_log.changes_between(before, _values(user))
    if changes:
        audit_log.write("user", f"{did} {user.get_username()}.", thing=f"user {user.pk}", changes=changes)


def _assign_roles(user: Any, roles: Iterable[Role]) -> None:
    roles = set(roles)
    if not roles:
        raise Invalid(f"Give the user at least one role. You can choose from {', '.join(Role)}.")
    user.is_superuser = Role.ADMINISTRATOR in roles
    user.save(update_fields=["is_superuser"])
    user.groups.set([_group_of(role) for role in roles])


def _group_of(role: Role) -> Group:
    group, is_new = Group.objects.get_or_create(name=role.value)
    if is_new:
        group.permissions.set(Permission.objects.filter(_VIEW_PERMISSIONS | _CHANGE_PERMISSIONS))
    return group


def _set_password(user: Any, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid(f"The password is too weak. {' '.join(error.messages)}") from error
    user.set_password(password)


def _is_name_taken(name: str) -> str:
    return f"A user called “{name}” already exists. Choose another name, or change that user's password."
