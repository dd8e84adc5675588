"""A press is backed up while it sends, and made again from the file: the figures add up, and it asks first."""

import contextlib
import shutil
import sqlite3
import stat
import uuid
from urllib.parse import urlsplit

import pytest

from tests.journeys.press import Press, database_url, twin_of

pytestmark = pytest.mark.enable_socket

PEOPLE = 3_000
PLAN = """
import django; django.setup()
from newsletter.issues.models import Issue
from newsletter.sending.audience import plan_mailing
print(plan_mailing(Issue.objects.get(number=1)).key)
"""
FROM_THE_FUTURE = """
import django; django.setup()
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
MigrationRecorder(connection).record_applied("newsletter", "9999_telepathy")
"""
STATES = ("waiting", "accepted", "skipped", "refused", "unknown")


@pytest.fixture(
    params=[
        pytest.param("sqlite", marks=pytest.mark.sqlite),
        pytest.param("postgresql", marks=pytest.mark.postgres),
    ]
)
def press(request, tmp_path):
    """A press on each kind of database."""
    if request.param == "postgresql":
        request.getfixturevalue("on_postgres")
    return Press(tmp_path)


@pytest.fixture
def empty(press, tmp_path):
    """A machine without a press: `empty()` gives one that is like the first, with nothing in it."""

    def another():
        url = press.environment["DATABASE_URL"]
        home = tmp_path / uuid.uuid4().hex
        return twin_of(press, home, DATABASE_URL=database_url(url))

    return another


def refusal(press, *words):
    process = press.start(*words)
    _out, said = process.communicate(timeout=60)
    assert process.returncode in {1, 2}, said
    assert said.count("\n") == 1, said
    return said


def connected(press):
    """A connection to the database of a press, as a process of it has."""
    url = press.environment["DATABASE_URL"]
    if not url:
        return sqlite3.connect(press.home / "newsletter.sqlite3")
    import psycopg

    return psycopg.connect(url)


def figures(press):
    [found] = press.newsletter("mailings", "list")
    assert sum(found[state] for state in STATES) == found["audience"] == PEOPLE, found
    return found


def test_a_backup_made_while_a_mailing_goes_makes_a_press_that_adds_up_and_asks(press, empty, tmp_path):
    press.seed(people=PEOPLE, issues=1)
    press.run("-c", PLAN)
    (press.home / "media").mkdir()
    (press.home / "media" / "harbour.png").write_bytes(b"a picture")
    slowly = twin_of(press, press.home, NEWSLETTER_RATE_PER_SECOND="300")
    worker = slowly.start("worker", "--engine", "local", "--once")
    file = tmp_path / "press.tar.gz"
    press.newsletter("backup", file)
    during = figures(press)
    worker.terminate()
    worker.communicate(timeout=60)
    assert during["waiting"] > 0, "the mailing was over before the backup was"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    restored = empty()
    restored.newsletter("restore", file)
    assert (restored.home / "secret-key").read_text() == (press.home / "secret-key").read_text()
    assert (restored.home / "media" / "harbour.png").read_bytes() == b"a picture"
    found = figures(restored)
    assert found["state"] == "paused"
    assert found["waiting"] > 0
    assert restored.newsletter("residence")["at_home"] is False
    assert "newsletter residence take" in refusal(restored, "mailings", "resume", "1")

    restored.newsletter("residence", "take", "--yes")
    restored.newsletter("mailings", "resume", "1")
    restored.newsletter("worker", "--engine", "local", "--once")
    after = figures(restored)
    assert after["waiting"] == after["posting"]
    assert after["accepted"] > found["accepted"]


def test_what_is_there_is_replaced_only_when_that_is_said(press, tmp_path):
    press.seed(people=2, issues=1)
    file = tmp_path / "press.tar.gz"
    press.newsletter("backup", file)
    assert "Choose another name" in refusal(press, "backup", file)
    press.newsletter("subscribers", "add", "new@example.org", "--list", "readers", "--consent", "By post.")
    assert "--replace" in refusal(press, "restore", file)
    assert len(press.newsletter("subscribers", "list")) == 3
    press.newsletter("restore", file, "--replace")
    assert len(press.newsletter("subscribers", "list")) == 2
    assert press.newsletter("residence")["at_home"] is False
    press.newsletter("restore", file, "--replace")


