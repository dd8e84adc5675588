"""Whether the database, as it is, can be used by this version of the program. Every door asks this one module.

A version that goes on with tables it does not know writes what nobody can read, so it does not begin, and it stops
sending when the tables are changed under it.
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

# Stands in the home folder while a restore changes what is there (backups/restore_backup.py).
UNFINISHED_RESTORE = "unfinished-restore"
# Its own words may name hosts and users.
NO_ANSWER = "The database does not answer."
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


def require_usable() -> None:
    """Raises Refused, with what to do, for a database that this version cannot work on."""
    problem = why_not_usable()
    if problem:
        raise Refused(problem)


def make_tables() -> None:
    """Make the tables, or bring them to this version. Raises Refused, and changes nothing, for those of a newer one."""
    problem = _why_broken_off() or _why_newer()
    if problem:
        raise Refused(problem)
    call_command("migrate", verbosity=0, interactive=False)
    require_usable()


def why_not_usable() -> str:
    """Why this version cannot work on the database, in a sentence for anybody; empty: it can. Changes nothing."""
    return why_migrations_differ() or _why_columns_differ()


def why_migrations_differ() -> str:
    """The same without a look at every column: cheap enough for a process that asks while it works."""
    try:
        return _why_broken_off() or _why_missing() or _why_newer() or _why_older()
    except DatabaseError:
        return NO_ANSWER


def _why_broken_off() -> str:
    if not (settings.NEWSLETTER.home / UNFINISHED_RESTORE).exists():
        return ""
    return (
        "A restore was broken off in the middle: database, key and media may not belong together. "
        "Run `newsletter restore FILE --replace` again."
    )


def _why_missing() -> str:
    file = database_file()
    return "" if file is None or file.is_file() else "There is no database yet: run `newsletter init`."


def _why_newer() -> str:
    newer = why_newer(f"{app}.{name}" for app, name in _applied())
    return f"The database was used by a newer version. {newer}" if newer else ""


def _why_older() -> str:
    is_behind = not _migrations() <= _applied()
    return "The database has to be brought up to date: run `newsletter init`." if is_behind else ""


def _applied() -> AbstractSet[tuple[str, str]]:
    return MigrationRecorder(connection).applied_migrations().keys()


def why_newer(migrations: Iterable[str]) -> str:
    """Which of these migrations (`app.name`) this version does not know, in a sentence; empty: it knows all of them."""
    labels = {each.label for each in apps.get_app_configs()}
    unknown = sorted(name for name in set(migrations) - _known() if name.partition(".")[0] in labels)
    if not unknown:
        return ""
    named = ", ".join(unknown[:ENOUGH_NAMES]) + (", …" if len(unknown) > ENOUGH_NAMES else "")
    return (
        f"Version {__version__} of the press, which runs here, does not know these changes to the tables: {named}. "
        "Install the version that made them, or a later one."
    )


def database_file() -> Path | None:
    """The file of the database, where it has one."""
    name = str(connection.settings_dict["NAME"])
    return Path(name) if is_sqlite() and "memory" not in name else None


def columns_that_differ() -> list[str]:
    """Each table and column in which the database is not what the models say, as phrases. Raises DatabaseError."""
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
        f"All changes to the tables were made, and yet they are not those of version {__version__}: "
        f"{'; '.join(differences[:ENOUGH_NAMES])}. They were made by a version that was never released. "
        "Restore a backup of a released version, or begin with a new database."
    )


def _differences(table: str, wanted: set[str], found: dict[str, set[Column]]) -> Iterator[str]:
    if table not in found:
        yield f"there is no table {table}"
        return
    for name in sorted(wanted - {name for name, _must_be_given in found[table]}):
        yield f"{table} has no column {name}"
    for name in sorted(name for name, must_be_given in found[table] if must_be_given and name not in wanted):
        yield f"{table} has a column {name} that no row is given"


def _columns() -> dict[str, set[Column]]:
    """By table: each column, and whether a new row must say what stands in it."""
    found: dict[str, set[Column]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS_OF_SQLITE if is_sqlite() else COLUMNS_OF_POSTGRESQL)
        for table, column, must_be_given in cursor.fetchall():
            found[table].add((column, bool(must_be_given)))
    return found


def _tables() -> Iterator[tuple[str, set[str]]]:
    """Each table that the migrations make, with its columns, as the models have them."""
    for model in apps.get_models(include_auto_created=True):
        options = model._meta  # noqa: SLF001 - Django documents it
        if options.managed and not options.proxy:
            yield options.db_table, {str(field.column) for field in options.local_concrete_fields}


@cache
def _migrations() -> AbstractSet[tuple[str, str]]:
    """Every change to the tables, as the files of this version say: they stay while it runs.

    Their names are enough: to import them, as Django's loader does, takes longer than most commands.
    """
    return frozenset(
        (each.label, found.name) for each in apps.get_app_configs() for found in _files(each.label)
    )


def _files(label: str) -> Iterator[ModuleInfo]:
    """The migrations of an app, which are the modules that Django's loader takes for some."""
    package, _is_set = MigrationLoader.migrations_module(label)
    spec = find_spec(package) if package else None
    # A folder without an __init__.py has no origin, and none of its files is a migration.
    if spec and spec.origin:
        for found in iter_modules(spec.submodule_search_locations):
            if not found.ispkg and found.name[0] not in "_~":
                yield found


def _known() -> AbstractSet[str]:
    return frozenset(f"{app}.{name}" for app, name in _migrations())
