"""A press is backed up while it sends, and made again from the file: the figures add up, and it asks first."""

import contextlib
import signal
import sqlite3
import stat
import sys
import uuid

import pytest

from tests import forked
from tests.journeys.installation import Press, twin_of
from tests.made_tables import new_database
from tests.waiting import lease_duration, until

pytestmark = pytest.mark.enable_socket

PEOPLE = 1_200
PLAN = """
import django; django.setup()
from newsletter.issues.models import Issue
from tests.sending.planned_mailing import planned_mailing
print(planned_mailing(Issue.objects.get(number=1)).key)
"""
# Stores the picture of an email, or prints what is stored.
STORE_A_PICTURE = """
import django; django.setup()
from django.utils import timezone
from newsletter.articles.pictures.models import PictureFile
now = timezone.now()
PictureFile.objects.create(name="a.jpg", content=bytes(range(256)), width=1, height=1, made_at=now, kept_since=now)
"""
PRINT_THE_PICTURE = """
import django; django.setup()
from newsletter.articles.pictures.models import PictureFile
print(list(bytes(PictureFile.objects.get(name="a.jpg").content)) == list(range(256)))
"""
UNSUBSCRIBE = """
import sys
import django; django.setup()
from subscribers.consent import ConsentSource, unsubscribe
from subscribers.models import SourceKind, Subscription
for each in Subscription.objects.filter(subscriber__address=sys.argv[1]):
    unsubscribe(each, ConsentSource(SourceKind.EMAIL_LINK))
"""
FROM_THE_FUTURE = """
import django; django.setup()
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
MigrationRecorder(connection).record_applied("newsletter", "9999_telepathy")
"""
# Restores copies of a backup, each with one bit flipped, and prints how many were refused.
FLIPS = """
import os, random, sys
from pathlib import Path
import django; django.setup()
from newsletter.accounts.actor import acting_as
from newsletter.backups.restore_backup import restore_backup
from newsletter.cli.command_actor import at_the_machine
from newsletter.errors import Invalid
file, copy, how_many = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
content, refused = file.read_bytes(), 0
ends = [0, 4, 9, len(content) - 1, len(content) - 60, len(content) - 120]
for place in ends + random.sample(range(len(content)), how_many - len(ends)):
    flipped = bytearray(content)
    flipped[place] ^= 1 << random.randrange(8)
    copy.write_bytes(flipped)
    try:
        with acting_as(at_the_machine()):
            restore_backup(copy, replace=True)
    except Invalid:
        refused += 1
print(refused)
"""
# Kills itself before the Nth time that one of these things happens (see Python's table of audit events).
KILLED = """
import os, signal, sys
last, done, events = int(sys.argv.pop(1)), 0, sys.argv.pop(1).split()
def heed(event, _arguments):
    global done
    if event in events:
        if done == last:
            os.kill(os.getpid(), signal.SIGKILL)
        done += 1
import django; django.setup()
from newsletter.cli.commands import run
sys.addaudithook(heed)
sys.exit(run(sys.argv[1:]))
"""
MAX_STEPS = 60
STATES = ("waiting", "accepted", "skipped", "rejected", "unknown")


@pytest.fixture(
    params=[
        pytest.param("sqlite", marks=pytest.mark.sqlite),
        pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.full]),
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
        return twin_of(press, home, DATABASE_URL=new_database(url))

    return another


def refusal(press, *words):
    process = press.start(*words)
    _out, said = process.communicate(timeout=lease_duration())
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


def as_it_is(press):
    """Everything that a press keeps: its files, and the rows of its tables."""
    files = {str(path): path.read_bytes() for path in press.home.rglob("*") if path.is_file()}
    rows = {}
    if press.environment["DATABASE_URL"]:
        with contextlib.closing(connected(press)) as connection:
            tables = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall()
            for [table] in tables:
                query = f'SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{table}" t'
                rows[table] = connection.execute(query).fetchone()
    return files, rows


def figures(press):
    [found] = press.newsletter("mailings", "list")
    assert sum(found[state] for state in STATES) == found["audience"] == PEOPLE, found
    return found