@pytest.mark.sqlite
def test_a_backup_of_a_newer_version_is_refused_and_changes_nothing(tmp_path):
    press, file = Press(tmp_path), tmp_path / "press.tar.gz"
    press.run("-c", FROM_THE_FUTURE)
    press.newsletter("backup", file)
    target = twin_of(press, tmp_path / "target")
    assert "newsletter.9999_telepathy" in refusal(target, "restore", file)
    assert not (target.home / "newsletter.sqlite3").exists()


def test_a_backup_of_an_older_version_is_brought_to_this_one(press, empty, tmp_path):
    press.run("-m", "django", "migrate", "--verbosity", "0", "auth", "0011")
    file = tmp_path / "press.tar.gz"
    press.newsletter("backup", file)
    target = empty()
    target.newsletter("restore", file)
    target.run("-m", "django", "migrate", "--check")


@pytest.mark.sqlite
def test_a_damaged_file_is_refused_and_nothing_is_half_done(tmp_path):
    press, file = Press(tmp_path), tmp_path / "press.tar.gz"
    press.newsletter("backup", file)
    file.write_bytes(file.read_bytes()[:-2_000])
    assert "press.tar.gz is no backup of this press, or it is damaged" in refusal(
        press, "restore", file, "--replace"
    )
    assert press.newsletter("residence")["at_home"] is True
    assert list(press.home.glob(".restoring*")) == []


def test_a_running_press_is_not_replaced_under_its_feet(press, tmp_path):
    file = tmp_path / "press.tar.gz"
    press.newsletter("backup", file)
    with contextlib.closing(connected(press)) as in_use:
        in_use.execute("SELECT count(*) FROM newsletter_issue").fetchone()
        assert "Stop the press" in refusal(press, "restore", file, "--replace")


@pytest.mark.sqlite
def test_a_broken_database_is_replaced(tmp_path):
    press, file = Press(tmp_path), tmp_path / "press.tar.gz"
    press.newsletter("backup", file)
    (press.home / "newsletter.sqlite3").write_bytes(bytes(20_000))
    press.newsletter("restore", file, "--replace")
    assert press.newsletter("mailings", "list") == []


@pytest.mark.postgres
def test_what_is_missing_for_postgresql_is_named(on_postgres, tmp_path):
    press, file, programs = Press(tmp_path), tmp_path / "press.tar.gz", tmp_path / "programs"
    press.newsletter("backup", file)
    other = twin_of(press, tmp_path / "other", DATABASE_URL="")
    assert "This backup is one of PostgreSQL" in refusal(other, "restore", file)
    programs.mkdir()
    press.environment["PATH"] = str(programs)
    assert "pg_dump is not on the PATH" in refusal(press, "backup", tmp_path / "again.tar.gz")
    old = programs / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    old.chmod(0o700)
    assert "pg_dump is of version 9" in refusal(press, "backup", tmp_path / "again.tar.gz")
    assert not (tmp_path / "again.tar.gz").exists()


@pytest.mark.postgres
def test_an_ordinary_user_of_the_database_can_back_up_and_restore(on_postgres, tmp_path):
    import psycopg

    press, file = Press(tmp_path), tmp_path / "press.tar.gz"
    url = urlsplit(press.environment["DATABASE_URL"])
    name = f"plain_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(url.geturl(), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN")
        connection.execute(f"CREATE DATABASE {name} OWNER {name}")
    plain_url = url._replace(netloc=f"{name}@{url.hostname}:{url.port}", path=f"/{name}").geturl()
    plain = twin_of(press, shutil.copytree(press.home, tmp_path / "plain"), DATABASE_URL=plain_url)
    plain.run("-m", "newsletter", "init")
    plain.newsletter("backup", file)
    plain.newsletter("restore", file, "--replace")
    assert plain.newsletter("residence")["at_home"] is False
