"""Addresses that must not be mailed, kept as HMAC-SHA256 of the folded address so that they survive erasure."""

import hmac
from collections.abc import Iterable

from subscribers import conf
from subscribers.models import Suppression


def digest_of(address_key: str) -> str:
    """The digest that a folded address is suppressed by: 64 hexadecimal characters."""
    return digests_of([address_key])[0]


def digests_of(address_keys: Iterable[str]) -> list[str]:
    """The digests of many folded addresses, in their order."""
    key, digest = _key(), hmac.digest
    return [digest(key, address_key.encode(), "sha256").hex() for address_key in address_keys]


def in_force(address_keys: Iterable[str]) -> set[str]:
    """Those of some thousand folded addresses that are suppressed now."""
    keys = list(address_keys)
    by_digest = dict(zip(digests_of(keys), keys, strict=True))
    found = Suppression.objects.filter(digest__in=by_digest, lifted_at=None).values_list("digest", flat=True)
    return {by_digest[digest] for digest in found}


def _key() -> bytes:
    return hmac.digest(conf.suppression_key().encode(), b"subscribers.suppression", "sha256")
