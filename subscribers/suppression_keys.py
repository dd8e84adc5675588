"""The keys under which suppressed addresses are kept as digests, and the name of each.

The first one makes new digests. The others were the first once: what was suppressed under them is still found. An
erased address cannot be digested again, so a key that a suppression needs is never dropped.
"""

import hmac
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from subscribers import app_settings
from subscribers.prepared_hmac import prepared


class SuppressionKey(NamedTuple):
    """`id` names the key beside every digest made with it, and tells nothing of it: 12 hexadecimal digits."""

    id: str
    hmac_of: Callable[[bytes], Any]

    def digest(self, address_key: str) -> str:
        """The digest of a folded address: 64 hexadecimal digits."""
        return str(self.hmac_of(address_key.encode()).hexdigest())

    def digests(self, address_keys: Iterable[str]) -> list[str]:
        """The digests of many folded addresses, in their order."""
        hmac_of = self.hmac_of
        return [hmac_of(address_key.encode()).hexdigest() for address_key in address_keys]


def current_key() -> SuppressionKey:
    """Return the key that new digests are made with."""
    return known_keys()[0]


def known_keys() -> tuple[SuppressionKey, ...]:
    """Return every key that is set, the current one first."""
    return _prepared(app_settings.suppression_keys())


@lru_cache(maxsize=16)
def _prepared(texts: tuple[str, ...]) -> tuple[SuppressionKey, ...]:
    return tuple(
        SuppressionKey(
            hmac.digest(text.encode(), b"subscribers.key-id", "sha256")[:6].hex(),
            prepared(hmac.digest(text.encode(), b"subscribers.suppression", "sha256")),
        )
        for text in texts
    )
