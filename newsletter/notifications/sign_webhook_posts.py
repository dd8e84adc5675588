"""Signs requests as in Standard Webhooks 1.0.0: HMAC-SHA256 of the ID, the time of the attempt and the body.

See https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    """Return a new secret in the form that receivers expect: `whsec_` and base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode("ascii")


def signed_headers(
    secret: str, key: str, at: datetime, body: bytes, *, former_secret: str = ""
) -> dict[str, str]:
    """Return the 3 headers that tell a receiver who sent this event, when, and whether it is a repeat.

    With a former secret, there are two signatures, so that a receiver can change its secret at any time.
    """
    seconds = str(int(at.timestamp()))
    content = b".".join((key.encode("ascii"), seconds.encode("ascii"), body))
    signatures = [_signature(each, content) for each in (secret, former_secret) if each]
    return {"webhook-id": key, "webhook-timestamp": seconds, "webhook-signature": " ".join(signatures)}


def _signature(secret: str, content: bytes) -> str:
    digest = hmac.new(base64.b64decode(secret.removeprefix(PREFIX)), content, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode("ascii")
