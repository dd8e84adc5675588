"""Encrypts short texts in the database with the secret key, so that nobody can read them who has only the database.

The first secret key encrypts, and any of them decrypts (see secret_keys.py), so the key can be changed as usual.
"""

import base64
from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings

from newsletter.errors import Refused

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

# Stands before what is encrypted.
MARK = "encrypted:"
# What errors call a purpose. The purposes themselves are part of the keys, so they must not change.
_NAMES = {"secret of a webhook": "webhook secret", "settings of sending": "sending settings"}


class UnreadableError(Refused):
    """None of the secret keys has encrypted this text: the keys of this installation have been lost."""


def encrypt(text: str, *, purpose: str) -> str:
    """Return a text encrypted. Only `decrypt` with the same purpose, such as “second factor”, reads it."""
    return f"{MARK}{_box(_keys(), purpose).encrypt(text.encode()).decode()}"


def decrypt(encrypted: str, *, purpose: str) -> str:
    """Return what was encrypted. Raises UnreadableError."""
    from cryptography.fernet import InvalidToken

    try:
        return _box(_keys(), purpose).decrypt(encrypted.removeprefix(MARK).encode()).decode()
    except InvalidToken as error:
        raise UnreadableError(
            f"We cannot decrypt the stored {_NAMES.get(purpose, purpose)}, because this installation does not have the "
            "secret key that was used."
        ) from error


def is_current(encrypted: str, *, purpose: str) -> bool:
    """Return whether the first of the secret keys has encrypted this text, and not an earlier one."""
    from cryptography.fernet import InvalidToken

    try:
        _box(_keys()[:1], purpose).decrypt(encrypted.removeprefix(MARK).encode())
    except InvalidToken:
        return False
    return True


def _keys() -> tuple[str, ...]:
    return (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@lru_cache(maxsize=16)
def _box(keys: tuple[str, ...], purpose: str) -> "MultiFernet":
    # Most commands encrypt nothing, and the library takes a while to load.
    from cryptography.fernet import Fernet, MultiFernet
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    def derived(key: str) -> bytes:
        # A secret key is long and random (secret_keys.py refuses a short one), so one round is enough (RFC 5869).
        info = f"newsletter.encrypted_text:{purpose}".encode()
        hkdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=info)
        return base64.urlsafe_b64encode(hkdf.derive(key.encode()))

    return MultiFernet([Fernet(derived(key)) for key in keys])
