"""Imports people, against a bare loop in the same run: csv.reader and executemany (on PostgreSQL COPY to a staging
table and INSERT … ON CONFLICT) into the same tables, with the same indexes, in one transaction.

`python -m benchmarks importing` imports 200,000 rows; with IMPORT_ROWS=1000000, a million. Each figure comes from a
separate process, so that its memory is measured separately.
"""

import csv
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.verdicts import verdict
from tests.postgres import running, server_programs

Figures = dict[str, float]
ROWS = int(os.environ.get("IMPORT_ROWS", "200000"))
BATCH = 10_000
AT_LEAST = 0.4
MAX_MEGABYTES = 250


def main() -> None:
    """Print rows per second of both, the ratio and the memory, on SQLite and, if it is installed, on PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="newsletter-importing-") as folder:
        file = Path(folder) / "people.csv"
        write_people(file)
        print(f"Importing {ROWS:,} people")
        # Each uses a separate database, because the consent log cannot be emptied.
        bare = run("bare", file, {"NEWSLETTER_HOME": f"{folder}/bare"})
        ours = run("ours", file, {"NEWSLETTER_HOME": f"{folder}/ours"})
        compare("SQLite", bare, ours, run("ours", file, {"NEWSLETTER_HOME": f"{folder}/ours"}))
        if programs := server_programs():
            home = {"NEWSLETTER_HOME": f"{folder}/postgres"}
            with running(programs) as url:
                bare = run("bare", file, {**home, "DATABASE_URL": url})
            with running(programs) as url:
                ours = run("ours", file, {**home, "DATABASE_URL": url})
                compare("PostgreSQL", bare, ours, run("ours", file, {**home, "DATABASE_URL": url}))


def write_people(path: Path) -> None:
    """Write a file of people in random order."""
    order = list(range(ROWS))
    random.Random(1).shuffle(order)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["email", "first_name", "last_name"])
        writer.writerows(
            [f"reader.{number}@example{number % 500}.org", f"Name{number % 997}", f"Family{number % 4999}"]
            for number in order
        )


def compare(database: str, bare: Figures, ours: Figures, again: Figures) -> None:
    """Print the figures of each, and whether they are within the limits."""
    ratio = ours["rate"] / bare["rate"]
    print(f"  {database}: bare loop {bare['rate']:,.0f} rows/s, {bare['megabytes']:.0f} MB")
    print(
        f"  {database}: import    {ours['rate']:,.0f} rows/s, {ours['megabytes']:.0f} MB, ratio {ratio:.2f}"
    )
    print(
        f"  {database}: repeated  {again['rate']:,.0f} rows/s, {again['megabytes']:.0f} MB, changed {again['changed']}"
    )
    kept = ratio >= AT_LEAST and ours["megabytes"] < MAX_MEGABYTES and again["rate"] >= ours["rate"]
    print(f"  {database}: {verdict(kept)}: at least {AT_LEAST}, under {MAX_MEGABYTES} MB")


def run(what: str, file: Path, environment: dict[str, str]) -> Figures:
    """Run one measurement in a separate process."""
    Path(environment["NEWSLETTER_HOME"]).mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.importing", what, str(file)],
        env={**os.environ, **environment}, check=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    found: Figures = json.loads(done.stdout.splitlines()[-1])
    return found


def measure(what: str, file: Path) -> Figures:
    """Import the file in this process, with the bare loop or with ours."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsletter.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    started = time.perf_counter()
    changed = bare_loop(file) if what == "bare" else import_file(file)
    seconds = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"rate": ROWS / seconds, "megabytes": used, "changed": changed}


def import_file(file: Path) -> int:
    """Import with this software; return how many people were added or changed."""
    from subscribers.imports.run_import import import_people
    from subscribers.models import List

    news, _is_new = List.objects.get_or_create(slug="news", defaults={"name": "News"})
    with file.open("rb") as stream:
        outcome = import_people(stream, news, consent="The benchmark made them up", name="people.csv")
    return outcome.added + outcome.changed


