"""An import that is killed leaves nothing half-done: a repeat ends where an undisturbed one does."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

PEOPLE = 10_000
MOMENTS = 20
IMPORT = """
import sys, django
django.setup()
from subscribers.imports.run import import_people
from subscribers.models import List
print("go", flush=True)
with open(sys.argv[1], "rb") as stream:
    import_people(stream, List.objects.get(slug="news"), consent="Paper forms", name="people.csv")
"""
PREPARE = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0, interactive=False)
from subscribers.models import List, Topic, SourceKind
from subscribers.suppression import suppress
from subscribers.consent_log import Source
news = List.objects.create(slug="news", name="News")
Topic.objects.create(list=news, slug="diet", name="Diet")
suppress("reader.7@example.org", "hard bounce", Source(SourceKind.EDITOR))
"""


@pytest.mark.kill
def test_a_killed_import_repeated_ends_as_an_undisturbed_one(tmp_path):
    file = tmp_path / "people.csv"
    write_people(file)
    prepared = tmp_path / "prepared"
    prepared.mkdir()
    with python(PREPARE, prepared) as preparing:
        assert preparing.wait() == 0
    undisturbed, seconds = import_once(prepared, tmp_path / "undisturbed", file)
    expected = state_of(undisturbed)
    assert expected["subscriptions"]

    chance = random.Random(20261123)
    killed = 0
    for moment in range(MOMENTS):
        home = copy_of(prepared, tmp_path / f"killed-{moment}")
        before = state_of(home)
        with python(IMPORT, home, file) as process:
            process.stdout.readline()
            try:
                process.wait(chance.uniform(0, seconds))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                killed += process.wait() == -signal.SIGKILL
        assert state_of(home) in (before, expected), "half an import was kept"

        with python(IMPORT, home, file) as process:
            assert process.wait() == 0
        assert state_of(home) == expected
    assert killed >= MOMENTS // 2


def write_people(path):
    order = list(range(PEOPLE))
    random.Random(3).shuffle(order)
    rows = [
        f"reader.{number}@example.org,Name {number % 97},{'diet' if number % 3 else ''}" for number in order
    ]
    path.write_text("\n".join(["email,first name,topics", *rows, "reader.1@example.org,Twice,"]) + "\n")


def import_once(prepared, home, file):
    copy_of(prepared, home)
    with python(IMPORT, home, file) as process:
        process.stdout.readline()
        started = time.monotonic()
        assert process.wait() == 0
        return home, time.monotonic() - started


def copy_of(prepared, home):
    home.mkdir()
    source = sqlite3.connect(prepared / "newsletter.sqlite3")
    target = sqlite3.connect(home / "newsletter.sqlite3")
    source.backup(target)
    source.close()
    target.close()
    return home


def python(code, home, *arguments):
    environment = {
        **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        "NEWSLETTER_HOME": str(home),
        "NEWSLETTER_SECRET_KEY": "the same for all, and long enough",
        "DJANGO_SETTINGS_MODULE": "newsletter.settings",
    }
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def state_of(home):
    """Everything that counts, without numbers of rows and times."""
    database = sqlite3.connect(home / "newsletter.sqlite3")
    try:
        return {name: database.execute(query).fetchall() for name, query in QUERIES.items()}
    finally:
        database.close()


QUERIES = {
    "people": "SELECT address, address_key, first_name, attributes FROM subscribers_subscriber ORDER BY address_key",
    "subscriptions": """SELECT s.address_key, u.list_id, u.state, u.source, group_concat(t.topic_id)
        FROM subscribers_subscription u JOIN subscribers_subscriber s ON s.id = u.subscriber_id
        LEFT JOIN subscribers_subscription_topics t ON t.subscription_id = u.id GROUP BY u.id ORDER BY s.address_key""",
    "consent": """SELECT s.address_key, e.act, e.list_id, e.topics, e.source_name, w.text
        FROM subscribers_consententry e JOIN subscribers_subscriber s ON s.id = e.subscriber_id
        LEFT JOIN subscribers_wording w ON w.id = e.wording_id ORDER BY s.address_key, e.act""",
    "suppressions": "SELECT digest, reason FROM subscribers_suppression ORDER BY digest",
}
