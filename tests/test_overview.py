"""`newsletter --help` is there at once, and says what each command is for."""

import os
import subprocess
import sys

import pytest
import typer

from newsletter.cli.commands import program
from newsletter.cli.overview import COMMANDS
from tests import forked

TELL_WHAT_IS_IMPORTED = """
import sys
from newsletter.cli import main
sys.argv = ["newsletter", *sys.argv[1:]]
try:
    main()
finally:
    print(sorted({name.partition(".")[0] for name in sys.modules} & {"django", "subscribers"}))
"""

TELL_WHAT_ALL_COMMANDS_IMPORT = """
import sys, django
django.setup()
from newsletter.cli.commands import program
program()
slow = ("jinja2", "lxml", "premailer", "babel.dates", "dateutil", "PIL", "feedparser", "sendgrid", "apscheduler", "dns")
slow += ("newsletter.rendering", "newsletter.doctor", "newsletter.sending.plan", "newsletter.urls")
print([name for name in sys.modules if name.startswith(slow)])
"""


@pytest.mark.parametrize("words", [["--help"], [], ["--version"], ["no-such-command"]])
def test_what_needs_no_installation_imports_no_django(words):
    done = subprocess.run(
        [sys.executable, "-c", TELL_WHAT_IS_IMPORTED, *words], capture_output=True, text=True, check=False
    )
    assert done.stdout.endswith("[]\n"), done.stdout + done.stderr


def test_the_overview_names_every_command_and_what_it_does():
    done = forked.run([sys.executable, "-m", "newsletter", "--help"], stdout=subprocess.PIPE, text=True)
    for name, command in COMMANDS.items():
        assert f" {name} " in done.stdout
        assert command.help in done.stdout


def test_each_name_in_the_overview_is_a_command():
    assert set(COMMANDS) == set(typer.main.get_command(program()).commands)


def test_an_unknown_command_is_refused_as_wrong_use():
    done = forked.run(
        [sys.executable, "-m", "newsletter", "no-such-command"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert done.returncode == 2
    assert "no-such-command" in done.stderr


def test_help_waits_for_nothing_that_only_the_work_of_a_command_needs(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", TELL_WHAT_ALL_COMMANDS_IMPORT],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "newsletter.settings", "NEWSLETTER_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"
