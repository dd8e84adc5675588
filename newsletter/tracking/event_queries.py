"""The SQL for events that the ORM cannot express, for SQLite and PostgreSQL."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection

from subscribers.database import is_postgres

COLUMNS = (
    "mailing_id",
    "recipient_id",
    "kind",
    "detail",
    "link_id",
    "at",
    "provider_id",
    "fingerprint",
)
TYPES = ("bigint", "bigint", "text", "text", "bigint", "timestamptz", "text", "bytea")
NAMES = ", ".join(COLUMNS)
INSERT_SQLITE = (
    f"INSERT INTO newsletter_event ({NAMES}) VALUES ({', '.join('?' * len(COLUMNS))}) ON CONFLICT DO NOTHING"  # noqa: S608 - names of ours
)
INSERT_POSTGRESQL = (
    f"INSERT INTO newsletter_event ({NAMES}) SELECT * FROM unnest("  # noqa: S608 - names of ours
    f"{', '.join(f'%s::{kind}[]' for kind in TYPES)}) ON CONFLICT DO NOTHING"
)
# One process at a time: new events are then known by their IDs, and no two wait for each other's rows.
LOCK_POSTGRESQL = "SELECT pg_advisory_xact_lock(hashtext('newsletter.tracking.folding'))"


RECIPIENT_STATES = """
    SELECT recipient.id, batch.mailing_id, batch.id, batch.state, recipient.state, batch.attempts, recipient.reason
    FROM newsletter_recipient AS recipient JOIN newsletter_batch AS batch ON batch.id = recipient.batch_id
    WHERE recipient.id IN ({numbers})
"""


class RecipientState(NamedTuple):
    """The present state of a recipient in the ledger."""

    mailing: int
    batch: int
    batch_state: str
    state: str
    attempts: int
    reason: str


def lock_processing() -> None:
    """Keep other processes from processing until this transaction ends. SQLite has only one writer anyway."""
    if is_postgres():
        with connection.cursor() as cursor:
            cursor.execute(LOCK_POSTGRESQL)


def newest_event() -> int:
    """Return the ID of the newest event; 0 if there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM newsletter_event")
        return int(cursor.fetchone()[0])


def insert_events(rows: Sequence[tuple[Any, ...]]) -> int:
    """Insert events, given in the order of COLUMNS, except known ones; return how many were inserted."""
    if not rows:
        return 0
    with connection.cursor() as cursor:
        if is_postgres():
            cursor.execute(INSERT_POSTGRESQL, [list(column) for column in zip(*rows, strict=True)])
            return int(cursor.rowcount)
        # Django's cursor would translate the placeholders of every row.
        return int(connection.connection.executemany(INSERT_SQLITE, rows).rowcount)


def recipient_states(recipients: Iterable[int]) -> dict[int, RecipientState]:
    """Return the states of these recipients by ID, without those that are not in the ledger."""
    numbers = ", ".join(map(str, recipients))
    if not numbers:
        return {}
    query = RECIPIENT_STATES.format(numbers=numbers)
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {number: RecipientState(*rest) for number, *rest in cursor.fetchall()}


def fingerprints_after(event: int) -> set[bytes]:
    """Return the fingerprints of the events after a given one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT fingerprint FROM newsletter_event WHERE id > %s", [event])
        return {bytes(fingerprint) for (fingerprint,) in cursor.fetchall()}
