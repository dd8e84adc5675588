"""The secrets among what was chosen about sending, as one encrypted text in the database."""

import json
from collections.abc import Mapping

from newsletter.encrypted_text import UnreadableError, decrypt, encrypt

PURPOSE = "settings of sending"


def encrypted(secrets: Mapping[str, str]) -> str:
    """Return the secrets as one encrypted text, or an empty text if there are none."""
    return encrypt(json.dumps(dict(secrets)), purpose=PURPOSE) if secrets else ""


def readable(text: str) -> dict[str, str] | None:
    """Return the secrets of an encrypted text, or None if the secret key that encrypted it was lost."""
    if not text:
        return {}
    try:
        secrets: dict[str, str] = json.loads(decrypt(text, purpose=PURPOSE))
    except UnreadableError:
        return None
    return secrets