def test_a_backup_made_while_a_mailing_goes_makes_a_press_that_adds_up_and_asks(press, empty, tmp_path):
    press.seed(people=PEOPLE, issues=1)
    press.run("-c", PLAN)
    press.run("-c", STORE_A_PICTURE)
    (press.home / "media").mkdir()
    (press.home / "media" / "harbour.png").write_bytes(b"a picture")
    # A minute for all of them, so that the mailing goes on for as long as a busy machine needs.
    slowly = twin_of(press, press.home, NEWSLETTER_RATE_PER_SECOND="20")
    worker = slowly.start("worker", "--engine", "local", "--once")
    until(lambda: any(press.home.glob("outbox/new/*")), "the first email")
    file = tmp_path / "press.tar.gz"
    press.newsletter("backup", file)
    during = figures(press)
    worker.terminate()
    worker.communicate(timeout=lease_duration())
    assert during["waiting"] > 0, "the mailing was over before the backup was"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    restored = empty()
    said = restored.newsletter("restore", file)
    assert "did not replace a database, so we do not know who unsubscribed" in said["unknown"]
    assert (restored.home / "secret-key").read_text() == (press.home / "secret-key").read_text()
    assert (restored.home / "media" / "harbour.png").read_bytes() == b"a picture"
    assert restored.run("-c", PRINT_THE_PICTURE) == "True\n"
    found = figures(restored)
    assert found["state"] == "paused"
    assert found["waiting"] > 0
    assert restored.newsletter("instance", "status")["may_send"] is False
    assert "newsletter instance adopt" in refusal(restored, "mailings", "resume", "1")

    restored.newsletter("instance", "adopt", "--yes")
    restored.newsletter("mailings", "resume", "1")
    restored.newsletter("worker", "--engine", "local", "--once")
    after = figures(restored)
    assert after["waiting"] == after["posting"]
    assert after["accepted"] > found["accepted"]


def test_what_is_there_is_replaced_only_when_that_is_said(press, tmp_path):
    press.seed(people=2, issues=1)
    file = tmp_path / "press.tar.gz"
    press.newsletter("backup", file)
    assert "Choose a different name" in refusal(press, "backup", file)
    press.newsletter("subscribers", "add", "new@example.org", "--list", "readers", "--consent", "By post.")
    assert "--replace" in refusal(press, "restore", file)
    assert len(press.newsletter("subscribers", "list")) == 3
    press.newsletter("restore", file, "--replace")
    assert len(press.newsletter("subscribers", "list")) == 2
    assert press.newsletter("instance", "status")["may_send"] is False
    press.newsletter("restore", file, "--replace")


def test_people_who_refused_after_the_backup_are_not_brought_back_by_it(press, tmp_path):
    press.seed(people=4, issues=1)
    file = tmp_path / "press.tar.gz"
    press.newsletter("backup", file)
    erased, left, complained, stays = [each["address"] for each in press.newsletter("subscribers", "list")]
    press.newsletter("subscribers", "erase", erased, "--yes")
    press.run("-c", UNSUBSCRIBE, left)
    press.newsletter("subscribers", "suppress", complained, "--why", "A complaint by post.")
    said = press.newsletter("restore", file, "--replace")
    assert (said["repeated"], said["unknown"]) == (
        {"erased": 1, "unsubscribed": 2, "suppressed": 2, "paused": 0, "resumed": 0, "chosen": 0, "moved": 0},
        "",
    )
    found = [each["address"] for each in press.newsletter("subscribers", "list")]
    assert found == [left, complained, stays]
    assert press.newsletter("instance", "status")["may_send"] is False
    press.newsletter("instance", "adopt", "--yes")
    with contextlib.closing(connected(press)) as connection:
        active = connection.execute(
            "SELECT address FROM subscribers_subscriber s JOIN subscribers_subscription m"
            " ON m.subscriber_id = s.id WHERE m.state = 'active'"
        ).fetchall()
    assert active == [(stays,)]
    assert not list(press.home.glob("unfinished*"))


@pytest.mark.postgres
def test_a_restore_that_is_killed_before_it_repeats_refusals_repeats_them_the_next_time(
    on_postgres, tmp_path
):
    press, file = Press(tmp_path), tmp_path / "press.tar.gz"
    press.seed(people=3, issues=1)
    press.newsletter("backup", file)
    [erased, *_others] = [each["address"] for each in press.newsletter("subscribers", "list")]
    press.newsletter("subscribers", "erase", erased, "--yes")
    # After psql has put the restored database in place, the first folder is moved.
    (press.home / "media").mkdir()
    assert killed_at(0, "os.rename", press, file)
    step = 0
    while killed_at(step, "os.rename", press, file):
        kept = press.home / "unfinished-restore-refusals"
        assert not kept.exists() or erased not in kept.read_text()
        step += 1
        assert step < MAX_STEPS
    assert step >= 2
    assert erased not in [each["address"] for each in press.newsletter("subscribers", "list")]


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


@pytest.mark.parametrize("how_many", [20, pytest.param(200, marks=pytest.mark.full)])
def test_a_backup_with_one_wrong_bit_is_refused_and_nothing_is_changed(press, tmp_path, how_many):
    press.seed(people=50, issues=1)
    file = tmp_path / "press.tar.gz"
    press.newsletter("backup", file)
    before = as_it_is(press)
    said = press.run("-c", FLIPS, str(file), str(tmp_path / "flipped.tar.gz"), str(how_many))
    assert int(said) == how_many
    assert as_it_is(press) == before


@pytest.mark.sqlite
def test_a_damaged_file_is_refused_and_leaves_nothing_in_a_new_home(tmp_path):
    press, file = Press(tmp_path), tmp_path / "press.tar.gz"
    press.newsletter("backup", file)
    assert press.newsletter("backup", "--verify", file)["whole"] is True
    file.write_bytes(file.read_bytes()[:-2_000])
    target = twin_of(press, tmp_path / "target")
    for words in (["restore", file], ["backup", "--verify", file]):
        assert "press.tar.gz is damaged, or it is not a backup from this software" in refusal(target, *words)
    assert not target.home.exists()


