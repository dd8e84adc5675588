"""Keeps the secrets of authenticator apps and recovery codes encrypted, also after a change of the secret key.

Somebody who has only a copy of the database can then not work out codes.
"""

from contextlib import suppress
from typing import Any

from django.apps import apps
from django.db import transaction

from newsletter.accounts.login_by_host_site import has_own_sign_in
from newsletter.encrypted_text import UnreadableError, decrypt, encrypt, is_current
from subscribers.database import locked

PURPOSE = "second factor"
# In the data of an app, and of recovery codes.
FIELDS = ("secret", "seed")
TYPES = ("totp", "recovery_codes")


def encrypt_secret(text: str) -> str:
    """Return what is stored for a secret."""
    return encrypt(text, purpose=PURPOSE)


def decrypt_secret(stored: str) -> str:
    """Return a secret. Raises UnreadableError."""
    return decrypt(stored, purpose=PURPOSE)


def renew_all_secrets() -> int:
    """Encrypt every secret again that an earlier secret key has encrypted. Return of how many factors.

    What no key reads stays as it is, because the lost key may come back.
    """
    if not has_own_sign_in():
        return 0
    factors = apps.get_model("mfa", "Authenticator").objects.filter(type__in=TYPES)
    renewed = 0
    for factor in factors.iterator():
        with suppress(UnreadableError):
            renewed += renew_secret(factor)
    return renewed


def renew_secret(factor: Any) -> bool:
    """Encrypt the secret of a factor again if an earlier secret key has encrypted it, and return whether it did.

    Raises UnreadableError.
    """
    if all(is_current(factor.data[each], purpose=PURPOSE) for each in FIELDS if each in factor.data):
        return False
    with transaction.atomic():
        stored = locked(type(factor).objects.all(), factor.pk)
        for field in FIELDS:
            if field in stored.data:
                stored.data[field] = encrypt_secret(decrypt_secret(stored.data[field]))
        stored.save(update_fields=["data"])
        factor.data = stored.data
    return True
