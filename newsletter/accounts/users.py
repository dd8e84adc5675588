"""User accounts: adding, finding, listing and removing them, and how a person logs in to one."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from newsletter.accounts import audit_log
from newsletter.accounts.account_mails import queue_account_mail
from newsletter.accounts.actor import Actor, Role, current_actor, require_role
from newsletter.accounts.confusable_usernames import why_not_username
from newsletter.accounts.reauthentication import require_confirmed_actor
from newsletter.accounts.role_assignments import (
    PublicationRole,
    all_roles_of,
    assign_roles,
    describe_roles,
    publication_roles_assigned,
    publication_roles_of,
    roles_assigned,
    roles_of,
)
from newsletter.accounts.role_holders import holders
from newsletter.accounts.slow_down_password_guesses import clear_all_failures
from newsletter.accounts.who_may_log_in_locally import why_not_log_in_locally
from newsletter.errors import Invalid, NotFound, Refused, refuse_if

ACCOUNT_FIELDS = ("username", "email", "first_name", "last_name", "is_active")


def add_user(
    name: str,
    *,
    password: str | None,
    address: str = "",
    roles: Iterable[Role] = (Role.ADMINISTRATOR,),
    publication_roles: Iterable[PublicationRole] = (),
) -> Any:
    """Add a user, with roles for all publications and for single ones. Without a password, they log in by a provider.

    Raises Invalid for a weak password or no role, Refused if the name is taken.
    """
    require_role(Role.ADMINISTRATOR, "Adding a user")
    roles = set(roles)
    require_confirmed_about_administrator(about_one=Role.ADMINISTRATOR in roles)
    refuse_name(name)
    user_model = get_user_model()
    user = user_model(username=name, email=address)
    if password is None:
        user.set_unusable_password()
    else:
        _set_password(user, password)
    try:
        user.full_clean()
        with transaction.atomic():
            user.save()
            assign_roles(user, roles, publication_roles)
            record_user("Added the user", user, {})
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


def set_address(user: Any, address: str) -> None:
    """Change the address that a user has confirmed (change_own_email_address.py). Call this inside a transaction."""
    before = user_values(user)
    user.email = address
    user.save(update_fields=["email"])
    record_user("Changed the address of the user", user, before)


def remove_user(name: str) -> None:
    """Remove a user. The audit log keeps what they did, under their name. Raises NotFound or Refused."""
    actor = require_role(Role.ADMINISTRATOR, "Removing a user")
    user = find_user(name)
    require_confirmed_about_administrator(about_one=Role.ADMINISTRATOR in roles_assigned(user))
    if user.pk == actor.account:
        raise Refused("You cannot remove your own account. Ask another administrator.")
    with transaction.atomic():
        audit_log.write(
            "user",
            f"Removed the user {name}.",
            thing=f"user {user.pk}",
            changes=audit_log.changes_between(user_values(user), {}),
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
    """Return the name, address, roles in words, last log-in and status of every user."""
    users = get_user_model().objects.order_by("username").prefetch_related("role_grants")
    return [
        {
            "username": user.username,
            "email": user.email,
            "roles": describe_roles(roles_of(user), publication_roles_of(user)),
            "is_superuser": user.is_superuser,
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


def actor_of(user: Any) -> Actor:
    """Return the actor for a signed-in user."""
    roles, publication_roles = all_roles_of(user)
    return Actor(user.get_username(), roles, user.pk, publication_roles=publication_roles)


def authenticate_actor(name: str, password: str) -> Actor:
    """Return the actor with this name if the password is right, which confirms them. Raises Refused.

    NEWSLETTER_LOCAL_SIGN_IN may let only administrators use a password.
    """
    user = authenticate(username=name, password=password)
    if user is None:
        raise Refused(
            f"We could not log in as “{name}”, because the username or password is wrong. Check both and try "
            "again."
        )
    refuse_if(why_not_log_in_locally(user, {}))
    return replace(actor_of(user), confirmed=True)


def administrators() -> QuerySet[Any]:
    """Return the active users who are administrators of all publications."""
    return holders([Role.ADMINISTRATOR], publication=None)


def lock_administrators() -> None:
    """Lock all administrators until the transaction ends, so that no two acts at once leave none."""
    list(administrators().select_for_update().order_by("pk").values_list("pk"))


def require_confirmed_about_administrator(*, about_one: bool) -> None:
    """Raise RecentSignInNeededError if a signed-in person changes an administrator, and has not confirmed lately."""
    if about_one:
        require_confirmed_actor()


def user_values(user: Any) -> dict[str, Any]:
    """Return what the audit log keeps of a user: the fields of the account, and the stored roles."""
    stored = get_user_model().objects.get(pk=user.pk)
    return {
        **audit_log.values_of(user, ACCOUNT_FIELDS),
        "roles": describe_roles(roles_assigned(stored), publication_roles_assigned(stored)),
        "superuser": stored.is_superuser,
    }


def record_user(did: str, user: Any, before: Mapping[str, Any]) -> None:
    """Record in the audit log what has changed about a user, if anything has."""
    changes = audit_log.changes_between(before, user_values(user))
    if changes:
        audit_log.write("user", f"{did} {user.get_username()}.", thing=f"user {user.pk}", changes=changes)


def refuse_name(name: str, *, before: str = "") -> None:
    """Raise Invalid for a name that can be taken for that of somebody else."""
    if why_not := why_not_username(name, before=before):
        raise Invalid(why_not)


def _set_password(user: Any, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid(f"The password is too weak. {' '.join(error.messages)}") from error
    user.set_password(password)


def _is_name_taken(name: str) -> str:
    return f"A user called “{name}” already exists. Choose a different name, or change that user's password."
