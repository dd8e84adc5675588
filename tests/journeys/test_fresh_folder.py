"""What a command leaves in a folder: nothing when it only helps, and nothing for others when it works."""

import os
import stat
import subprocess
import sys

import pytest

from tests import forked
from tests.journeys.installation import ROOT, Press, twin_of
from tests.journeys.test_setup_link import ended, printed_until

pytestmark = [pytest.mark.sqlite, pytest.mark.enable_socket]

UNDER = "import os, sys; os.umask(int(sys.argv.pop(1), 8)); from newsletter.cli import main; main()"
SET_UP_AND_POST = """
import django; django.setup()
from django.core.mail import send_mail
from newsletter.instance.guard import advance_serial
from newsletter.sending import process_liveness
from newsletter.tracking import webhook_inbox
send_mail("Please confirm", "…", None, ["a@example.org"])
advance_serial(); webhook_inbox.keep(b"[]"); process_liveness.process_name()
"""


def run(folder, *words, **environment):
    given = {name: value for name, value in os.environ.items() if not name.startswith("NEWSLETTER_")}
    given |= {"PYTHONPATH": str(ROOT), "DATABASE_URL": "", **environment}
    # Commands are started as people start them.
    start = forked.run if words[0] == "-c" else subprocess.run
    return start(
        [sys.executable, *words],
        cwd=folder,
        env=given,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("words", "environment"),
    [
        (["--help"], {}),
        (["--version"], {}),
        (["subscribers", "list", "--help"], {}),
        ([], {"_NEWSLETTER_COMPLETE": "complete_bash", "COMP_WORDS": "newsletter su", "COMP_CWORD": "1"}),
        (["restore", "none.tar.gz"], {}),
        (["doctor"], {}),
        (["sources", "list"], {}),
        (["worker", "--once"], {}),
    ],
    ids=["help", "version", "help of a command", "completion", "restore", "doctor", "list", "worker"],
)
def test_a_command_that_has_nothing_to_keep_writes_nothing(tmp_path, words, environment):
    done = run(tmp_path, "-m", "newsletter", *words, **environment)
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("umask", ["000", pytest.param("077", marks=pytest.mark.full)])
def test_what_the_press_keeps_is_for_its_owner_alone(tmp_path, umask):
    home = tmp_path / "home"
    for words in (["-c", UNDER, umask, "init"], ["-c", f"import os; os.umask(0o{umask})\n{SET_UP_AND_POST}"]):
        done = run(tmp_path, *words, NEWSLETTER_HOME=str(home), DJANGO_SETTINGS_MODULE="newsletter.settings")
        assert done.returncode == 0, done.stderr
    made = [home, *home.rglob("*")]
    assert {
        "newsletter.sqlite3",
        "reports.sqlite3",
        "secret-key",
        "instance",
        "outbox-system",
        "sending",
    } <= {path.name for path in made}
    modes = {str(path): stat.S_IMODE(path.stat().st_mode) for path in made}
    assert {path: mode for path, mode in modes.items() if mode & 0o077} == {}


def test_a_home_that_stood_open_is_closed_by_the_next_start(tmp_path):
    press = Press(tmp_path)
    for path in (press.home, *press.home.iterdir()):
        path.chmod(0o777)
    press.newsletter("worker", "--once")
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in (press.home, *press.home.iterdir())} == {0}


@pytest.mark.full
def test_serve_sets_up_an_empty_home_and_says_where(tmp_path):
    press = twin_of(Press(tmp_path / "other"), tmp_path / "home", DATABASE_URL="")
    serving = press.start("serve", "--port", "0")
    said = printed_until(serving, "?token=")
    ended(serving)
    assert said.startswith(f"We created a new installation. All its data is in {press.home}.")
    assert {"newsletter.sqlite3", "secret-key"} <= {path.name for path in press.home.iterdir()}


@pytest.mark.parametrize("lost", ["newsletter.sqlite3", "secret-key"])
def test_serve_makes_no_new_installation_where_half_of_one_was_lost(tmp_path, lost):
    press = Press(tmp_path)
    (press.home / lost).unlink()
    process = press.start("serve", "--port", "0")
    _out, said = process.communicate(timeout=120)
    assert (process.returncode, "`newsletter init`" in said) == (1, True)
    assert not (press.home / lost).exists()


def test_a_machine_without_the_key_starts_nothing(tmp_path):
    """Another key would be made in silence, and no link of the other machine be good here."""
    press = Press(tmp_path)
    (press.home / "secret-key").unlink()
    process = press.start("worker", "--once")
    _out, said = process.communicate(timeout=120)
    assert process.returncode == 1
    assert said.startswith(f"newsletter: We could not find the secret key in {press.home}.")
    assert not (press.home / "secret-key").exists()
