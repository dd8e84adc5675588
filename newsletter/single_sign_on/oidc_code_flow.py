"""One log-in by the provider: where it begins, and the proof with which it ends (the code flow, with PKCE)."""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.urls import reverse

from newsletter.errors import Refused
from newsletter.single_sign_on.check_id_token import LEEWAY_SECONDS, checked_claims
from newsletter.single_sign_on.claimed_roles import is_email_verified, value_of_claim
from newsletter.single_sign_on.oidc_provider_requests import (
    Provider,
    discover,
    exchange_code,
    keys_of,
    login_deadline,
    userinfo,
)

LONGEST_SECONDS = 600
CANCELLED = {"access_denied", "login_required", "interaction_required", "consent_required"}
BEGIN_AGAIN = "This login has expired, or it was started in another tab. Start again."


@dataclass(frozen=True, slots=True)
class Begun:
    """What the session keeps while the person is at the provider."""

    state: str
    nonce: str
    verifier: str
    begun_at: float
    next_path: str
    # The account that confirms that it is still them, or None for a log-in.
    confirms: int | None = None

    def kept(self) -> dict[str, Any]:
        """Return the values for the session."""
        return asdict(self)

    @classmethod
    def of(cls, kept: object) -> "Begun | None":
        """Return what the session kept, or None if it is too old."""
        if not isinstance(kept, dict):
            return None
        begun = cls(**kept)
        # A clock that was set back must not make it last longer.
        return begun if 0 <= time.time() - begun.begun_at < LONGEST_SECONDS else None


@dataclass(frozen=True, slots=True)
class Proven:
    """Who has logged in at the provider, as its signed proof says."""

    subject: str
    # Empty unless the provider has verified it.
    address: str
    name: str
    claims: Mapping[str, Any]
    has_second_factor: bool
    # When the person was asked for their password there, in seconds, or 0.0 if the provider does not say.
    proved_at: float


def redirect_uri() -> str:
    """Return the address to register with the provider. It never depends on a request."""
    return f"{settings.NEWSLETTER.root_url}{reverse('desk:single-sign-on-answer')}"


def begin(next_path: str, *, confirms: int | None = None) -> tuple[str, Begun]:
    """Return the provider's address to lead to, and what the session keeps. Raises Unreachable or Refused.

    With `confirms`, the provider is told to ask for the password again.
    """
    provider = discover(login_deadline())
    begun = Begun(
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
        begun_at=time.time(),
        next_path=next_path,
        confirms=confirms,
    )
    challenge = base64.urlsafe_b64encode(hashlib.sha256(begun.verifier.encode()).digest()).rstrip(b"=")
    query = {
        "response_type": "code",
        "client_id": settings.NEWSLETTER.oidc_client_id,
        "redirect_uri": redirect_uri(),
        "scope": settings.NEWSLETTER.oidc_scope,
        "state": begun.state,
        "nonce": begun.nonce,
        "code_challenge": challenge.decode(),
        "code_challenge_method": "S256",
    }
    if confirms is not None:
        query |= {"prompt": "login", "max_age": "0"}
    there = provider.authorization_endpoint
    return f"{there}{'&' if urlsplit(there).query else '?'}{urlencode(query)}", begun


def complete(begun: Begun | None, answer: Mapping[str, str]) -> Proven:
    """Return who has logged in, by the query that the provider sent them back with. Raises Unreachable or Refused."""
    if begun is None or not hmac.compare_digest(begun.state.encode(), answer.get("state", "").encode()):
        raise Refused(BEGIN_AGAIN)
    name = settings.NEWSLETTER.oidc_name
    # RFC 9207: the answer of another provider is not for us.
    if answer.get("iss", settings.NEWSLETTER.oidc_issuer) != settings.NEWSLETTER.oidc_issuer:
        raise Refused(f"We did not log you in, because the response did not come from {name}. Start again.")
    if answer.get("error") in CANCELLED:
        raise Refused(
            f"You did not log in with {name}, so nothing has changed. Start again, or use another way "
            "to log in."
        )
    code = answer.get("code", "")
    if not code or "error" in answer:
        raise Refused(
            f"{name} could not log you in. Try again, and tell an administrator if it happens again."
        )
    deadline = login_deadline()
    provider = discover(deadline)
    tokens = exchange_code(provider, code, verifier=begun.verifier, back=redirect_uri(), deadline=deadline)
    claims = checked_claims(tokens.get("id_token"), keys_of(provider, deadline), nonce=begun.nonce)
    claims = _with_userinfo(provider, claims, tokens.get("access_token"), deadline)
    proven = _proven(claims)
    if begun.confirms is not None and proven.proved_at < begun.begun_at - LEEWAY_SECONDS:
        raise Refused(
            f"{name} did not confirm that it has asked you to log in again. Use another way to confirm that "
            "it is you."
        )
    return proven


def _with_userinfo(
    provider: Provider, claims: dict[str, Any], access_token: object, deadline: Any
) -> dict[str, Any]:
    """Add what the proof lacks. It must be about the same person (section 5.3.2)."""
    has_all = "email" in claims and value_of_claim(claims, settings.NEWSLETTER.oidc_roles_claim) is not None
    if (
        has_all
        or not provider.userinfo_endpoint
        or not isinstance(access_token, str)
        or not access_token.isascii()
    ):
        return claims
    more = userinfo(provider, access_token, deadline)
    if more.get("sub") != claims["sub"]:
        raise Refused(
            f"We did not log you in, because {settings.NEWSLETTER.oidc_name} confirmed a different person. "
            "Tell an administrator."
        )
    # An address and whether it is verified belong together, so they come from one place.
    if "email" in claims:
        more = {key: value for key, value in more.items() if key not in {"email", "email_verified"}}
    return {**more, **claims}


def _proven(claims: dict[str, Any]) -> Proven:
    address = claims.get("email")
    verified = isinstance(address, str) and is_email_verified(claims)
    methods = claims.get("amr")
    said = {each for each in (methods if isinstance(methods, list) else []) if isinstance(each, str)}
    said |= {claims["acr"]} if isinstance(claims.get("acr"), str) else set()
    at = claims.get("auth_time")
    # The future would count as recent for longer.
    proved_at = (
        min(float(at), time.time()) if isinstance(at, int | float) and not isinstance(at, bool) else 0.0
    )
    name = claims.get("preferred_username") or (address if verified else "") or claims.get("name") or ""
    return Proven(
        subject=claims["sub"],
        address=str(address) if verified else "",
        name=name if isinstance(name, str) else "",
        claims=claims,
        has_second_factor=bool(said & set(settings.NEWSLETTER.oidc_second_factor)),
        proved_at=proved_at,
    )
