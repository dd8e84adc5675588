"""The order of locks on PostgreSQL: first the whole app's lock, then people in the order of their numbers, then
rows.

Acts share the app's lock, and an import takes it alone for each portion of its people, so neither holds a lock
the other waits for. Acts about one address wait for each other, even if nobody has that address yet: two that
look before either writes could leave a person both active and suppressed. On SQLite a transaction begins as the
one writer, which is enough.

Take these locks before locking any row of this app, or rows of other apps that erasing a person changes.
"""

import hashlib
from collections.abc import Iterable

from django.db import connection

from subscribers.database import is_postgres

# PostgreSQL's advisory locks. The app's lock is one 64-bit number; people share a few small numbers beside it.
# There are few, since a server has room for some thousand locks in total, and a webhook may report about as many
# people at once.
APP = 0x7375_6273_6372_6962
PERSON = 0x7375_6273
NUMBERS = 512


def share_for(address_keys: Iterable[str]) -> None:
    """Until this transaction ends, let no import merge, and no other act about these folded addresses run."""
    if not is_postgres():
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [APP])
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, number) FROM unnest(%s::int[]) AS number",
            [PERSON, sorted(set(map(_number, address_keys)))],
        )


def take_alone() -> None:
    """Until this transaction ends, let nobody else change subscribers. They can still be read."""
    if is_postgres():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [APP])


def _number(address_key: str) -> int:
    """Return the number of a person's lock. Two people who share one only wait for each other."""
    digest = hashlib.blake2b(address_key.encode("utf-8", "surrogatepass"), digest_size=4).digest()
    return int.from_bytes(digest, "big") % NUMBERS
