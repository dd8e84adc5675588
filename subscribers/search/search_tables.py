"""What the database itself does for the search: it notes whose text must be written, and deletes texts with people.

A trigger costs an import little, while writing the index in it would make an import take much longer
(docs/decisions/0071-people-are-searched-by-trigrams.md). The index is FTS5 with trigrams on SQLite
(https://www.sqlite.org/fts5.html#the_trigram_tokenizer) and pg_trgm on PostgreSQL
(https://www.postgresql.org/docs/current/pgtrgm.html).

This is installed after every migration. It is safe to repeat.
"""

import logging
from typing import Any

from django.db import DatabaseError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

log = logging.getLogger(__name__)

TRIGRAMS = "subscribers_searchtrigrams"
PEOPLE, TEXTS = "subscribers_subscriber", "subscribers_searchtext"
TODO, REMOVAL = "subscribers_searchtodo", "subscribers_searchremoval"
_SEARCHED = ("address", "address_key", "first_name", "last_name")
_CHANGED = " OR ".join(f"NEW.{column} <> OLD.{column}" for column in _SEARCHED)

SQLITE = (
    f"""CREATE VIRTUAL TABLE IF NOT EXISTS {TRIGRAMS} USING fts5(
        text, content='{TEXTS}', content_rowid='id', detail=none, columnsize=0, tokenize='trigram case_sensitive 1'
    )""",
    f"""CREATE TRIGGER IF NOT EXISTS subscribers_search_added AFTER INSERT ON {PEOPLE} BEGIN
        INSERT INTO {TODO} (id) VALUES (NEW.id) ON CONFLICT (id) DO NOTHING;
    END""",
    f"""CREATE TRIGGER IF NOT EXISTS subscribers_search_changed AFTER UPDATE OF {", ".join(_SEARCHED)} ON {PEOPLE}
    WHEN {_CHANGED} BEGIN
        INSERT INTO {TODO} (id) VALUES (NEW.id) ON CONFLICT (id) DO NOTHING;
    END""",
    f"""CREATE TRIGGER IF NOT EXISTS subscribers_search_deleted AFTER DELETE ON {PEOPLE} BEGIN
        DELETE FROM {TODO} WHERE id = OLD.id;
        DELETE FROM {TEXTS} WHERE id = OLD.id;
    END""",
    f"""CREATE TRIGGER IF NOT EXISTS subscribers_search_forgotten AFTER DELETE ON {TEXTS} BEGIN
        INSERT INTO {TRIGRAMS} ({TRIGRAMS}, rowid, text) VALUES ('delete', OLD.id, OLD.text);
        INSERT INTO {REMOVAL} (id, times) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET times = times + 1;
    END""",
)
POSTGRESQL = (
    f"""CREATE OR REPLACE FUNCTION subscribers_search_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO {TODO} (id) SELECT id FROM now_there ON CONFLICT (id) DO NOTHING;
        RETURN NULL;
    END $$""",
    f"""CREATE OR REPLACE FUNCTION subscribers_search_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO {TODO} (id) VALUES (NEW.id) ON CONFLICT (id) DO NOTHING;
        RETURN NULL;
    END $$""",
    f"""CREATE OR REPLACE FUNCTION subscribers_search_deleted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        DELETE FROM {TODO} WHERE id IN (SELECT id FROM gone);
        DELETE FROM {TEXTS} WHERE id IN (SELECT id FROM gone);
        RETURN NULL;
    END $$""",
    f"""CREATE OR REPLACE TRIGGER subscribers_search_added AFTER INSERT ON {PEOPLE}
    REFERENCING NEW TABLE AS now_there FOR EACH STATEMENT EXECUTE FUNCTION subscribers_search_added()""",
    f"""CREATE OR REPLACE TRIGGER subscribers_search_changed AFTER UPDATE ON {PEOPLE}
    FOR EACH ROW WHEN ({_CHANGED}) EXECUTE FUNCTION subscribers_search_changed()""",
    f"""CREATE OR REPLACE TRIGGER subscribers_search_deleted AFTER DELETE ON {PEOPLE}
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION subscribers_search_deleted()""",
)
EXTENSION = "CREATE EXTENSION IF NOT EXISTS pg_trgm"
INDEX = f"CREATE INDEX IF NOT EXISTS subscribers_searchtext_trigrams ON {TEXTS} USING gin (text gin_trgm_ops)"


def install(*, using: str = "default", **_signal: Any) -> None:
    """Install the triggers, and the index if this database can have it. Without it, a search reads all texts."""
    connection = connections[using]
    is_postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        for statement in POSTGRESQL if is_postgres else SQLITE:
            cursor.execute(statement)
    if is_postgres:
        _install_trigrams(connection)


def _install_trigrams(connection: BaseDatabaseWrapper) -> None:
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute(EXTENSION)
            cursor.execute(INDEX)
    except DatabaseError as error:
        log.warning(
            "PostgreSQL could not create the extension pg_trgm (%s), so a search for subscribers reads all of their "
            "names and addresses. Ask the owner of the database to run: CREATE EXTENSION pg_trgm. Then upgrade again.",
            type(error.__cause__).__name__,
        )
