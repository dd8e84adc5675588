"""Makes the address to which a mail program can send an email to unsubscribe its reader (RFC 2369, section 3.2).

It is the bounce mailbox with a signed token after a plus sign, like a return path (return_path.py), with another key:
a bounce of an email can never unsubscribe anybody. The token is base32 in lower case of the subscription's number
(7 bytes), its random nonce (6 bytes), and the first 12 bytes of an HMAC-SHA256 over both. Mail servers may change
capital letters, and tokens signed with one of SECRET_KEY_FALLBACKS are accepted too.
"""

import hmac
from base64 import b32decode, b32encode
from collections.abc import Iterator, Sequence
from functools import lru_cache

from django.conf import settings

from newsletter.environment import Environment
from newsletter.sending.return_path import IN_AN_ADDRESS, MAC_BYTES, MAX_TOKENS, NUMBER_BYTES
from subscribers.models import LINK_NONCE_BITS
from subscribers.prepared_hmac import prepared
from subscribers.signed_links import LinkedRow

NONCE_BYTES = LINK_NONCE_BITS // 8
SUBJECT = "unsubscribe"


def is_read(environment: Environment) -> bool:
    """Return whether emails to the bounce mailbox reach us, so that it can be named in an email."""
    return bool(
        environment.bounce_address
        and (environment.bounce_imap_host or environment.bounce_maildir is not None)
    )


def unsubscribe_addresses(rows: Sequence[tuple[int, int]]) -> list[str]:
    """Return a `mailto:` URL for each subscription, given as number and nonce; empty ones if no mailbox is read."""
    environment: Environment = settings.NEWSLETTER
    if not is_read(environment):
        return [""] * len(rows)
    local, _, domain = environment.bounce_address.rpartition("@")
    hmac_of = prepared(_key(settings.SECRET_KEY))
    found = []
    for number, nonce in rows:
        payload = _payload(number, nonce)
        token = b32encode(payload + hmac_of(payload).digest()[:MAC_BYTES]).decode().lower()
        found.append(f"mailto:{local}+{token}@{domain}?subject={SUBJECT}")
    return found


def subscriptions_named_in(text: str) -> Iterator[LinkedRow]:
    """Yield the subscriptions whose unsubscribe addresses are in a text. The caller must compare the nonces."""
    for number, found in enumerate(IN_AN_ADDRESS.finditer(text)):
        if number >= MAX_TOKENS:
            return
        sealed = b32decode(found[1].upper())
        payload, mac = sealed[:-MAC_BYTES], sealed[-MAC_BYTES:]
        secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
        if any(hmac.compare_digest(mac, _mac(secret, payload)) for secret in secrets):
            yield LinkedRow(int.from_bytes(payload[:NUMBER_BYTES]), int.from_bytes(payload[NUMBER_BYTES:]))


def _payload(number: int, nonce: int) -> bytes:
    return number.to_bytes(NUMBER_BYTES) + nonce.to_bytes(NONCE_BYTES)


def _mac(secret: str, payload: bytes) -> bytes:
    return hmac.digest(_key(secret), payload, "sha256")[:MAC_BYTES]


@lru_cache(maxsize=16)
def _key(secret: str) -> bytes:
    # This label never changes, not even with the name of this file: emails already sent have addresses made with it.
    return hmac.digest(secret.encode(), b"newsletter.sending.unsubscribe_mailbox", "sha256")