def bare_loop(file: Path) -> int:
    """Do the minimum: read, insert into three tables, commit."""
    from django.db import connection, transaction
    from django.utils import timezone

    from subscribers.models import List

    news = List.objects.create(slug="news", name="News").pk
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with (
        transaction.atomic(),
        file.open(newline="", encoding="utf-8") as stream,
        connection.cursor() as cursor,
    ):
        rows = csv.reader(stream)
        next(rows)
        (bare_postgres if connection.vendor == "postgresql" else bare_sqlite)(cursor, rows, news, now)
    return ROWS


def bare_sqlite(_cursor: Any, rows: Iterator[list[str]], news: int, now: Any) -> None:
    """Run three executemany calls for each batch, with IDs counted here."""
    from django.db import connection

    raw = connection.connection
    number = 0
    while batch := list(islice(rows, BATCH)):
        people = [(number + at, row) for at, row in enumerate(batch, 1)]
        number += len(batch)
        raw.executemany(
            "INSERT INTO subscribers_subscriber (id, address, address_key, first_name, last_name, locale, zone, "
            "attributes, own_fields, created_at, link_nonce) "
            "VALUES (?, ?, ?, ?, ?, '', '', '{}', '', ?, random() & 281474976710655)",
            [(key, row[0], row[0].lower(), row[1], row[2], now) for key, row in people],
        )
        raw.executemany(
            "INSERT INTO subscribers_subscription (subscriber_id, list_id, state, source, joined_at, "
            "confirmations_sent, link_nonce) VALUES (?, ?, 'active', 'import', ?, 0, random() & 281474976710655)",
            [(person[0], news, now) for person in people],
        )
        raw.executemany(
            "INSERT INTO subscribers_consententry (subscriber_id, list_id, at, act, topics, source, source_name, "
            "network_address, user_agent, note, state, moved, counted_by) "
            "VALUES (?, ?, ?, 'imported', '[]', 'import', 'people.csv', '', '', '', 'active', 1, 'import')",
            [(person[0], news, now) for person in people],
        )


def bare_postgres(cursor: Any, rows: Iterator[list[str]], news: int, now: Any) -> None:
    """Run COPY to a staging table, then three INSERT … SELECT statements."""
    cursor.execute(
        "CREATE TEMPORARY TABLE bare (address text, first_name text, last_name text) ON COMMIT DROP"
    )
    with cursor.copy("COPY bare FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    words = {"news": news, "now": now}
    cursor.execute(
        "INSERT INTO subscribers_subscriber (address, address_key, first_name, last_name, locale, zone, attributes, "
        "own_fields, created_at, link_nonce) "
        "SELECT address, lower(address), first_name, last_name, '', '', '{}', '', %(now)s, "
        "floor(random() * 281474976710656)::bigint FROM bare "
        "ON CONFLICT (address_key) DO NOTHING", words,
    )  # fmt: skip
    cursor.execute(
        "INSERT INTO subscribers_subscription (subscriber_id, list_id, state, source, joined_at, confirmations_sent, "
        "link_nonce) SELECT s.id, %(news)s, 'active', 'import', %(now)s, 0, "
        "floor(random() * 281474976710656)::bigint FROM bare b JOIN subscribers_subscriber s "
        "ON s.address_key = lower(b.address) ON CONFLICT (subscriber_id, list_id) DO NOTHING", words,
    )  # fmt: skip
    cursor.execute(
        "INSERT INTO subscribers_consententry (subscriber_id, list_id, at, act, topics, source, source_name, "
        "network_address, user_agent, note, state, moved, counted_by) "
        "SELECT s.id, %(news)s, %(now)s, 'imported', '[]', 'import', 'people.csv', '', '', '', 'active', 1, 'import' "
        "FROM bare b JOIN subscribers_subscriber s ON s.address_key = lower(b.address)", words,
    )  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], Path(sys.argv[2]))))
