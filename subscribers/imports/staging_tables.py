"""The temporary tables of an import: every row as it was read, every person once, then a piece of the people.

They belong to the connection: whatever ends it, nothing of them stays.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from subscribers import raw_sql, suppression, suppression_keys
from subscribers.database import is_postgres
from subscribers.imports.stage_or_refuse_row import StagedRow
from subscribers.models import Suppression
from subscribers.suppression import digests_of

ROWS = "import_rows"
EVERYBODY = "import_everybody"
PEOPLE = "import_people"
LEFT_OUT = "import_left_out"
SUPPRESSED = "import_suppressed"
REPEATED = "import_repeated"
REFUSED_BASES = "import_refused_bases"
FIRST_REFUSED_BASES = "import_first_refused_bases"
COLUMNS = (*("row_number" if name == "row" else name for name in StagedRow._fields), "digest")
# What the rows of a person who has several say together (see repeated_rows.py).
REPEATED_COLUMNS = (
    "key",
    "first_name",
    "last_name",
    "locale",
    "zone",
    "attributes",
    "topics",
    "paused",
    "basis",
    "basis_note",
    "joined",
)
BATCH = 10_000


@contextmanager
def room() -> Iterator[None]:
    """The empty staging table, for as long as the import runs."""
    _drop()
    kinds = {
        "row_number": "bigint NOT NULL",
        "weight": "bigint NOT NULL",
        "joined": _time_type(),
        **_day_type(),
    }
    columns = ", ".join(f"{name} {kinds.get(name, 'text')}" for name in COLUMNS)
    raw_sql.execute(f"CREATE TEMPORARY TABLE {ROWS} ({columns})")
    columns = ", ".join(f"{name} {kinds.get(name, 'text')}" for name in REPEATED_COLUMNS)
    raw_sql.execute(f"CREATE TEMPORARY TABLE {REPEATED} ({columns}, PRIMARY KEY (key))")
    raw_sql.execute(
        f"CREATE TEMPORARY TABLE {REFUSED_BASES} (key text, basis text, row_number bigint, reason text)"
    )
    raw_sql.execute(f"CREATE TEMPORARY TABLE {SUPPRESSED} (key text)")
    raw_sql.execute(f"CREATE TEMPORARY TABLE {LEFT_OUT} (row_number bigint, outcome text)")
    try:
        yield
    finally:
        _drop()


def stage(batch: Sequence[StagedRow], *, with_digests: bool) -> None:
    """Append a few thousand rows, with digests if there are suppressed addresses to compare them with."""
    digests = digests_of(person.key for person in batch) if with_digests else [None] * len(batch)
    raw_sql.load(ROWS, COLUMNS, (_row(person, digest) for person, digest in zip(batch, digests, strict=True)))


def anybody_suppressed() -> bool:
    """Whether any address at all is suppressed now."""
    return Suppression.objects.filter(lifted_at=None).exists()


def gather_people() -> int:
    """Number every person of the rows once, in the order of their keys, and return how many there are.

    The row that counts is the last one, unless another one weighs more. What it leaves empty, repeated_rows.py fills in
    from the person's other rows.
    """
    columns = ", ".join(column for column in COLUMNS if column != "weight")
    if is_postgres():
        raw_sql.execute(f"ANALYZE {ROWS}")
        raw_sql.execute(
            f"""CREATE TEMPORARY TABLE {EVERYBODY} AS SELECT row_number() OVER () AS number, last.* FROM
            (SELECT DISTINCT ON (key COLLATE "C") {columns} FROM {ROWS} ORDER BY key COLLATE "C", weight DESC) last"""
        )
        raw_sql.execute(f"CREATE INDEX {EVERYBODY}_number ON {EVERYBODY} (number)")
        raw_sql.execute(f"ANALYZE {EVERYBODY}")
    else:
        # With a lone max(), SQLite takes the other columns from the row that has it.
        raw_sql.execute(
            f"CREATE TEMPORARY TABLE {EVERYBODY} (number integer PRIMARY KEY, {_typed()}, weight bigint)"
        )
        raw_sql.execute(
            f"INSERT INTO {EVERYBODY} ({columns}, weight) SELECT {columns}, max(weight) FROM {ROWS} GROUP BY key"
        )
    return int(raw_sql.rows(f"SELECT count(*) FROM {EVERYBODY}")[0][0])


def add_missing_digests(after: int, last: int) -> None:
    """Give the people of these numbers who were staged without one their digest, where it is needed.

    Somebody was suppressed since, or the file suppresses them.
    """
    without = f"FROM {EVERYBODY} WHERE digest IS NULL AND number <= %(last)s"
    if not anybody_suppressed():
        without += " AND standing IS NOT NULL AND standing <> 'left'"
    while found := raw_sql.rows(
        f"SELECT number, key {without} AND number > %(after)s ORDER BY number LIMIT {BATCH}",
        {"after": after, "last": last},
    ):
        digests = digests_of(key for _number, key in found)
        pairs = [(digest, number) for digest, (number, _key) in zip(digests, found, strict=True)]
        raw_sql.update_many(EVERYBODY, "digest", "number", pairs)
        after = found[-1][0]


def find_suppressed_under_older_keys(after: int, last: int) -> None:
    """Note whom of these people a suppression under an older key is about: digests are staged under the current.

    Only where there is such a suppression, that is after the secret key was changed.
    """
    if (
        not Suppression.objects.filter(lifted_at=None)
        .exclude(key_id=suppression_keys.current_key().id)
        .exists()
    ):
        return
    found = raw_sql.rows(
        f"SELECT key FROM {EVERYBODY} WHERE number > %(after)s AND number <= %(last)s",
        {"after": after, "last": last},
    )
    suppressed = suppression.suppressed_among(key for (key,) in found)
    raw_sql.load(SUPPRESSED, ("key",), ((key,) for key in sorted(suppressed)))


def _typed() -> str:
    kinds = {"row_number": "bigint", "joined": _time_type(), **_day_type()}
    return ", ".join(f"{name} {kinds.get(name, 'text')}" for name in COLUMNS if name != "weight")


def _row(person: StagedRow, digest: str | None) -> tuple[object, ...]:
    if person.joined is None:
        return (*person, digest)
    return (*person[:-2], raw_sql.moment(person.joined), person.standing, digest)


def _time_type() -> str:
    return "timestamptz" if is_postgres() else "datetime"


def _day_type() -> dict[str, str]:
    return {"paused": "date"} if is_postgres() else {}


def _drop() -> None:
    for name in (PEOPLE, EVERYBODY, ROWS, REPEATED, REFUSED_BASES, FIRST_REFUSED_BASES, SUPPRESSED, LEFT_OUT):
        raw_sql.execute(f"DROP TABLE IF EXISTS {name}")
