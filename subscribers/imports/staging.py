"""The temporary tables of an import: every row as it was read, then every person once.

They belong to the connection: whatever ends it, nothing of them stays.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from subscribers import keys, sql, suppression
from subscribers.imports.rows import Staged
from subscribers.models import Suppression
from subscribers.suppression import digests_of

ROWS = "import_rows"
PEOPLE = "import_people"
SUPPRESSED = "import_suppressed"
COLUMNS = (*("row_number" if name == "row" else name for name in Staged._fields), "digest")
BATCH = 10_000


@contextmanager
def room() -> Iterator[None]:
    """The empty staging table, for as long as the import runs."""
    _drop()
    kinds = {"row_number": "bigint NOT NULL", "weight": "bigint NOT NULL", "joined": _time_type()}
    columns = ", ".join(f"{name} {kinds.get(name, 'text')}" for name in COLUMNS)
    sql.execute(f"CREATE TEMPORARY TABLE {ROWS} ({columns})")
    sql.execute(f"CREATE TEMPORARY TABLE {SUPPRESSED} (key text)")
    try:
        yield
    finally:
        _drop()


def stage(batch: Sequence[Staged], *, with_digests: bool) -> None:
    """Append some thousand rows; with digests, once there are suppressed addresses to compare them with."""
    digests = digests_of(person.key for person in batch) if with_digests else [None] * len(batch)
    sql.load(ROWS, COLUMNS, (_row(person, digest) for person, digest in zip(batch, digests, strict=True)))


def anybody_suppressed() -> bool:
    """Whether any address at all is suppressed now."""
    return Suppression.objects.filter(lifted_at=None).exists()


def add_missing_digests() -> None:
    """Give the rows that were staged without one their digest: somebody was suppressed, or the file suppresses."""
    without = f"FROM {ROWS} WHERE digest IS NULL"
    if not anybody_suppressed():
        without += " AND standing IS NOT NULL AND standing <> 'left'"
    if not sql.rows(f"SELECT 1 {without} LIMIT 1"):
        return
    sql.execute(f"CREATE INDEX import_rows_number ON {ROWS} (row_number)")
    last = 0
    while found := sql.rows(
        f"SELECT row_number, key {without} AND row_number > %(last)s ORDER BY row_number LIMIT {BATCH}",
        {"last": last},
    ):
        digests = digests_of(key for _row, key in found)
        sql.update_many(
            ROWS, "digest", "row_number", [(d, row) for d, (row, _key) in zip(digests, found, strict=True)]
        )
        last = found[-1][0]


def find_suppressed_under_older_keys() -> None:
    """Note whom of the staged people a suppression under an older key is about: digests are staged under the current.

    Only where there is such a suppression, that is after the secret key was changed.
    """
    if not Suppression.objects.filter(lifted_at=None).exclude(key_id=keys.current().id).exists():
        return
    sql.execute(f"CREATE INDEX import_rows_key ON {ROWS} (key)")
    last = ""
    while found := sql.rows(
        f"SELECT DISTINCT key FROM {ROWS} WHERE key > %(last)s ORDER BY key LIMIT {BATCH}", {"last": last}
    ):
        last = found[-1][0]
        suppressed = suppression.in_force(key for (key,) in found)
        sql.load(SUPPRESSED, ("key",), ((key,) for key in sorted(suppressed)))


def _row(person: Staged, digest: str | None) -> tuple[object, ...]:
    if person.joined is None:
        return (*person, digest)
    return (*person[:-2], sql.moment(person.joined), person.standing, digest)


def _time_type() -> str:
    return "timestamptz" if sql.is_postgres() else "datetime"


def _drop() -> None:
    for name in (PEOPLE, ROWS, SUPPRESSED):
        sql.execute(f"DROP TABLE IF EXISTS {name}")
