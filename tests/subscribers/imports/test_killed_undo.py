"""An undo that is killed leaves nobody half-done: a repeat ends where an undisturbed one does."""

import random
import signal
import sqlite3
from contextlib import closing

import pytest

from tests.full import rounds
from tests.made_tables import make_home
from tests.subscribers.imports.separate_process import run

# Imports two files, the second of which is undone, with acts between.
PREPARE = """
import io, django
django.setup()
from subscribers import consent
from subscribers.consent_log import ConsentSource
from subscribers.imports.run_import import import_people
from subscribers.lists import add_list, find_subscriber
from subscribers.models import SourceKind
news = add_list("news", "News", topics={"diet": "Diet", "sleep": "Sleep"})
def bring(numbers, name, topic):
    rows = [f"reader.{n}@example.org,{name},{topic}" for n in numbers]
    text = "\\n".join(["email,first name,topics", *rows, ""])
    import_people(io.BytesIO(text.encode()), news, consent="Paper", name="people.csv")
bring(range(0, 200), "First", "diet")
bring(range(100, 700), "Second", "sleep")
for n in range(150, 700, 90):
    one = find_subscriber(f"reader.{n}@example.org").subscriptions.get()
    consent.unsubscribe(one, ConsentSource(SourceKind.EMAIL_LINK))
"""
# Undoes the second import, dies at the step that is named (tests/steps.py; 0: never), and prints how many it took.
UNDO = """
import sys, django
django.setup()
from subscribers.imports.undo_import import undo_import
from subscribers.models import ImportRecord
from tests.steps import count_steps
ImportRecord.objects.update(undo_until=None)  # the lease of a process that was killed has ended since
from django.db import connection
connection.close()
steps = count_steps(int(sys.argv[1]))
undo_import(ImportRecord.objects.get(pk=2), by="Ed")
print(steps.taken)
"""
QUERIES = {
    "people": "SELECT id, address_key, first_name, attributes FROM subscribers_subscriber ORDER BY id",
    "subscriptions": """SELECT u.id, subscriber_id, state, group_concat(t.topic_id) FROM subscribers_subscription u
        LEFT JOIN subscribers_subscription_topics t ON t.subscription_id = u.id GROUP BY u.id ORDER BY u.id""",
    "consent": """SELECT subscriber_id, act, list_id, topics, state, moved, note FROM subscribers_consententry
        ORDER BY subscriber_id, act, list_id, topics, state""",
    "counts": "SELECT state, undo_counts FROM subscribers_importrecord ORDER BY id",
    "changes": "SELECT count(*) FROM subscribers_importchange",
}


@pytest.mark.kill
@pytest.mark.parametrize("number", rounds(5))
def test_a_killed_undo_continues_and_ends_as_an_undisturbed_one(tmp_path, number):
    prepared = tmp_path / "prepared"
    make_home(prepared)
    run(PREPARE, prepared)
    undisturbed = copy_of(prepared, tmp_path / "undisturbed")
    steps = int(run(UNDO, undisturbed, 0).stdout)
    expected = state_of(undisturbed)
    assert expected["counts"][1][0] == "undone"
    assert len(expected["people"]) < len(state_of(prepared)["people"])

    chance = random.Random(f"undo {number}")
    home = copy_of(prepared, tmp_path / "killed")
    # Perhaps twice in the same undo. A machine that is faster this time may be through before that step.
    for _kill in range(1 if number == 1 else 2):
        run(UNDO, home, chance.randint(1, steps), exit_codes=(-signal.SIGKILL, 0, 1))
        assert_balanced(home)
    if state_of(home)["counts"][1][0] != "undone":
        run(UNDO, home, 0)
    assert state_of(home) == expected


def assert_balanced(home):
    """The movements in the log add up to the people who are active, after every kill."""
    with closing(sqlite3.connect(home / "newsletter.sqlite3")) as database:
        (moved,) = database.execute("SELECT sum(moved) FROM subscribers_consententry").fetchone()
        active = "SELECT count(*) FROM subscribers_subscription WHERE state = 'active'"
        assert database.execute(active).fetchone() == (moved,)


def copy_of(prepared, home):
    home.mkdir()
    with (
        closing(sqlite3.connect(prepared / "newsletter.sqlite3")) as source,
        closing(sqlite3.connect(home / "newsletter.sqlite3")) as target,
    ):
        source.backup(target)
    return home


def state_of(home):
    """Everything that counts, without times."""
    with closing(sqlite3.connect(home / "newsletter.sqlite3")) as database:
        return {name: database.execute(query).fetchall() for name, query in QUERIES.items()}
