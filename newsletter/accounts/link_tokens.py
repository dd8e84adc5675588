"""The tokens of links that open something for anyone who has them.

A row has the digest of its token and a nonce. The token is worked out from the nonce with the secret key, so nothing
that is stored opens the link.
"""

import hashlib
import secrets
from base64 import urlsafe_b64encode

from django.utils.crypto import salted_hmac


def new_nonce() -> str:
    """Return what a new token is worked out from."""
    return secrets.token_urlsafe(16)


def token_of(nonce: str, *, salt: str) -> str:
    """Return the token of a link. It begins with a capital letter, by which logs know that they must not show it.

    `salt` names what the link is for, so that no token opens two kinds of links.
    """
    mac = salted_hmac(salt, nonce, algorithm="sha256").digest()
    return f"A{urlsafe_b64encode(mac).decode().rstrip('=')}"


def digest_of(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
