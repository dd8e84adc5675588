"""Who waits for whom, in one order, on PostgreSQL: the whole app's lock, then people in the order of their numbers,
then rows.

Acts share the app's lock, and an import takes it alone for a piece of its people: neither holds what the other wants.
Acts about one address follow each other, also where nobody has that address yet: two that look before either writes
would leave a person both active and suppressed. On SQLite a transaction begins as the one writer, which is enough.

Take these before any row of this app is locked, and before rows of others that erasing a person changes.
"""

import hashlib
from collections.abc import Iterable

from django.db import connection

from subscribers.database import is_postgres

# Advisory locks of PostgreSQL: one is a number of 64 bits, of people a small number beside this one. So few, since the
# server has room for some thousand locks in all, and a webhook may tell of as many people at once.
APP = 0x7375_6273_6372_6962
PERSON = 0x7375_6273
NUMBERS = 512


def share_for(address_keys: Iterable[str]) -> None:
    """Until this transaction ends: no import merges meanwhile, and no other act is about these folded addresses."""
    if not is_postgres():
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [APP])
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, number) FROM unnest(%s::int[]) AS number",
            [PERSON, sorted(set(map(_number, address_keys)))],
        )


def take_alone() -> None:
    """Until this transaction ends: nobody else acts on subscribers; reading goes on."""
    if is_postgres():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [APP])


def _number(address_key: str) -> int:
    """Return the number of a person's lock; two people who share one only wait for each other."""
    digest = hashlib.blake2b(address_key.encode("utf-8", "surrogatepass"), digest_size=4).digest()
    return int.from_bytes(digest, "big") % NUMBERS
