"""The roles that a provider's claim gives (NEWSLETTER_OIDC_ROLES_CLAIM and NEWSLETTER_OIDC_ROLES)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings

from newsletter.accounts.actor import Role
from newsletter.accounts.role_assignments import PublicationRole


@dataclass(frozen=True, slots=True)
class ClaimedRoles:
    """Roles for all publications, and for single ones."""

    everywhere: frozenset[Role]
    single: frozenset[PublicationRole]

    def __bool__(self) -> bool:
        return bool(self.everywhere or self.single)


def claimed_roles(claims: Mapping[str, Any]) -> ClaimedRoles:
    """Return the roles that these claims give. Values and publications that we do not know give none."""
    name = settings.NEWSLETTER.oidc_roles_claim
    # An address that nobody has verified is what a person says of themselves.
    values = (
        set() if name == "email" and not is_email_verified(claims) else _values(value_of_claim(claims, name))
    )
    granted = [(role, slug) for value, role, slug in settings.NEWSLETTER.oidc_roles if value in values]
    keys = publications_by_slug({slug for _role, slug in granted if slug})
    return ClaimedRoles(
        frozenset(Role(role) for role, slug in granted if not slug),
        frozenset((keys[slug], Role(role)) for role, slug in granted if slug in keys),
    )


def value_of_claim(claims: Mapping[str, Any], name: str) -> Any:
    """Return the value of a claim. Unless one has exactly this name, dots lead into claims inside claims."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(part)
    return found


def is_email_verified(claims: Mapping[str, Any]) -> bool:
    """Return whether the provider says that the address belongs to the person. Some write it as a text."""
    said = claims.get("email_verified")
    return said is True or said == "true"


def publications_by_slug(slugs: set[str]) -> dict[str, int]:
    """Return the primary keys of the publications with these slugs, by slug."""
    if not slugs:
        return {}
    publications: Any = apps.get_model("newsletter", "Publication")
    return dict(publications.objects.filter(slug__in=slugs).values_list("slug", "pk"))


def _values(value: object) -> set[str]:
    if isinstance(value, str):
        return {value}
    return {each for each in value if isinstance(each, str)} if isinstance(value, list) else set()
