"""Signed links: each is good for one purpose and one row, says nothing about a person, and needs no login.

A token is base64url of the row's number (8 bytes), the row's random nonce (6 bytes), for links that expire the hour
when they do (4 bytes), and the first 16 bytes of an HMAC-SHA256 over all of it, under a key made for the purpose.
Tokens signed with one of SECRET_KEY_FALLBACKS are read too.

The nonce tells a row from an earlier one of the same number: after a restore the database gives numbers again, and an
old link must not open somebody else's data. The form of a token is fixed: links in mails stay good for years.
"""

import hmac
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from binascii import b2a_base64
from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse

from subscribers import app_settings
from subscribers.errors import Refused
from subscribers.models import LINK_NONCE_BITS, Subscriber, Subscription
from subscribers.prepared_hmac import prepared

NUMBER_BYTES, NONCE_BYTES, HOUR_BYTES, MAC_BYTES = 8, LINK_NONCE_BITS // 8, 4, 16
SIGNS = (NUMBER_BYTES + NONCE_BYTES + MAC_BYTES) * 4 // 3
SECONDS_AN_HOUR = 3600
# As urlsafe_b64encode does it, without its two calls a link.
URL_SAFE = bytes.maketrans(b"+/", b"-_")


class LinkedRow(NamedTuple):
    """Which row a link is for: its primary key and its `link_nonce`."""

    number: int
    nonce: int


# No row has this number: the links of test and sample letters are made for it.
NOBODY = LinkedRow(0, 0)


class Purpose(StrEnum):
    """What a link is for. Its row is a Subscription, where not said otherwise."""

    CONFIRM = "confirm"
    PREFERENCES = "preferences"  # a Subscriber
    LEAVE = "leave"
    ONE_CLICK = "one-click"
    READ_ONLINE = "read-online"  # a Subscriber; the page is another app's
    EXPORT = "my-data"  # a Subscriber
    ERASE = "erase"  # a Subscriber


EXPIRING = frozenset({Purpose.CONFIRM})
OF_A_SUBSCRIBER = frozenset({Purpose.PREFERENCES, Purpose.READ_ONLINE, Purpose.EXPORT, Purpose.ERASE})


class WrongLink(Refused):
    """The link was not made here for this, or is damaged."""


class StaleLink(Refused):
    """The link was good once."""


class SampleLink(Refused):
    """The link is of a test or sample letter: it was made here, for nobody."""


def make_token(purpose: Purpose, of: Subscriber | Subscription) -> str:
    """Return a signed token for a row: 40 characters, 46 where it expires. Purpose says what the row must be."""
    kind = Subscriber if purpose in OF_A_SUBSCRIBER else Subscription
    if not isinstance(of, kind):
        raise TypeError(f"A link for {purpose} is of a {kind.__name__}, not of a {type(of).__name__}.")
    payload = _packed(LinkedRow(of.pk, of.link_nonce))
    if purpose in EXPIRING:
        hour = int(time.time()) // SECONDS_AN_HOUR + app_settings.confirm_hours()
        payload += hour.to_bytes(HOUR_BYTES)
    return _sealed(_key(settings.SECRET_KEY, purpose), payload)


def make_url(purpose: Purpose, of: Subscriber | Subscription) -> str:
    """Return the whole address of a page."""
    return _prefix(app_settings.base_url(), purpose) + make_token(purpose, of)


def link_maker(purpose: Purpose, page: str = "") -> Callable[[Sequence[tuple[int, int]]], list[str]]:
    """`make_url` for many rows, each as its number and nonce: what they share is worked out once.

    Not for links that expire. `page` is the beginning of the address where the page is another app's, as for
    READ_ONLINE.
    """
    prefix = page or _prefix(app_settings.base_url(), purpose)
    hmac_of = prepared(_key(settings.SECRET_KEY, purpose))

    def make(rows: Sequence[tuple[int, int]]) -> list[str]:
        sealed = bytearray()
        for number, nonce in rows:
            payload = (number << LINK_NONCE_BITS | nonce).to_bytes(NUMBER_BYTES + NONCE_BYTES)
            sealed += payload
            sealed += hmac_of(payload).digest()[:MAC_BYTES]
        # 30 bytes are 40 signs of base64 without a rest: all tokens are written in one go, and then cut apart.
        tokens = b2a_base64(sealed, newline=False).translate(URL_SAFE).decode()
        return [prefix + tokens[start : start + SIGNS] for start in range(0, len(tokens), SIGNS)]

    return make


def read_token(purpose: Purpose, text: str) -> LinkedRow:
    """Return which row a token is for; whoever looks the row up compares both of its values.

    Raises WrongLink, or StaleLink when its time is over.
    """
    size = NUMBER_BYTES + NONCE_BYTES + (HOUR_BYTES if purpose in EXPIRING else 0)
    sealed = _unpacked(text, size + MAC_BYTES)
    payload, mac = sealed[:size], sealed[size:]
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    genuine = [hmac.compare_digest(mac, _mac(_key(secret, purpose), payload)) for secret in secrets]
    if not any(genuine):
        raise WrongLink("This link is not complete: open it again from the mail, or copy all of it.")
    number, nonce, hour = payload[:NUMBER_BYTES], payload[NUMBER_BYTES:][:NONCE_BYTES], payload[-HOUR_BYTES:]
    if purpose in EXPIRING and int.from_bytes(hour) < time.time() // SECONDS_AN_HOUR:
        raise StaleLink("This link is too old: sign up again to get a new one.")
    return LinkedRow(int.from_bytes(number), int.from_bytes(nonce))


def _packed(row: LinkedRow) -> bytes:
    return row.number.to_bytes(NUMBER_BYTES) + row.nonce.to_bytes(NONCE_BYTES)


def _unpacked(text: str, size: int) -> bytes:
    try:
        sealed = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (ValueError, NotBase64):
        sealed = b""
    # Only the spelling that we write is read, so that a token has no twin.
    if len(sealed) != size or urlsafe_b64encode(sealed).rstrip(b"=").decode() != text:
        raise WrongLink("This link is not complete: open it again from the mail, or copy all of it.")
    return sealed


def _sealed(key: bytes, payload: bytes) -> str:
    return urlsafe_b64encode(payload + _mac(key, payload)).rstrip(b"=").decode()


def _mac(key: bytes, payload: bytes) -> bytes:
    return hmac.digest(key, payload, "sha256")[:MAC_BYTES]


@lru_cache(maxsize=64)
def _key(secret: str, purpose: Purpose) -> bytes:
    return hmac.digest(secret.encode(), f"subscribers.links:{purpose}".encode(), "sha256")


@lru_cache(maxsize=64)
def _prefix(base_url: str, purpose: Purpose) -> str:
    if purpose is Purpose.READ_ONLINE:
        raise Refused("Where letters are read online is another app's: use token().")
    return base_url + reverse(f"subscribers:{purpose.value}", args=["0"])[:-1]
