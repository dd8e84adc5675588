"""HMAC-SHA256 (RFC 2104) of very many short messages under one key: what depends only on the key is computed
once.
"""

import hashlib
from collections.abc import Callable, Iterable
from typing import Any


def prepared(key: bytes) -> Callable[[bytes], Any]:
    """Return a function that gives the HMAC of a message as a hash object with `digest()` and `hexdigest()`.

    Raises ValueError for a key longer than the hash's block of 64 bytes.
    """
    inner, outer = _begun(key)

    # Copying a hash that already includes the key costs half of creating one.
    def hmac_of(message: bytes) -> Any:
        first, second = inner(), outer()
        first.update(message)
        second.update(first.digest())
        return second

    return hmac_of


def hexdigests(key: bytes) -> Callable[[Iterable[bytes]], list[str]]:
    """Return a function that gives the HMACs of many messages, each as 64 hexadecimal digits.

    Raises ValueError as `prepared` does.
    """
    inner, outer = _begun(key)

    # As in `sealer`.
    def hexdigests_of(messages: Iterable[bytes]) -> list[str]:
        found = []
        for message in messages:
            first, second = inner(), outer()
            first.update(message)
            second.update(first.digest())
            found.append(second.hexdigest())
        return found

    return hexdigests_of


def sealer(key: bytes, size: int) -> Callable[[Iterable[bytes]], list[bytes]]:
    """Return a function that gives many messages, each followed by the first `size` bytes of its HMAC.

    Raises ValueError as `prepared` does.
    """
    inner, outer = _begun(key)

    # The same as above, without a call for each message.
    def seal(messages: Iterable[bytes]) -> list[bytes]:
        sealed = []
        for message in messages:
            first, second = inner(), outer()
            first.update(message)
            second.update(first.digest())
            sealed.append(message + second.digest()[:size])
        return sealed

    return seal


def _begun(key: bytes) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Return functions that give copies of the inner and of the outer hash, which already include the key."""
    size = hashlib.sha256().block_size
    if len(key) > size:
        raise ValueError(f"The key has {len(key)} bytes. The maximum is {size}.")
    block = key.ljust(size, b"\0")
    inner, outer = (hashlib.sha256(bytes(byte ^ pad for byte in block)) for pad in (0x36, 0x5C))
    return inner.copy, outer.copy
