"""The envelope sender (MAIL FROM) of each email by SMTP: the bounce mailbox with a signed token behind a plus sign.

What comes back to `bounces+TOKEN@example.org` names the recipient it is about, whatever the bounce itself says or
leaves out; and because nobody else can make a token, nobody can bounce an address away.

A token is base32 (RFC 4648) in lower case of the recipient's number (7 bytes), the first 6 bytes of the mailing's
random key, and the first 12 bytes of an HMAC-SHA256 over both, under a key made for the purpose. The mailing's key
tells a row from another one that is given the same number after a restore. Capitals are read alike, because servers
change them. Tokens signed with one of SECRET_KEY_FALLBACKS are read too: bounces may come after days.
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
# 25 bytes are 40 characters without a rest, so that no token has a twin. RFC 5321, section 4.5.3.1.1, allows a local
# part 64 octets.
TOKEN_LENGTH, LONGEST_LOCAL_PART = 40, 64
TOKEN = re.compile(rf"[A-Za-z2-7]{{{TOKEN_LENGTH}}}")
IN_AN_ADDRESS = re.compile(rf"\+({TOKEN.pattern})@")
# More than one message ever has.
MAX_TOKENS = 20


class SentMessage(NamedTuple):
    """Which message a token is for: the number of the recipient's row, and the beginning of its mailing's key."""

    recipient: int
    mailing: bytes


def return_path(mailbox: str, mailing: UUID, recipient: int) -> str:
    """The envelope sender of one message, from the mailbox that bounces go to."""
    local, _, domain = mailbox.rpartition("@")
    return f"{local}+{token_for(mailing, recipient)}@{domain}"


def token_for(mailing: UUID, recipient: int) -> str:
    """The token of one recipient of one mailing, in lower case."""
    payload = recipient.to_bytes(NUMBER_BYTES) + mailing.bytes[:MAILING_BYTES]
    return b32encode(payload + _mac(settings.SECRET_KEY, payload)).decode().lower()


def read_token(text: str) -> SentMessage | None:
    """Which message a token is for; None for what was not signed here."""
    if not TOKEN.fullmatch(text):
        return None
    sealed = b32decode(text.upper())
    payload, mac = sealed[:-MAC_BYTES], sealed[-MAC_BYTES:]
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    if not any(hmac.compare_digest(mac, _mac(secret, payload)) for secret in secrets):
        return None
    return SentMessage(int.from_bytes(payload[:NUMBER_BYTES]), payload[NUMBER_BYTES:])


def messages_named_in(text: str) -> Iterator[SentMessage]:
    """The messages whose return path stands in a text, such as a header of a bounce, in their order."""
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