@pytest.mark.sqlite
def test_a_backup_makes_its_folder_for_its_owner_alone(tmp_path):
    press, folder = Press(tmp_path), tmp_path / "kept" / "here"
    press.newsletter("backup", folder / "press.tar.gz")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path.name for path in folder.iterdir()] == ["press.tar.gz"]


def test_numbers_of_rows_are_not_given_again_after_a_restore(press, tmp_path):
    """Somebody who signs up after the backup has a link; it must never open what belongs to the next."""
    file = tmp_path / "press.tar.gz"
    press.seed(people=2, issues=1)
    press.newsletter("backup", file)

    def number_of(address):
        press.newsletter("subscribers", "add", address, "--list", "readers", "--consent", "By post.")
        with contextlib.closing(connected(press)) as connection:
            query = f"SELECT id FROM subscribers_subscriber WHERE address = '{address}'"
            return connection.execute(query).fetchone()[0]

    ada = number_of("ada@example.org")
    press.newsletter("restore", file, "--replace")
    assert number_of("bea@example.org") > ada + 1_000_000


EVERY_STEP = "os.mkdir os.rename os.remove subprocess.Popen"


@pytest.mark.parametrize(
    ("before", "events"),
    [
        ("a press", "os.rename"),
        pytest.param("a press", EVERY_STEP, marks=pytest.mark.full),
        pytest.param("nothing", EVERY_STEP, marks=pytest.mark.full),
    ],
)
def test_a_restore_that_is_killed_at_any_step_is_said_and_can_be_repeated(
    press, empty, tmp_path, before, events
):
    press.seed(people=2, issues=1)
    (press.home / "media").mkdir()
    (press.home / "media" / "harbour.png").write_bytes(b"a picture")
    file = tmp_path / "press.tar.gz"
    press.newsletter("backup", file)
    target = press if before == "a press" else empty()
    if before == "a press":
        press.newsletter(
            "subscribers", "add", "new@example.org", "--list", "readers", "--consent", "By post."
        )
    code, step = None, 0
    while code != 0 and step < MAX_STEPS:
        code = killed_at(step, events, target, file)
        if code:
            require_old_or_new_or_said(target, people=3 if before == "a press" else 0)
            step += 1
    assert code == 0, f"{MAX_STEPS} steps were not enough"
    assert step >= 2
    assert len(target.newsletter("subscribers", "list")) == 2
    assert (target.home / "media" / "harbour.png").read_bytes() == b"a picture"
    assert [path.name for path in target.home.iterdir() if path.name.startswith((".", "unfinished"))] == []
    target.newsletter("instance", "adopt", "--yes")
    target.newsletter("worker", "--once")


def killed_at(step, events, press, file):
    """Restore, and be killed there: the exit code, which is 0 when there was no such step."""
    process = forked.run(
        [sys.executable, "-c", KILLED, str(step), events, "restore", str(file), "--replace"],
        env=press.environment,
        capture_output=True,
        text=True,
        timeout=lease_duration(),
        check=False,
    )
    assert process.returncode in {0, -signal.SIGKILL}, process.stderr
    return process.returncode


def require_old_or_new_or_said(press, *, people):
    """Nothing was changed, or all of it, or whoever starts the press is told that a restore was broken off.

    In the first two cases nothing that holds addresses is left beside the database, once something was started.
    """
    worker = press.start("worker", "--once", "--json")
    _out, said = worker.communicate(timeout=lease_duration())
    if worker.returncode:
        assert "Run `newsletter restore FILE --replace` again" in said or not people, said
        assert "restore" in said or "newsletter init" in said, said
        return
    assert list(press.home.glob(".restoring-*")) == []
    if len(press.newsletter("subscribers", "list")) != people:
        assert len(press.newsletter("subscribers", "list")) == 2
        assert press.newsletter("instance", "status")["may_send"] is False


def test_a_running_press_is_not_replaced_under_its_feet(press, tmp_path):
    file = tmp_path / "press.tar.gz"
    press.newsletter("backup", file)
    with contextlib.closing(connected(press)) as in_use:
        in_use.execute("SELECT count(*) FROM newsletter_issue").fetchone()
        assert "Stop all newsletter processes" in refusal(press, "restore", file, "--replace")


@pytest.mark.sqlite
def test_a_broken_database_is_replaced(tmp_path):
    press, file = Press(tmp_path), tmp_path / "press.tar.gz"
    press.newsletter("backup", file)
    (press.home / "newsletter.sqlite3").write_bytes(bytes(20_000))
    said = press.newsletter("restore", file, "--replace")["unknown"]
    assert "could not read the database that the backup replaced" in said
    problem = press.newsletter("instance", "status")["problem"]
    assert said in problem
    press.newsletter("instance", "adopt", "--yes")
    assert press.newsletter("instance", "status")["may_send"] is True
    assert press.newsletter("mailings", "list") == []
