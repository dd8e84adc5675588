"""Signs posts by Standard Webhooks 1.0.0: HMAC-SHA256 over id, time of the attempt and body.

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
    """A secret as receivers know it: `whsec_` and base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode("ascii")


def signed_headers(secret: str, key: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers by which a receiver knows who posted this, when, and whether it had it before."""
    seconds = str(int(at.timestamp()))
    content = b".".join((key.encode("ascii"), seconds.encode("ascii"), body))
    digest = hmac.new(base64.b64decode(secret.removeprefix(PREFIX)), content, hashlib.sha256).digest()
    return {
        "webhook-id": key,
        "webhook-timestamp": seconds,
        "webhook-signature": "v1," + base64.b64encode(digest).decode("ascii"),
    }
