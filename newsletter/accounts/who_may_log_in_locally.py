"""Who may log in with a password or passkey of this installation while there is single sign-on."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from newsletter.accounts.actor import Role
from newsletter.accounts.role_assignments import roles_of

# In the session of somebody who has to prove that an account is theirs, before it is linked with the provider: its key.
PROVES = "single_sign_on_proves"
# What allauth calls the way to confirm by the provider.
PROVIDER = "provider"
# For somebody who has proved that the account is theirs. A stranger must not learn this.
DEACTIVATED = "Your account is deactivated. Ask an administrator to activate it again."


def is_single_sign_on_offered() -> bool:
    """Return whether people can log in by an OpenID Connect provider."""
    return bool(settings.NEWSLETTER.oidc_issuer)


def is_linked(user: Any) -> bool:
    """Return whether this user can log in by the provider of now."""
    issuer = settings.NEWSLETTER.oidc_issuer
    return bool(issuer and user.sign_in_identities.filter(issuer=issuer).exists())


def why_not_log_in_locally(user: Any, session: Mapping[str, Any]) -> str:
    """Return why this user must log in by the provider, or an empty string (NEWSLETTER_LOCAL_SIGN_IN).

    A person who is about to link an account with the provider may prove by password that the account is theirs.
    """
    if settings.NEWSLETTER.local_sign_in == "all" or not is_single_sign_on_offered():
        return ""
    if Role.ADMINISTRATOR in roles_of(user) or session.get(PROVES) == user.pk:
        return ""
    return (
        f"Log in with {settings.NEWSLETTER.oidc_name}. Only administrators can log in here with a "
        "password or passkey."
    )
