"""People who click while a file is imported are answered, soon, and what they said holds; the import ends well."""

import json
import subprocess
import sys
from contextlib import contextmanager

import pytest

from tests import forked
from tests.full import SHARE
from tests.journeys.installation import Press
from tests.waiting import lease_duration

PEOPLE = 300_000 if SHARE >= 1 else 4_000
MAX_SECONDS = 2.0

PREPARE = """
import sys, django
django.setup()
from subscribers.lists import add_list
from subscribers.imports.run_import import import_people
news = add_list("news", "News", topics={"diet": "Diet", "sleep": "Sleep"})
with open(sys.argv[1], "rb") as stream:
    import_people(stream, news, consent="Paper forms", name="first.csv")
"""
# Prints how many people had which outcome.
IMPORT = """
import sys, json, django
django.setup()
from subscribers.imports.run_import import import_people
from subscribers.models import List
print("ready", flush=True)
sys.stdin.readline()
with open(sys.argv[1], "rb") as stream:
    outcome = import_people(stream, List.objects.get(slug="news"), consent="Paper forms", name="second.csv")
print(json.dumps(outcome.counts()))
"""
# Clicks twenty times a second, until its input ends; prints the seconds and the status of each, and whom it was for.
CLICK = """
import sys, json, time, select, django
django.setup()
from urllib.parse import urlsplit
from django.test import Client
from subscribers import signed_links
from subscribers.signed_links import Purpose
from subscribers.models import Subscription
client = Client(raise_request_exception=False)
acts = (
    ("leave", Purpose.LEAVE, {"act": "leave"}),
    ("leave", Purpose.ONE_CLICK, {"List-Unsubscribe": "One-Click"}),
    ("details", Purpose.PREFERENCES, {"act": "save", "first_name": "Own"}),
)
people = Subscription.objects.select_related("subscriber", "list").order_by("subscriber__link_nonce")
said = []
some = list(people[:2_000])
print("ready", flush=True)
for number, one in enumerate(some):
    if select.select([sys.stdin], [], [], 0.05)[0]:
        break
    name, purpose, fields = acts[number % len(acts)]
    whose = one.subscriber if purpose is Purpose.PREFERENCES else one
    address = urlsplit(signed_links.make_url(purpose, whose))
    began = time.monotonic()
    answer = client.post(address.path, fields, SERVER_NAME=address.hostname)
    said.append((name, one.subscriber.address_key, answer.status_code, time.monotonic() - began))
print(json.dumps(said))
"""
STATES = """
import json, django
django.setup()
from subscribers.models import ConsentEntry, Subscription
rows = Subscription.objects.values_list("subscriber__address_key", "state", "subscriber__first_name")
left = ConsentEntry.objects.filter(act="left").values_list("subscriber__address_key", flat=True)
print(json.dumps([{key: [state, name] for key, state, name in rows}, sorted(left)]))
"""


@pytest.fixture(
    params=[
        pytest.param("sqlite", marks=pytest.mark.sqlite),
        pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.full]),
    ]
)
def environment(request, tmp_path):
    """What processes need that share an installation on each kind of database."""
    if request.param == "postgresql":
        request.getfixturevalue("on_postgres")
    return Press(tmp_path, NEWSLETTER_SECRET_KEY="the same for all of these processes").environment


def test_who_clicks_while_a_file_is_imported_is_answered_soon_and_heard(tmp_path, environment):
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    write_people(first, "diet", "Name")
    write_people(second, "sleep", "Another")
    run(PREPARE, environment, first)
    with started(IMPORT, environment, second) as importing, started(CLICK, environment) as clicking:
        outcome = json.loads(ended(importing))
        clicks = json.loads(ended(clicking))
    states, left = json.loads(run(STATES, environment))
    assert clicks
    assert {status for _act, _key, status, _seconds in clicks} <= {200, 303}
    assert max(seconds for *_said, seconds in clicks) < MAX_SECONDS * lease_duration(1)
    assert outcome["changed"] + outcome["unsubscribed"] == PEOPLE
    leavers = {key for act, key, *_rest in clicks if act == "leave"}
    assert sorted(leavers) == left
    assert {states[key][0] for key in leavers} == {"unsubscribed"}
    assert {state for key, (state, _name) in states.items() if key not in leavers} == {"active"}


def write_people(path, topic, name):
    rows = [f"reader.{number}@example.org,{name} {number % 97},{topic}" for number in range(PEOPLE)]
    path.write_text("\n".join(["email,first name,topics", *rows]) + "\n")


@contextmanager
def started(code, environment, *arguments):
    """A process that is ready to begin; it begins when it is left to, and is gone afterwards."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    process = forked.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def ended(process):
    """Give the process the line that it waits for; what it printed."""
    printed, _errors = process.communicate("go on\n", timeout=lease_duration(600))
    assert process.returncode == 0
    return printed


def run(code, environment, *arguments):
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = forked.run(
        command, env=environment, stdout=subprocess.PIPE, text=True, check=True, timeout=lease_duration(600)
    )
    return done.stdout
