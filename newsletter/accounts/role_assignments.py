"""Which roles a user has, for all publications and for single ones, and how they are given."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model

from newsletter.accounts.actor import Role
from newsletter.accounts.role_grant_model import RoleGrant
from newsletter.accounts.role_holders import publication_name
from newsletter.errors import Invalid

# A role for one publication: the primary key of the publication, and the role.
PublicationRole = tuple[int, Role]


def roles_of(user: Any) -> frozenset[Role]:
    """Return a user's roles for all publications. Anonymous and deactivated users have none."""
    return roles_assigned(user) if user.is_active else frozenset()


def publication_roles_of(user: Any) -> frozenset[PublicationRole]:
    """Return a user's roles for single publications. Anonymous and deactivated users have none."""
    return publication_roles_assigned(user) if user.is_active else frozenset()


def all_roles_of(user: Any) -> tuple[frozenset[Role], frozenset[PublicationRole]]:
    """Return what `roles_of` and `publication_roles_of` return, by one query."""
    if not user.is_active:
        return frozenset(), frozenset()
    grants = _grants(user)
    return _for_all(user, grants), _for_single(grants)


def roles_assigned(user: Any) -> frozenset[Role]:
    """Return the roles for all publications that a user was given, even if the user is deactivated.

    A superuser is an administrator.
    """
    return _for_all(user, _grants(user))


def publication_roles_assigned(user: Any) -> frozenset[PublicationRole]:
    """Return the roles for single publications that a user was given, even if the user is deactivated."""
    return _for_single(_grants(user))


def describe_roles(roles: Iterable[Role], publication_roles: Iterable[PublicationRole] = ()) -> list[str]:
    """Return roles in words, such as “approver” and “editor of The Weekly”."""
    single = sorted((publication_name(key), role.value) for key, role in publication_roles)
    return [*sorted(role.value for role in roles), *(f"{role} of {name}" for name, role in single)]


def assign_roles(user: Any, roles: Iterable[Role], publication_roles: Iterable[PublicationRole] = ()) -> None:
    """Give a user exactly these roles. Raises Invalid for no role. Call this inside a transaction."""
    wanted = {(None, role) for role in roles} | set(publication_roles)
    if not wanted:
        raise Invalid(f"Give the user at least one role. The roles are {', '.join(Role)}.")
    present = _grants(user)
    for key, role in present - wanted:
        RoleGrant.objects.filter(user=user, publication=key, role=role).delete()
    RoleGrant.objects.bulk_create(
        RoleGrant(user=user, publication_id=key, role=role)
        for key, role in sorted(wanted - present, key=lambda each: (each[0] or 0, each[1]))
    )


def reachable_users() -> Any:
    """Return the active users with an email address, newest first, each with the roles already read."""
    users = get_user_model().objects.filter(is_active=True).exclude(email="")
    return users.prefetch_related("role_grants").order_by("-pk")


def _for_all(user: Any, grants: set[tuple[int | None, Role]]) -> frozenset[Role]:
    given = {role for key, role in grants if key is None}
    return frozenset(given | {Role.ADMINISTRATOR} if user.is_superuser else given)


def _for_single(grants: set[tuple[int | None, Role]]) -> frozenset[PublicationRole]:
    return frozenset((key, role) for key, role in grants if key is not None)


def _grants(user: Any) -> set[tuple[int | None, Role]]:
    """Return what a user was given. A role that this version does not know counts for nothing."""
    if not user.pk:
        return set()
    known = set(Role)
    return {
        (grant.publication_id, Role(grant.role)) for grant in user.role_grants.all() if grant.role in known
    }
