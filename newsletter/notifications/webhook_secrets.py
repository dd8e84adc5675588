"""Keeps the secrets of webhooks encrypted, also after a change of the secret key.

Somebody who has only a copy of the database can then not sign events.
"""

from contextlib import suppress

from django.db import transaction
from django.utils import timezone

from newsletter.encrypted_text import UnreadableError, decrypt, encrypt, is_current
from newsletter.notifications.models import Webhook

PURPOSE = "secret of a webhook"
FIELDS = ("secret", "former_secret")


def encrypt_secret(text: str) -> str:
    """Return what is stored for a secret."""
    return encrypt(text, purpose=PURPOSE)


def secret_of(webhook: Webhook) -> str:
    """Return the secret with which events are signed. Raises UnreadableError if the secret key has been lost."""
    return decrypt(webhook.secret, purpose=PURPOSE)


def signs_with_former_secret(webhook: Webhook) -> bool:
    """Return whether events are still signed with the former secret too."""
    until = webhook.former_secret_until
    return bool(webhook.former_secret) and until is not None and timezone.now() < until


def former_secret_of(webhook: Webhook) -> str:
    """Return the former secret while events are signed with it too; otherwise, or if no key reads it, an empty text."""
    if not signs_with_former_secret(webhook):
        return ""
    with suppress(UnreadableError):
        return decrypt(webhook.former_secret, purpose=PURPOSE)
    return ""


def renew_webhook_secrets() -> int:
    """Encrypt every secret again that an earlier secret key has encrypted. Return of how many webhooks.

    What no key reads stays as it is, because the lost key may come back.
    """
    return sum(_renew(number) for number in list(Webhook.objects.values_list("pk", flat=True)))


def _renew(number: int) -> bool:
    with transaction.atomic():
        webhook = Webhook.objects.select_for_update(of=("self",)).filter(pk=number).first()
        if webhook is None:
            return False
        renewed = [field for field in FIELDS if _renew_field(webhook, field)]
        webhook.save(update_fields=renewed)
    return bool(renewed)


def _renew_field(webhook: Webhook, field: str) -> bool:
    text = getattr(webhook, field)
    if not text or is_current(text, purpose=PURPOSE):
        return False
    try:
        setattr(webhook, field, encrypt_secret(decrypt(text, purpose=PURPOSE)))
    except UnreadableError:
        return False
    return True
