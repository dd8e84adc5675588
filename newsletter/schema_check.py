"""Check whether this version of the software can use the database. Commands, pages and workers all ask this
module.

A version that writes to tables it does not know would write what nobody can read. So it does not start, and it
stops sending when the tables change while it runs.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from pkgutil import ModuleInfo, iter_modules

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from newsletter import __version__
from newsletter.errors import Refused
from subscribers.database import is_sqlite

# This file is in the home folder while a restore is in progress (backups/restore_backup.py).
UNFINISHED_RESTORE = "unfinished-restore"
# The database's own message may name hosts and users.
NO_ANSWER = "The database does not respond. Check that it is running, and check DATABASE_URL."
ENOUGH_NAMES = 3
Column = tuple[str, bool]
COLUMNS_OF_SQLITE = """
    SELECT m.name, p.name, p."notnull" AND p.dflt_value IS NULL AND NOT p.pk
    FROM sqlite_master m, pragma_table_info(m.name) p WHERE m.type = 'table'
"""
COLUMNS_OF_POSTGRESQL = """
    SELECT table_name, column_name, is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'
    FROM information_schema.columns WHERE table_schema = current_schema()
"""


def require_usable(*, columns: bool = True) -> None:
    """Raise Refused, saying what to do, for a database that this version cannot use. Without `columns`, check only
    the migrations.
    """
    problem = why_not_usable() if columns else why_migrations_differ()
    if problem:
        raise Refused(problem)


def make_tables() -> None:
    """Create the tables, or migrate them to this version. Raises Refused, without changing anything, if they are
    of a newer one.
    """
    problem = why_restore_unfinished() or _why_newer()
    if problem:
        raise Refused(problem)
    call_command("migrate", verbosity=0, interactive=False)
    require_usable()


def why_not_usable() -> str:
    """Say in a sentence for anyone why this version cannot use the database. Empty if it can. Changes nothing."""
    return why_migrations_differ() or _why_columns_differ()


def why_migrations_differ() -> str:
    """Do the same as `why_not_usable` without checking every column, which is quick enough to ask often."""
    try:
        return why_restore_unfinished() or _why_missing() or _why_newer() or _why_older()
    except DatabaseError:
        return NO_ANSWER


def why_restore_unfinished() -> str:
    """Say that a restore was interrupted, whatever its marker contains. Empty if none was."""
    if not (settings.NEWSLETTER.home / UNFINISHED_RESTORE).exists():
        return ""
    return (
        "A backup was only partly restored, so the database, key and media may not match. Run "
        "`newsletter restore FILE --replace` again."
    )


def _why_missing() -> str:
    file = database_file()
    return "" if file is None or file.is_file() else "The database does not exist yet. Run `newsletter init`."


def _why_newer() -> str:
    newer = why_newer(f"{app}.{name}" for app, name in _applied())
    return f"This database has been used by a newer version of this software. {newer}" if newer else ""


def _why_older() -> str:
    is_behind = not _migrations() <= _applied()
    return "The database must be updated for this version. Run `newsletter init`." if is_behind else ""


def _applied() -> AbstractSet[tuple[str, str]]:
    return MigrationRecorder(connection).applied_migrations().keys()


def why_newer(migrations: Iterable[str]) -> str:
    """Say which of these migrations (`app.name`) this version does not know. Empty if it knows all of them."""
    labels = {each.label for each in apps.get_app_configs()}
    unknown = sorted(name for name in set(migrations) - _known() if name.partition(".")[0] in labels)
    if not unknown:
        return ""
    named = ", ".join(unknown[:ENOUGH_NAMES]) + (", …" if len(unknown) > ENOUGH_NAMES else "")
    return (
        f"Version {__version__} does not know these migrations in the database: {named}. Install the "
        "version that made them, or a later version."
    )


def database_file() -> Path | None:
    """Return the database's file, if it has one."""
    name = str(connection.settings_dict["NAME"])
    return Path(name) if is_sqlite() and "memory" not in name else None


def columns_that_differ() -> list[str]:
    """Describe each table and column in which the database differs from the models, as phrases. Raises
    DatabaseError.
    """
    found = _columns()
    return [phrase for table, wanted in _tables() for phrase in _differences(table, wanted, found)]


def _why_columns_differ() -> str:
    try:
        differences = columns_that_differ()
    except DatabaseError:
        return NO_ANSWER
    if not differences:
        return ""
    return (
        f"The database does not match version {__version__}: {'; '.join(differences[:ENOUGH_NAMES])}. "
        "It was probably made by an unreleased version. Restore a backup of a released version, or "
        "start with a new database."
    )


def _differences(table: str, wanted: set[str], found: dict[str, set[Column]]) -> Iterator[str]:
    if table not in found:
        yield f"the table {table} is missing"
        return
    for name in sorted(wanted - {name for name, _must_be_given in found[table]}):
        yield f"the column {name} in {table} is missing"
    for name in sorted(name for name, must_be_given in found[table] if must_be_given and name not in wanted):
        yield f"{table} has an extra column {name} that needs a value"


def _columns() -> dict[str, set[Column]]:
    """Return each column by table, and whether a new row must give a value for it."""
    found: dict[str, set[Column]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS_OF_SQLITE if is_sqlite() else COLUMNS_OF_POSTGRESQL)
        for table, column, must_be_given in cursor.fetchall():
            found[table].add((column, bool(must_be_given)))
    return found


def _tables() -> Iterator[tuple[str, set[str]]]:
    """Yield each table that the migrations create, with its columns, according to the models."""
    for model in apps.get_models(include_auto_created=True):
        options = model._meta  # noqa: SLF001 - Django documents it
        if options.managed and not options.proxy:
            yield options.db_table, {str(field.column) for field in options.local_concrete_fields}


@cache
def _migrations() -> AbstractSet[tuple[str, str]]:
    """Return every migration of this version, read from its files once: they do not change while it runs.

    Only their names are needed. Importing them, as Django's loader does, takes longer than most commands.
    """
    return frozenset(
        (each.label, found.name) for each in apps.get_app_configs() for found in _files(each.label)
    )


def _files(label: str) -> Iterator[ModuleInfo]:
    """Yield the migrations of an app: the modules that Django's loader takes for migrations."""
    package, _is_set = MigrationLoader.migrations_module(label)
    spec = find_spec(package) if package else None
    # A folder without an __init__.py has no origin, and its files are not migrations.
    if spec and spec.origin:
        for found in iter_modules(spec.submodule_search_locations):
            if not found.ispkg and found.name[0] not in "_~":
                yield found


def _known() -> AbstractSet[str]:
    return frozenset(f"{app}.{name}" for app, name in _migrations())
