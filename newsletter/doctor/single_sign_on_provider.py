"""Check single sign-on: the provider's documents can be read, and what to register there."""

from collections.abc import Iterator

from newsletter.doctor.check_inputs import Installation
from newsletter.doctor.doctor_finding import Finding, ok, warning, wrong
from newsletter.errors import NewsletterError
from newsletter.single_sign_on.claimed_roles import publications_by_slug
from newsletter.single_sign_on.oidc_code_flow import redirect_uri
from newsletter.single_sign_on.oidc_provider_requests import discover, keys_of, login_deadline

CHECK = "single sign-on"


def check(installation: Installation) -> Iterator[Finding]:
    """Check whether people can log in by the provider, if there is one."""
    environment = installation.environment
    if not environment.oidc_issuer:
        return
    try:
        deadline = login_deadline()
        provider = discover(deadline)
        keys = keys_of(provider, deadline).get("keys")
    except NewsletterError as error:
        yield wrong(
            CHECK,
            f"People cannot log in with {environment.oidc_name}. {error}",
            "Check NEWSLETTER_OIDC_ISSUER, and that this machine can reach the provider.",
        )
        return
    if not keys:
        yield wrong(
            CHECK,
            f"{provider.jwks_uri} does not list any keys.",
            "Ask the people who run the provider to publish its keys.",
        )
        return
    yield ok(
        CHECK,
        f"We can read the configuration of {environment.oidc_issuer}. Register this redirect URI there: "
        f"{redirect_uri()}",
    )
    if not environment.root_url.startswith("https://") and not environment.oidc_issuer.startswith("http://"):
        yield warning(
            CHECK,
            "NEWSLETTER_BASE_URL does not use HTTPS, and most providers reject a redirect URI without HTTPS.",
            "Set NEWSLETTER_BASE_URL to an address that starts with https://.",
        )
    slugs = {slug for _value, _role, slug in environment.oidc_roles if slug}
    if installation.database_is_ready and (missing := slugs - set(publications_by_slug(slugs))):
        yield warning(
            CHECK,
            f"NEWSLETTER_OIDC_ROLES names publications that do not exist: {', '.join(sorted(missing))}.",
            "Use the slugs that `newsletter publications list` shows.",
        )
