"""Stores the search vectors of articles on PostgreSQL, since making one again for each row that is compared takes long.

SQLite has its FTS5 table for this.
"""

from typing import Any

from django.db import migrations

POSTGRESQL = (
    "DROP INDEX listing_words",
    """ALTER TABLE newsletter_articlelisting ADD COLUMN vector tsvector
        GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, words)) STORED""",
    "CREATE INDEX listing_words ON newsletter_articlelisting USING gin (vector)",
)


def store_vectors(_apps: Any, schema_editor: Any) -> None:
    """Add the column, and index it in place of the expression."""
    if schema_editor.connection.vendor == "postgresql":
        for statement in POSTGRESQL:
            schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [
        ('newsletter', '0030_issues_begun_empty'),
    ]

    operations = [
        migrations.RunPython(store_vectors, migrations.RunPython.noop),
    ]
