"""Signed links: each is valid for one purpose and one row, reveals nothing about a person, and needs no login.

A token is base64url of the row's number (8 bytes), the row's random nonce (6 bytes), for links that expire the hour
when they do (4 bytes), and the first 16 bytes of an HMAC-SHA256 over all of it, under a key derived for the purpose.
Tokens signed with one of SECRET_KEY_FALLBACKS are read too.

The nonce distinguishes a row from an earlier one with its number: after a restore the database may assign numbers
again, and an old link must not open somebody else's data. The form of a token is fixed: links in emails stay valid for
years.
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
from subscribers.models import LINK_NONCE_BITS, AddressChange, Subscriber, Subscription
from subscribers.prepared_hmac import sealer

NUMBER_BYTES, NONCE_BYTES, HOUR_BYTES, MAC_BYTES = 8, LINK_NONCE_BITS // 8, 4, 16
SIGNS = (NUMBER_BYTES + NONCE_BYTES + MAC_BYTES) * 4 // 3
SECONDS_AN_HOUR = 3600
# The same as urlsafe_b64encode, without its two calls per link.
URL_SAFE = bytes.maketrans(b"+/", b"-_")


class LinkedRow(NamedTuple):
    """The row that a link is for: its primary key and its `link_nonce`."""

    number: int
    nonce: int


# No row has this number. The links in test emails and samples use it.
NOBODY = LinkedRow(0, 0)


class Purpose(StrEnum):
    """The purpose of a link. Its row is a Subscription, unless noted otherwise."""

    CONFIRM = "confirm"
    PREFERENCES = "preferences"  # a Subscriber
    LEAVE = "leave"
    ONE_CLICK = "one-click"
    READ_ONLINE = "read-online"  # a Subscriber; the page is another app's
    USEFUL = "useful"  # a Subscriber; the page is another app's
    EXPORT = "my-data"  # a Subscriber
    ERASE = "erase"  # a Subscriber
    NEW_ADDRESS = "new-address"  # an AddressChange


EXPIRING = frozenset({Purpose.CONFIRM, Purpose.NEW_ADDRESS})
OF_A_SUBSCRIBER = frozenset(
    {Purpose.PREFERENCES, Purpose.READ_ONLINE, Purpose.USEFUL, Purpose.EXPORT, Purpose.ERASE}
)


class WrongLink(Refused):
    """The link was not made here for this purpose, or is damaged."""


class StaleLink(Refused):
    """The link has expired."""


class SampleLink(Refused):
    """The link is from a test email or sample: it was made here, but for nobody."""


def make_token(purpose: Purpose, of: Subscriber | Subscription | AddressChange) -> str:
    """Return a signed token for a row: 40 characters, or 46 if it expires. `purpose` decides which kind of row is
    needed.
    """
    kind = _kind_of(purpose)
    if not isinstance(of, kind):
        raise TypeError(
            f"A link for {purpose} must be made for a {kind.__name__}, not for a {type(of).__name__}."
        )
    payload = _packed(LinkedRow(of.pk, of.link_nonce))
    if purpose in EXPIRING:
        hour = int(time.time()) // SECONDS_AN_HOUR + app_settings.confirm_hours()
        payload += hour.to_bytes(HOUR_BYTES)
    return _sealed(_key(settings.SECRET_KEY, purpose), payload)


def _kind_of(purpose: Purpose) -> type[Subscriber | Subscription | AddressChange]:
    if purpose == Purpose.NEW_ADDRESS:
        return AddressChange
    return Subscriber if purpose in OF_A_SUBSCRIBER else Subscription


def make_url(purpose: Purpose, of: Subscriber | Subscription | AddressChange) -> str:
    """Return the full URL of a page."""
    return _prefix(app_settings.base_url(), purpose) + make_token(purpose, of)


def link_maker(purpose: Purpose, page: str = "") -> Callable[[Sequence[tuple[int, int]]], list[str]]:
    """Return a function that does `make_url` for many rows, each given as number and nonce, computing what they
    share once.

    Not for links that expire. `page` is the beginning of the URL if the page belongs to another app, as for
    READ_ONLINE.
    """
    prefix = page or _prefix(app_settings.base_url(), purpose)
    seal = sealer(_key(settings.SECRET_KEY, purpose), MAC_BYTES)

    def make(rows: Sequence[tuple[int, int]]) -> list[str]:
        size = NUMBER_BYTES + NONCE_BYTES
        sealed = seal([(number << LINK_NONCE_BITS | nonce).to_bytes(size) for number, nonce in rows])
        # 30 bytes are exactly 40 base64 characters: all tokens are written at once and then cut apart.
        tokens = b2a_base64(b"".join(sealed), newline=False).translate(URL_SAFE).decode()
        return [prefix + tokens[start : start + SIGNS] for start in range(0, len(tokens), SIGNS)]

    return make


def read_token(purpose: Purpose, text: str) -> LinkedRow:
    """Return the row that a token is for. The caller must compare both of its values with the row.

    Raises WrongLink, or StaleLink if the link has expired.
    """
    size = NUMBER_BYTES + NONCE_BYTES + (HOUR_BYTES if purpose in EXPIRING else 0)
    sealed = _unpacked(text, size + MAC_BYTES)
    payload, mac = sealed[:size], sealed[size:]
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    genuine = [hmac.compare_digest(mac, _mac(_key(secret, purpose), payload)) for secret in secrets]
    if not any(genuine):
        raise WrongLink("This link is incomplete. Open it again from the email, or copy all of it.")
    number, nonce, hour = payload[:NUMBER_BYTES], payload[NUMBER_BYTES:][:NONCE_BYTES], payload[-HOUR_BYTES:]
    if purpose in EXPIRING and int.from_bytes(hour) < time.time() // SECONDS_AN_HOUR:
        raise StaleLink("This link has expired. Sign up again to get a new one.")
    return LinkedRow(int.from_bytes(number), int.from_bytes(nonce))


def _packed(row: LinkedRow) -> bytes:
    return row.number.to_bytes(NUMBER_BYTES) + row.nonce.to_bytes(NONCE_BYTES)


def _unpacked(text: str, size: int) -> bytes:
    try:
        sealed = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (ValueError, NotBase64):
        sealed = b""
    # Accept only the spelling that we write, so that each token has a single form.
    if len(sealed) != size or urlsafe_b64encode(sealed).rstrip(b"=").decode() != text:
        raise WrongLink("This link is incomplete. Open it again from the email, or copy all of it.")
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
    if purpose in {Purpose.READ_ONLINE, Purpose.USEFUL}:
        raise Refused("The page for this purpose belongs to another app. Use make_token() or link_maker().")
    return base_url + reverse(f"subscribers:{purpose.value}", args=["0"])[:-1]
