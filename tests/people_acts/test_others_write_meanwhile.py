"""While people are erased together, others log in and cancel: SQLite's one lock is free again and again."""

import json
import os
import sys

import pytest

from tests import forked
from tests.made_tables import make_home

# The second connection waits for SQLite's lock as every page does. A forgetting app makes each erasure slow.
ERASE = """
import json, sys, django; django.setup()
from threading import Event, Thread
from django.contrib.sessions.backends.db import SessionStore
from django.db import connections
from newsletter.accounts.actor import SYSTEM, acting_as
from newsletter.background_jobs import job_files
from newsletter.background_jobs.ask_for_job import ask_for_job, cancel_job
from newsletter.background_jobs.run_jobs import run_next_job
from newsletter.people_acts import act_on_people, chosen_people
from subscribers import signals
from subscribers.consent_by_editor import add_by_editor
from subscribers.consent_log import ConsentSource
from subscribers.lists import add_list
from subscribers.models import SourceKind, Subscriber

people, news, begun = int(sys.argv[1]), add_list("news", "The News"), Event()
for number in range(people):
    add_by_editor(news, f"reader{number}@example.org", ConsentSource(SourceKind.EDITOR, "Ruth"), consent="Form")

def forget(**_signal):
    begun.set()
    Event().wait(0.03)

def log_in_and_cancel():
    try:
        begun.wait(60)
        SessionStore().create()
        said.append("logged in")
        cancel_job(job)
        said.append("cancelled")
    except Exception as error:
        said.append(str(error))
    finally:
        connections.close_all()

signals.forgetting.connect(forget)
said = []
with acting_as(SYSTEM):
    folder = job_files.new_folder()
    chosen_people.keep(folder, chosen_people.ChosenPeople(), {})
    job = ask_for_job(
        act_on_people.ACT, {"kind": "erase", "list": None, "topic": None}, folder=folder, total=people
    )
    other = Thread(target=log_in_and_cancel)
    other.start()
    run_next_job(act_on_people.JOBS)
other.join()
job.refresh_from_db()
print(json.dumps([said, job.state, Subscriber.objects.count()]))
"""


@pytest.mark.sqlite
@pytest.mark.parametrize("people", [30, pytest.param(200, marks=pytest.mark.full)])
def test_people_log_in_and_cancel_between_the_pieces_of_an_erasure(tmp_path, people):
    home = tmp_path / "home"
    make_home(home)
    environment = {
        **os.environ,
        "NEWSLETTER_HOME": str(home),
        "DATABASE_URL": f"sqlite:///{home}/newsletter.sqlite3",
        "DJANGO_SETTINGS_MODULE": "newsletter.settings",
    }
    done = forked.run(
        [sys.executable, "-c", ERASE, str(people)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    said, state, left = json.loads(done.stdout.splitlines()[-1])
    assert said == ["logged in", "cancelled"]
    assert state == "cancelled"
    assert 0 < left < people
