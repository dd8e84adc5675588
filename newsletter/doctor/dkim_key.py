"""Judge the public key of a DKIM record (RFC 6376, section 3.6.1; RFC 8301 on lengths; RFC 8463 on Ed25519)."""

import base64
import binascii
from collections.abc import Iterator

from newsletter.doctor.dns_lookup import repeated_tags, tags_of

SHORTEST_BITS, GOOD_BITS = 1024, 2048
ED25519_BYTES = 32


def fault_of(texts: list[str]) -> str:
    """Say why receivers find no usable key in the TXT records of a selector. Empty if they find one."""
    keys = _keys(texts)
    if not keys:
        return "We could not find a TXT record." if not texts else "The record does not contain a key (p=)."
    if len(keys) > 1:
        return f"There are {len(keys)} records with a key, so email providers may use the wrong one."
    tags, repeated = tags_of(keys[0]), repeated_tags(keys[0])
    begins = keys[0].lstrip().lower().startswith("v")
    faults = {
        f"The record has these tags more than once: {', '.join(repeated)}.": bool(repeated),
        "The record does not begin with “v=DKIM1”.": "v" in tags and (tags["v"] != "DKIM1" or not begins),
        "The key has been revoked (p= is empty).": not tags["p"],
        f"The key cannot be used with SHA-256 (h={tags.get('h')}).": "h" in tags
        and "sha256" not in _words(tags["h"]),
        f"The key cannot be used for email (s={tags.get('s')}).": "s" in tags
        and not {"*", "email"} & _words(tags["s"]),
    }
    return next((fault for fault, is_so in faults.items() if is_so), "") or _fault_of_key(tags)


def weaknesses_of(texts: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the weaknesses of a usable key, each with how to fix it."""
    tags = tags_of(_keys(texts)[0])
    if "y" in _words(tags.get("t", "")):
        yield (
            "The key is in test mode (t=y), so email providers may ignore it.",
            "Remove t=y from the record.",
        )
    bits = _bits(tags)
    if bits is not None and bits < GOOD_BITS:
        yield (
            f"The key has only {bits} bits.",
            f"Configure your mail server to sign with a new key of {GOOD_BITS} bits.",
        )


def _keys(texts: list[str]) -> list[str]:
    return [text for text in texts if "p" in tags_of(text)]


def _words(value: str) -> set[str]:
    return {word.strip().lower() for word in value.split(":")}


def _fault_of_key(tags: dict[str, str]) -> str:
    kind = tags.get("k", "rsa").lower()
    if kind not in {"rsa", "ed25519"}:
        return f"The type of the key, k={tags['k']}, is unknown."
    # Imported with the first key, because every page imports the names of the doctor's checks.
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        bits = _bits(tags)
    except (ValueError, UnsupportedAlgorithm):
        return "The value of p= is not a valid key."
    if bits is not None and bits < SHORTEST_BITS:
        return f"The key has only {bits} bits, but email providers require at least {SHORTEST_BITS}."
    return ""


def _bits(tags: dict[str, str]) -> int | None:
    """Return the length of an RSA key, or None for Ed25519, which has only one length. Raises ValueError for
    anything else.
    """
    try:
        data = base64.b64decode("".join(tags["p"].split()), validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if tags.get("k", "rsa").lower() == "ed25519":
        if len(data) != ED25519_BYTES:
            raise ValueError("not an Ed25519 key")
        return None
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    key = load_der_public_key(data)
    if not isinstance(key, RSAPublicKey):
        raise ValueError("not an RSA key")  # noqa: TRY004 - of the text
    return key.key_size
