"""Makes the envelope sender (MAIL FROM) of each SMTP email: the bounce mailbox with a signed token after a plus sign.

The address `bounces+TOKEN@example.org` to which a bounce comes identifies the recipient, whatever the bounce itself
says. Nobody else can make a token, so nobody can get an address suppressed with a false bounce.

A token is base32 (RFC 4648) in lower case of the recipient's number (7 bytes), the first 6 bytes of the mailing's
random key, and the first 12 bytes of an HMAC-SHA256 over both, with a key derived for this purpose. The mailing's key
distinguishes a row from another one that gets the same number after a restore. Capital letters are accepted, because
servers change them. Tokens signed with one of SECRET_KEY_FALLBACKS are accepted too, because bounces may come days
later.
"""

import hmac
import re
from base64 import b32decode, b32encode
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from django.conf import settings

NUMBER_BYTES, MAILING_BYTES, MAC_BYTES = 7, 6, 12
# 25 bytes are exactly 40 characters, so that each token has only one spelling. RFC 5321, section 4.5.3.1.1, allows a
# local part 64 octets.
TOKEN_LENGTH, LONGEST_LOCAL_PART = 40, 64
TOKEN = re.compile(rf"[A-Za-z2-7]{{{TOKEN_LENGTH}}}")
IN_AN_ADDRESS = re.compile(rf"\+({TOKEN.pattern})@")
# More than a message ever has.
MAX_TOKENS = 20


class SentMessage(NamedTuple):
    """The message that a token identifies: the ID of the recipient, and the first bytes of the mailing's key."""

    recipient: int
    mailing: bytes


def return_path(mailbox: str, mailing: UUID, recipient: int) -> str:
    """Return the envelope sender of one message, from the address of the bounce mailbox."""
    local, _, domain = mailbox.rpartition("@")
    return f"{local}+{token_for(mailing, recipient)}@{domain}"


def token_for(mailing: UUID, recipient: int) -> str:
    """Return the token of one recipient of one mailing, in lower case."""
    payload = recipient.to_bytes(NUMBER_BYTES) + mailing.bytes[:MAILING_BYTES]
    return b32encode(payload + _mac(settings.SECRET_KEY, payload)).decode().lower()


def read_token(text: str) -> SentMessage | None:
    """Return the message that a token identifies; None if the token was not signed here."""
    if not TOKEN.fullmatch(text):
        return None
    sealed = b32decode(text.upper())
    payload, mac = sealed[:-MAC_BYTES], sealed[-MAC_BYTES:]
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    if not any(hmac.compare_digest(mac, _mac(secret, payload)) for secret in secrets):
        return None
    return SentMessage(int.from_bytes(payload[:NUMBER_BYTES]), payload[NUMBER_BYTES:])


def messages_named_in(text: str) -> Iterator[SentMessage]:
    """Yield the messages whose return path is in a text, such as a header of a bounce, in order."""
    for number, found in enumerate(IN_AN_ADDRESS.finditer(text)):
        if number >= MAX_TOKENS:
            return
        if (sent := read_token(found[1])) is not None:
            yield sent


def _mac(secret: str, payload: bytes) -> bytes:
    return hmac.digest(_key(secret), payload, "sha256")[:MAC_BYTES]


@lru_cache(maxsize=16)
def _key(secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"newsletter.sending.return_path", "sha256")
