"""Has the database itself keep the consent log: entries are added, and their person may be blanked, nothing else.

Installed after every migration, on SQLite and PostgreSQL; harmless to repeat.
"""

from typing import Any

from django.db import connections

KEPT = ("at", "act", "list_id", "topics", "wording_id", "source")
BLANKED = (
    "NEW.subscriber_id IS NULL AND NEW.network_address = '' AND NEW.user_agent = '' AND NEW.note = '' "
    # It names the editor or the file, and goes only where that is the person's own address.
    "AND NEW.source_name IN (OLD.source_name, '')"
)
SENTENCE = "The consent log is only ever added to."

SQLITE = (
    """
    CREATE TRIGGER IF NOT EXISTS consent_entry_is_kept BEFORE DELETE ON subscribers_consententry
    BEGIN SELECT RAISE(ABORT, '{sentence}'); END
    """,
    """
    CREATE TRIGGER IF NOT EXISTS consent_entry_stays BEFORE UPDATE ON subscribers_consententry
    WHEN NOT ({blanked} AND {unchanged})
    BEGIN SELECT RAISE(ABORT, '{sentence}'); END
    """,
)
POSTGRESQL = (
    """
    CREATE OR REPLACE FUNCTION subscribers_keep_consent_entry() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{sentence}' USING ERRCODE = 'integrity_constraint_violation'; END $$
    """,
    """
    CREATE OR REPLACE TRIGGER consent_entry_is_kept BEFORE DELETE ON subscribers_consententry
    FOR EACH ROW EXECUTE FUNCTION subscribers_keep_consent_entry()
    """,
    """
    CREATE OR REPLACE TRIGGER consent_entry_stays BEFORE UPDATE ON subscribers_consententry
    FOR EACH ROW WHEN (NOT ({blanked} AND {unchanged}))
    EXECUTE FUNCTION subscribers_keep_consent_entry()
    """,
)


def install(*, using: str = "default", **_signal: Any) -> None:
    """Have this database refuse to change or delete what was logged."""
    connection = connections[using]
    statements = {"sqlite": SQLITE, "postgresql": POSTGRESQL}.get(connection.vendor, ())
    same = "IS" if connection.vendor == "sqlite" else "IS NOT DISTINCT FROM"
    unchanged = " AND ".join(f"NEW.{column} {same} OLD.{column}" for column in ("id", *KEPT))
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement.format(sentence=SENTENCE, blanked=BLANKED, unchanged=unchanged))


def remove(*, using: str = "default") -> None:
    """Let whole tables be emptied again, as between tests."""
    with connections[using].cursor() as cursor:
        for trigger in ("consent_entry_is_kept", "consent_entry_stays"):
            on = "" if connections[using].vendor == "sqlite" else " ON subscribers_consententry"
            cursor.execute(f"DROP TRIGGER IF EXISTS {trigger}{on}")
