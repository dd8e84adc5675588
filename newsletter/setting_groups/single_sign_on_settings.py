"""Single sign-on by OpenID Connect, such as Keycloak, Entra ID or Google."""

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationInfo
from pydantic_settings import BaseSettings, NoDecode

from newsletter.setting_types import ROLES

SLUG = re.compile(r"[a-z0-9_-]+", re.IGNORECASE)
ON_THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


def _split_roles(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(_role_of_value(each.strip()) for each in value.split(",") if each.strip())


def _role_of_value(text: str) -> tuple[str, str, str]:
    """Return the value, the role and the slug of `value=role` or `value=role@slug`."""
    value, _equals, given = text.rpartition("=")
    role, at, slug = given.strip().partition("@")
    if not value.strip() or (at and not SLUG.fullmatch(slug)):
        raise ValueError(f"“{text}” must have the form value=role or value=role@publication")
    if role not in ROLES:
        raise ValueError(f"{role or text} is not a role. The roles are {', '.join(ROLES)}")
    return value.strip(), role, slug


def _split_values(value: object) -> object:
    if isinstance(value, str):
        return tuple(each.strip() for each in value.split(",") if each.strip())
    return value


def _issuer(value: str, given: ValidationInfo) -> str:
    """Return the issuer as it is: every character of it must be the same in the proofs that it signs."""
    issuer = value.strip()
    if not issuer:
        return ""
    parts = urlsplit(issuer)
    here = parts.hostname in ON_THIS_MACHINE
    secure = parts.scheme == "https" or (parts.scheme == "http" and here)
    if not (secure and parts.hostname) or parts.username or parts.query or parts.fragment:
        raise ValueError("write an address such as https://login.example.org/realms/staff")
    names = ("oidc_client_id", "oidc_client_secret", "oidc_roles")
    # One that is wrong itself is not in `given`, and has a sentence of its own.
    missing = [
        f"NEWSLETTER_{name.upper()}" for name in names if name in given.data and not _given(given.data[name])
    ]
    if missing:
        raise ValueError(f"single sign-on also needs {', '.join(missing)}")
    return issuer


def _given(value: object) -> bool:
    return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)


# `value=role` or `value=role@publication`, as (value, role, slug of the publication or "").
ClaimRoles = Annotated[tuple[tuple[str, str, str], ...], NoDecode, BeforeValidator(_split_roles)]
# As they are written, because programs compare them.
Values = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_values)]
Issuer = Annotated[str, AfterValidator(_issuer)]


class SingleSignOnSettings(BaseSettings):
    """Settings of single sign-on."""

    oidc_name: str = Field(
        "single sign-on",
        max_length=60,
        description="The name that people know the provider by, for the button on the login page.",
    )
    oidc_client_id: str = Field("", description="Client ID that the provider gave this installation.")
    oidc_client_secret: SecretStr = Field(
        SecretStr(""), description="Client secret that belongs to the client ID."
    )
    oidc_scope: str = Field(
        "openid email profile",
        pattern=r"^openid( [\x21\x23-\x5b\x5d-\x7e]+)*$",
        description="Scopes to ask the provider for, separated by spaces. The first must be `openid`.",
    )
    oidc_roles_claim: str = Field(
        "roles",
        min_length=1,
        description="Claim whose values give people their roles. `realm_access.roles` is the claim `roles` inside "
        "`realm_access`.",
    )
    oidc_roles: ClaimRoles = Field(
        (),
        description="Pairs of a claim value and the role it gives, separated by commas: `news-editors=editor` for all "
        "publications, `weekly-team=editor@weekly` for the one with the slug `weekly`.",
    )
    oidc_second_factor: Values = Field(
        (),
        description=(
            "Values of the claims `amr` or `acr` that show that the provider has asked for a second "
            "factor, such as `mfa`. If the provider sends one of them, we do not ask for another factor. "
            "If empty, we always ask people who have set up a second factor here."
        ),
    )
    oidc_issuer: Issuer = Field(
        "",
        description=(
            "Address of the OpenID Connect provider, exactly as given under `issuer` in its discovery document. "
            "If empty, single sign-on is off."
        ),
    )
    local_sign_in: Literal["all", "administrators"] = Field(
        "all",
        description=(
            "Who can log in with a password or passkey for this installation when single sign-on is on: "
            "`all`, or only `administrators`, who can then log in if the provider fails."
        ),
    )
