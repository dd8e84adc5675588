"""Machines that watch the press learn whether it answers and whether it can work, and nothing else."""

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from newsletter.instance import process_heartbeats
from subscribers import suppression
from subscribers.consent_log import ConsentSource
from subscribers.models import SourceKind


def test_a_process_answers_without_asking_the_database(client):
    """No `db` is asked for here: pytest-django would refuse a query."""
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"Alive.\n")


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_whoever_asks_by_whatever_name_is_answered_and_gets_no_cookie(client, address):
    answer = client.get(address, headers={"host": "10.0.0.7:8000"})
    assert (answer.status_code, answer.cookies) == (200, {})
    assert client.head(address).status_code == 200
    assert client.post(address).status_code == 405


@pytest.mark.django_db
def test_ready_says_when_the_clock_ticked(client):
    process_heartbeats.record_heartbeat()
    with time_machine.travel(timezone.now() + timedelta(seconds=50), tick=False):
        answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (200, b"Ready. The scheduler last ran 50 seconds ago.\n")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("ticked", "words"),
    [
        (
            timedelta(seconds=70),
            (
                "The scheduler last ran 70 seconds ago, so we are not fetching articles, drafting issues or starting "
                "mailings at the moment."
            ),
        ),
        (
            timedelta(hours=-1),
            (
                "The database says that the scheduler last ran at a time that is 3,600 seconds in the future. "
                "The clock on this machine or another machine must be wrong."
            ),
        ),
        (
            None,
            "The scheduler has never run, so we are not fetching articles, drafting issues or starting mailings.",
        ),
    ],
)
def test_a_clock_that_stands_still_is_an_alarm_that_takes_no_web_server_out(client, ticked, words):
    if ticked is not None:
        process_heartbeats.record_heartbeat()
    with time_machine.travel(timezone.now() + (ticked or timedelta(0)), tick=False):
        answer, watched = client.get("/readyz"), client.get("/readyz?scheduler=1")
    assert (answer.status_code, watched.status_code) == (200, 503)
    assert answer.content.decode() == watched.content.decode() == f"Ready.\nAlarm: {words}\n"


@pytest.mark.django_db
def test_a_missing_secret_key_is_an_alarm_that_takes_no_web_server_out(client, settings):
    process_heartbeats.record_heartbeat()
    suppression.suppress("ada@example.org", "complaint", ConsentSource(SourceKind.EDITOR))
    settings.SECRET_KEY = "another key"
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert "Alarm: Some suppressions were stored with a key that is no longer set" in answer.content.decode()
    assert client.get("/readyz?scheduler=1").status_code == 503


@pytest.mark.django_db
def test_a_monitor_that_asks_for_the_clock_is_content_while_it_ticks(client):
    process_heartbeats.record_heartbeat()
    assert client.get("/readyz?scheduler=1").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("app", ["newsletter", "subscribers"])
def test_a_database_without_some_of_the_tables_is_not_ready(client, app):
    MigrationRecorder(connection).migration_qs.filter(app=app).latest("name").delete()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.content == b"The database must be updated for this version. Run `newsletter init`.\n"


@pytest.mark.sqlite
@pytest.mark.django_db
def test_a_database_that_is_not_there_is_said_and_not_made(client, tmp_path, monkeypatch):
    missing = Path(tmp_path) / "none.sqlite3"
    monkeypatch.setitem(connection.settings_dict, "NAME", str(missing))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (
        503,
        b"The database does not exist yet. Run `newsletter init`.\n",
    )
    assert not missing.exists()
