"""Let the database itself protect the consent log: entries can be added, and an erased person can be blanked,
nothing else.

The wordings that entries refer to are protected, too: only an erased address can be blanked in them.

This is installed after every migration, on SQLite and PostgreSQL. It is safe to repeat.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from subscribers.consent_wordings import ERASED

KEPT = ("at", "act", "list_id", "topics", "wording_id", "source", "state", "moved", "counted_by", "basis")
BLANKED = (
    "NEW.subscriber_id IS NULL AND NEW.network_address = '' AND NEW.user_agent = '' AND NEW.note = '' "
    # It names the editor or the file, and is removed only if it is the person's own address.
    "AND NEW.source_name IN (OLD.source_name, '')"
)
# An erased address is removed from entries about other people, for example from the name of a file.
OF_OTHERS = (
    "(NEW.subscriber_id = OLD.subscriber_id OR (NEW.subscriber_id IS NULL AND OLD.subscriber_id IS NULL)) "
    "AND NEW.network_address = OLD.network_address "
    "AND NEW.user_agent = OLD.user_agent "
    f"AND (NEW.source_name = OLD.source_name OR NEW.source_name LIKE '%{ERASED}%') "
    f"AND (NEW.note = OLD.note OR NEW.note LIKE '%{ERASED}%')"
)
SENTENCE = "Entries in the consent log cannot be changed or removed."

ENTRIES, WORDINGS = "subscribers_consententry", "subscribers_wording"
# By table: which columns cannot change, and the condition for every change.
GUARDED = {
    ENTRIES: (("id", *KEPT), f"(({BLANKED}) OR ({OF_OTHERS}))"),
    WORDINGS: (
        ("id", "list_id", "version", "language", "created_at"),
        f"(NEW.text = OLD.text OR NEW.text LIKE '%{ERASED}%')",
    ),
}

SQLITE = (
    "DROP TRIGGER IF EXISTS {table}_is_kept",
    "DROP TRIGGER IF EXISTS {table}_stays",
    """
    CREATE TRIGGER {table}_is_kept BEFORE DELETE ON {table}
    BEGIN SELECT RAISE(ABORT, '{sentence}'); END
    """,
    """
    CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table}
    WHEN NOT ({allowed} AND {unchanged})
    BEGIN SELECT RAISE(ABORT, '{sentence}'); END
    """,
)
POSTGRESQL = (
    """
    CREATE OR REPLACE FUNCTION subscribers_keep_consent_entry() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{sentence}' USING ERRCODE = 'integrity_constraint_violation'; END $$
    """,
    """
    CREATE OR REPLACE TRIGGER {table}_is_kept BEFORE DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION subscribers_keep_consent_entry()
    """,
    """
    CREATE OR REPLACE TRIGGER {table}_stays BEFORE UPDATE ON {table}
    FOR EACH ROW WHEN (NOT ({allowed} AND {unchanged}))
    EXECUTE FUNCTION subscribers_keep_consent_entry()
    """,
)


def install(*, using: str = "default", **_signal: Any) -> None:
    """Let this database refuse to change or delete logged entries."""
    connection = connections[using]
    statements = {"sqlite": SQLITE, "postgresql": POSTGRESQL}.get(connection.vendor, ())
    same = "IS" if connection.vendor == "sqlite" else "IS NOT DISTINCT FROM"
    with connection.cursor() as cursor:
        for table, (columns, allowed) in GUARDED.items():
            unchanged = " AND ".join(f"NEW.{column} {same} OLD.{column}" for column in columns)
            for statement in statements:
                cursor.execute(
                    statement.format(table=table, sentence=SENTENCE, allowed=allowed, unchanged=unchanged)
                )


@contextmanager
def lifted(*, using: str = "default") -> Iterator[None]:
    """Let entries be deleted inside a transaction: those of sample people, who gave no consent. Nothing else may.

    The guard stands again when the transaction ends, whether it is committed or not.
    """
    if not connections[using].in_atomic_block:
        raise RuntimeError("The consent log guard can only be lifted inside a transaction.")
    stood = _stands(using)
    remove(using=using)
    yield
    if stood:
        install(using=using)


def _stands(using: str) -> bool:
    table = (
        "sqlite_master WHERE type = 'trigger' AND name"
        if connections[using].vendor == "sqlite"
        else "pg_trigger WHERE tgname"
    )
    with connections[using].cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {table} = %s", [f"{ENTRIES}_is_kept"])  # noqa: S608 - words of our own
        return cursor.fetchone() is not None


def fire_on_replace(connection: BaseDatabaseWrapper, **_signal: Any) -> None:
    """Let `INSERT OR REPLACE` meet the guard: otherwise, SQLite deletes the old row without calling its trigger."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA recursive_triggers=ON")


def remove(*, using: str = "default") -> None:
    """Let whole tables be emptied again, as between tests."""
    with connections[using].cursor() as cursor:
        for table in GUARDED:
            on = "" if connections[using].vendor == "sqlite" else f" ON {table}"
            for trigger in ("is_kept", "stays"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_{trigger}{on}")
