"""Checks the proof that a provider gives of who has logged in: the ID token (OpenID Connect Core 1.0, section 3.1.3.7).

The signature is checked always, although the token comes from the provider itself: somebody between us and it must
not be able to log anybody in.
"""

import hmac
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from newsletter.errors import Refused
from newsletter.single_sign_on.provider_identity_model import LONGEST_SUBJECT

# Signatures by a private key only: anybody who knows the client secret could make an HMAC.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
REQUIRED = ("iss", "sub", "aud", "exp", "iat")
# How far apart the clocks may be.
LEEWAY_SECONDS = 60


def checked_claims(token: object, keys: Mapping[str, Any], *, nonce: str) -> dict[str, Any]:
    """Return the claims of an ID token. Raises Refused with what is wrong with it."""
    # Only those who log in this way need the library.
    import jwt

    if not isinstance(token, str):
        raise _refused("is missing")
    client = settings.NEWSLETTER.oidc_client_id
    try:
        header = jwt.get_unverified_header(token)
        claims: dict[str, Any] = jwt.decode(
            token,
            _key(keys, header),
            algorithms=[header["alg"]],
            audience=client,
            issuer=settings.NEWSLETTER.oidc_issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": list(REQUIRED)},
        )
    except jwt.ExpiredSignatureError as error:
        raise _refused("has expired") from error
    except jwt.ImmatureSignatureError as error:
        raise _refused("has a time in the future, so a clock must be wrong") from error
    except jwt.InvalidAudienceError as error:
        raise _refused("is meant for another program") from error
    except jwt.InvalidIssuerError as error:
        raise _refused("is from another provider") from error
    except jwt.InvalidSignatureError as error:
        raise _refused("has an invalid signature") from error
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise _refused("could not be read") from error
    _check_more(claims, client, nonce)
    return claims


def _check_more(claims: Mapping[str, Any], client: str, nonce: str) -> None:
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else client) != client:
        raise _refused("is meant for another program")
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise _refused("belongs to another login")
    subject = claims["sub"]
    if not isinstance(subject, str) or not subject.strip() or len(subject) > LONGEST_SUBJECT:
        raise _refused("does not identify anyone")


def _key(keys: Mapping[str, Any], header: Mapping[str, Any]) -> Any:
    """Return the public key that signed, by the number that the token gives, or the only one that fits."""
    import jwt

    if header.get("alg") not in ALGORITHMS:
        raise _refused("is not signed securely")
    listed = keys.get("keys")
    fitting = [
        each
        for each in (listed if isinstance(listed, list) else [])
        if isinstance(each, dict)
        and each.get("kty") in {"RSA", "EC", "OKP"}
        and each.get("use", "sig") == "sig"
        and ("kid" not in header or each.get("kid") == header["kid"])
    ]
    if len(fitting) != 1:
        raise _refused("is signed with a key that is not among the provider’s keys")
    return jwt.PyJWK.from_dict(fitting[0], algorithm=header["alg"]).key


def _refused(what: str) -> Refused:
    return Refused(
        f"We did not log you in, because the response from {settings.NEWSLETTER.oidc_name} {what}. Try "
        "again, and tell an "
        "administrator if it happens again."
    )
