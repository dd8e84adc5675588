"""Checks that a post comes from SendGrid: ECDSA on P-256 with SHA-256 over the timestamp and the raw body.

https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
"""

from base64 import b64decode
from binascii import Error as NotBase64
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from newsletter.sending_settings.webhook_public_key import public_key_of
from subscribers.whole_numbers import whole_number

# cryptography is imported with the first post: an installation that sends by SMTP never needs its 7 MB.
if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

# SendGrid repeats a post for 24 hours. A replay within that time is harmless: an event counts once.
OLDEST = timedelta(hours=26)
# How far our clock may be behind.
NEWEST = timedelta(hours=1)
LONGEST_SIGNATURE = 200


@lru_cache(maxsize=8)
def keys_of(settings: tuple[str, ...]) -> "tuple[EllipticCurvePublicKey, ...]":
    """Read public keys from base64 of their DER form, as SendGrid shows them. Raises WrongKey."""
    return tuple(map(public_key_of, settings))


def is_genuine(keys: "Sequence[EllipticCurvePublicKey]", signature: str, timestamp: str, body: bytes) -> bool:
    """Return whether one of the keys signed this post. A malformed signature is not genuine."""
    if len(signature) > LONGEST_SIGNATURE:
        return False
    try:
        signed = b64decode(signature, validate=True)
        message = timestamp.encode("ascii") + body
    except (NotBase64, ValueError):
        return False
    return any(_signed_by(key, signed, message) for key in keys)


def is_recent(timestamp: str, now: datetime) -> bool:
    """Return whether SendGrid may still send a post with this timestamp (Unix time)."""
    posted = whole_number(timestamp)
    if posted is None:
        return False
    age = now.timestamp() - posted
    return -NEWEST.total_seconds() <= age <= OLDEST.total_seconds()


def _signed_by(key: "EllipticCurvePublicKey", signature: bytes, message: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        key.verify(signature, message, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True
