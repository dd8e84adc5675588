"""Reads the public key with which SendGrid signs the events that it posts: an ECDSA key on P-256."""

from base64 import b64decode
from typing import TYPE_CHECKING

# cryptography is imported with the first key: an installation that sends by SMTP never needs its 7 MB.
if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey


class WrongKey(ValueError):  # noqa: N818 - reads as an outcome
    """The text is not a public key for the webhook."""


def public_key_of(text: str) -> "EllipticCurvePublicKey":
    """Read a public key from base64 of its DER form, as SendGrid shows it. Raises WrongKey."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        key = load_der_public_key(b64decode(text, validate=True))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise WrongKey(
            "The webhook key is not valid base64 text. Copy the verification key from SendGrid again."
        ) from error
    if not isinstance(key, EllipticCurvePublicKey) or key.curve.name != "secp256r1":
        raise WrongKey(
            "The webhook key is not an ECDSA P-256 key. Copy the verification key from SendGrid again."
        )
    return key
