"""An import that is killed leaves nobody half-done: a repeat ends where an undisturbed one does."""

import random
import signal
import sqlite3

import pytest

from tests.full import rounds
from tests.made_tables import make_home
from tests.subscribers.imports.separate_process import run

PEOPLE = 10_000
KILLS = 3
# Imports a file, dies at the step that is named (tests/steps.py; 0: never), and prints how many it took.
IMPORT = """
import sys, django
django.setup()
from subscribers.imports.run_import import import_people
from subscribers.models import List
from tests.steps import count_steps
steps = count_steps(int(sys.argv[2]))
with open(sys.argv[1], "rb") as stream:
    import_people(stream, List.objects.get(slug="news"), consent="Paper forms", name="people.csv")
print(steps.taken)
"""
PREPARE = """
import django
django.setup()
from subscribers.models import List, Topic, SourceKind
from subscribers.suppression import suppress
from subscribers.consent_log import ConsentSource
news = List.objects.create(slug="news", name="News")
Topic.objects.create(list=news, slug="diet", name="Diet")
suppress("reader.7@example.org", "hard bounce", ConsentSource(SourceKind.EDITOR))
"""


@pytest.mark.kill
@pytest.mark.parametrize("number", rounds(7))
def test_a_killed_import_repeated_ends_as_an_undisturbed_one(tmp_path, number):
    file = tmp_path / "people.csv"
    write_people(file)
    prepared = tmp_path / "prepared"
    make_home(prepared)
    run(PREPARE, prepared)
    undisturbed = copy_of(prepared, tmp_path / "undisturbed")
    steps = int(run(IMPORT, undisturbed, file, 0).stdout)
    expected = state_of(undisturbed)
    assert expected["subscriptions"]

    chance = random.Random(f"import {number}")
    for kill in range(KILLS):
        home = copy_of(prepared, tmp_path / f"killed-{kill}")
        before = state_of(home)
        # A machine that is faster this time may be through before that step.
        run(IMPORT, home, file, chance.randint(1, steps), exit_codes=(-signal.SIGKILL, 0))
        assert_everybody_is_whole(state_of(home), before, expected)
        run(IMPORT, home, file, 0)
        assert state_of(home) == expected


def assert_everybody_is_whole(state, before, expected):
    for table, rows in state.items():
        assert set(rows) <= {*before[table], *expected[table]}, f"Somebody was imported in part: {table}."
    whole = [{row[0] for row in state[table]} for table in ("people", "subscriptions", "consent")]
    assert whole[0] == whole[1] == whole[2]


def write_people(path):
    order = list(range(PEOPLE))
    random.Random(3).shuffle(order)
    rows = [
        f"reader.{number}@example.org,Name {number % 97},{'diet' if number % 3 else ''}" for number in order
    ]
    path.write_text("\n".join(["email,first name,topics", *rows, "reader.1@example.org,Twice,"]) + "\n")


def copy_of(prepared, home):
    home.mkdir()
    source = sqlite3.connect(prepared / "newsletter.sqlite3")
    target = sqlite3.connect(home / "newsletter.sqlite3")
    source.backup(target)
    source.close()
    target.close()
    return home


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
