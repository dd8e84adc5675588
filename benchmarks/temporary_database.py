"""A database in memory for one benchmark."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def temporary_database() -> Iterator[None]:
    """Set Django up with an empty database in memory, and remove the database at the end."""
    import django
    from django.db import connection

    django.setup()
    before = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(before, verbosity=0)
