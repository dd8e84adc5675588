"""The keys of suppressed addresses' digests, and their IDs.

The first key makes new digests. The others were used before, and what was suppressed under them is still found.
The digest of an erased address cannot be computed again, so we never drop a key that a suppression needs.
"""

import hmac
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from subscribers import app_settings
from subscribers.prepared_hmac import hexdigests, prepared


class SuppressionKey(NamedTuple):
    """A key. `id` is stored beside every digest made with it, and reveals nothing about it: 12 hexadecimal
    digits.
    """

    id: str
    hmac_of: Callable[[bytes], Any]
    hmacs_of: Callable[[Iterable[bytes]], list[str]]

    def digest(self, address_key: str) -> str:
        """Return the digest of a folded address: 64 hexadecimal digits."""
        return str(self.hmac_of(address_key.encode()).hexdigest())

    def digests(self, address_keys: Iterable[str]) -> list[str]:
        """Return the digests of many folded addresses, in order."""
        return self.hmacs_of(map(str.encode, address_keys))


def current_key() -> SuppressionKey:
    """Return the key that new digests are made with."""
    return known_keys()[0]


def known_keys() -> tuple[SuppressionKey, ...]:
    """Return every key that is set, the current one first."""
    return _prepared(app_settings.suppression_keys())


@lru_cache(maxsize=16)
def _prepared(texts: tuple[str, ...]) -> tuple[SuppressionKey, ...]:
    return tuple(map(_key, texts))


def _key(text: str) -> SuppressionKey:
    key = hmac.digest(text.encode(), b"subscribers.suppression", "sha256")
    key_id = hmac.digest(text.encode(), b"subscribers.key-id", "sha256")[:6].hex()
    return SuppressionKey(key_id, prepared(key), hexdigests(key))
