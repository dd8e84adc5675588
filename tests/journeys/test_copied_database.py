"""A copy beside the original, and an older state put back: exactly one sends, until a person says otherwise."""

import shutil
from urllib.parse import urlsplit

import pytest

from tests.journeys.installation import Press, twin_of
from tests.made_tables import new_database
from tests.waiting import lease_duration

pytestmark = pytest.mark.enable_socket

PEOPLE = 40
PLAN = """
import django; django.setup()
from newsletter.issues.models import Issue
from tests.sending.planned_mailing import planned_mailing
print(planned_mailing(Issue.objects.get(number=1)).key)
"""
A_MINUTE_PASSES = """
import django; django.setup()
from newsletter.instance.guard import advance_serial
advance_serial()
"""


@pytest.fixture
def press(tmp_path):
    """A press with one mailing that is due, of which nothing has gone; `press.key` names it."""
    press = Press(tmp_path)
    press.seed(people=PEOPLE, issues=2)
    press.key = press.run("-c", PLAN).strip()
    return press


def send(*presses):
    """Let all of them send what is due, at once."""
    workers = [each.start("worker", "--engine", "local", "--once") for each in presses]
    return [worker.communicate(timeout=lease_duration())[1] for worker in workers]


def everybody_once(press, key):
    emails = press.delivered(key)
    return len(emails) == PEOPLE and set(emails.values()) == {1}


@pytest.mark.sqlite
def test_of_a_copy_of_the_home_beside_the_original_one_sends(press, tmp_path):
    copy = twin_of(press, shutil.copytree(press.home, tmp_path / "copy"))
    said = send(press, copy)
    assert everybody_once(press, press.key)
    assert copy.delivered(press.key) == {}
    assert said[0] == ""
    assert said[1].count("newsletter instance adopt") == 1
    waiting = copy.start("worker", "--engine", "local")
    assert "newsletter instance adopt" in waiting.stderr.readline()
    waiting.terminate()
    assert (waiting.communicate(timeout=lease_duration())[1], waiting.returncode) == ("", 0)
    with pytest.raises(AssertionError, match="newsletter instance adopt"):
        copy.newsletter("issues", "send", "harbour/2", "--without-undo", "--yes")
    shown = copy.newsletter("instance", "status")
    assert [each["people"] for each in shown["pending_sends"]] == [PEOPLE]
    assert copy.newsletter("instance", "adopt", "--yes")["may_send"]
    send(copy)
    assert everybody_once(copy, press.key)


@pytest.mark.sqlite
def test_a_home_that_is_renamed_stays_at_home(press, tmp_path):
    moved = twin_of(press, press.home.rename(tmp_path / "moved"))
    assert send(moved) == [""]
    assert everybody_once(moved, press.key)


@pytest.mark.sqlite
def test_an_older_state_written_over_the_database_asks(press, tmp_path):
    database = press.home / "newsletter.sqlite3"
    backup = shutil.copy(database, tmp_path / "backup")
    press.run("-c", A_MINUTE_PASSES)
    send(press)
    assert everybody_once(press, press.key)
    # Written over, the file keeps its inode.
    shutil.copyfile(backup, database)
    [said] = send(press)
    assert "older than the one that was last used here" in said
    assert everybody_once(press, press.key)


@pytest.mark.postgres
def test_of_a_copied_database_in_postgresql_the_original_sends(on_postgres, tmp_path):
    import psycopg

    press = Press(tmp_path)
    press.seed(people=PEOPLE, issues=1)
    press.key = press.run("-c", PLAN).strip()
    url = press.environment["DATABASE_URL"]
    original, copied = urlsplit(url).path[1:], f"{urlsplit(url).path[1:]}_copy"
    with psycopg.connect(new_database(url), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{copied}" TEMPLATE "{original}"')
    home = shutil.copytree(press.home, tmp_path / "copy")
    copy = twin_of(press, home, DATABASE_URL=urlsplit(url)._replace(path=f"/{copied}").geturl())
    said = send(press, copy)
    assert everybody_once(press, press.key)
    assert copy.delivered(press.key) == {}
    assert said[0] == ""
    assert "newsletter instance adopt" in said[1]
