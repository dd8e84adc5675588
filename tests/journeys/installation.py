"""A whole press of its own for a journey: a home, a database, and real processes that a test can kill."""

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from contextlib import closing, contextmanager
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

import pytest
from django.conf import settings
from pydantic import SecretStr

from newsletter.secret_keys import secret_keys_of
from tests import forked
from tests.made_tables import database_with_tables, make_home
from tests.waiting import lease_duration

ROOT = Path(__file__).resolve().parents[2]
TO = re.compile(rb"^To: .*?([^<\s]+@[^>\s]+)>?$", re.MULTILINE)
CLOCKS = 5
PLAN = """
import django; django.setup()
from newsletter.issues.models import Issue
from tests.sending.planned_mailing import planned_mailing
from newsletter.sending.mailing_controls import pause_mailing
for issue in Issue.objects.order_by("number"):
    pause_mailing(planned_mailing(issue, planned_by="edda").pk, "Until its round comes.")
"""


class Press:
    """One installation in a folder, on the same kind of database as the tests run on."""

    def __init__(self, folder, **environment):
        self.home = folder / "home"
        url = os.environ.get("DATABASE_URL", "")
        database = database_with_tables(url) if url.startswith("postgres") else ""
        if not database:
            make_home(self.home)
        self.environment = {
            **os.environ,
            "NEWSLETTER_HOME": str(self.home),
            "NEWSLETTER_TRANSPORT": "maildir",
            "DATABASE_URL": database,
            "DJANGO_SETTINGS_MODULE": "newsletter.settings",
            "PYTHONPATH": str(ROOT),
            **environment,
        }
        make_key(self.home, self.environment)

    def run(self, *words):
        """Run Python with these words to its end, and return what it printed."""
        return forked.run(
            [sys.executable, *words],
            env=self.environment,
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
            timeout=lease_duration(),
        ).stdout

    def start(self, *words):
        """Start `newsletter …` as a process of its own."""
        return forked.Popen(
            [sys.executable, "-m", "newsletter", *map(str, words)],
            env=self.environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def newsletter(self, *words):
        """Run a command that prints JSON to its end, and read it."""
        process = self.start(*words, "--json")
        out, err = process.communicate(timeout=lease_duration())
        assert process.returncode == 0, err
        return json.loads(out)

    def seed(self, *, people, issues, approved=False):
        """So many readers, and so many drafts of one publication, numbered from 1; `approved`: each can be sent."""
        self.run("-m", "tests.journeys.fill_database", str(people), str(issues), str(int(approved)))

    def plan(self):
        """Plan the mailing of each issue, and pause it until its round comes."""
        self.run("-c", PLAN)

    def delivered(self, mailing_key):
        """How many messages of a mailing lie in the outbox, by address."""
        outbox = self.home / "outbox" / "new"
        messages = (path.read_bytes() for path in outbox.glob(f"{mailing_key.replace('-', '')}*"))
        return Counter(TO.search(message)[1].decode() for message in messages)


def twin_of(press, home, **environment):
    """A press that uses another home, and is otherwise the same; nothing is made in it."""
    twin = object.__new__(Press)
    twin.home = home
    twin.environment = press.environment | {"NEWSLETTER_HOME": str(home)} | environment
    return twin


class Forking:
    """A process of a test's, set up once, that forks processes of the press; it is spoken to in lines of JSON."""

    def __init__(self, press, *module):
        self.process = forked.Popen(
            [sys.executable, "-m", *module],
            env=press.environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.lines = Queue()
        self.listening = Thread(target=self._listen, daemon=True)
        self.listening.start()

    def _listen(self):
        for line in self.process.stdout:
            self.lines.put(json.loads(line))
        self.lines.put(None)

    def tell(self, order):
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()

    def hear(self, what):
        """What it writes next; `what` completes "We waited 120 seconds for …"."""
        allowed = lease_duration()
        try:
            heard = self.lines.get(timeout=allowed)
        except Empty:
            pytest.fail(f"We waited {allowed:.0f} seconds for {what}, which did not come.")
        assert heard is not None, f"The process that forks ended before {what}."
        return heard

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=lease_duration())
        self.listening.join(timeout=lease_duration())
        self.process.stdout.close()


class Nursery(Forking):
    """Starts commands as processes; several nurseries start several at once."""

    def __init__(self, press, output):
        super().__init__(press, "tests.journeys.forking_server")
        self.output = output
        self.command, self.steps = "", 0

    def start(self, *words, last_step=None, signal_number=signal.SIGKILL):
        """Start `newsletter …` and return the number of its process; the signal meets it at its last step."""
        words = [str(word) for word in words]
        self.command = f"`newsletter {' '.join(words)}`"
        self.tell(
            {"output": str(self.output), "words": words, "last_step": last_step, "signal": signal_number}
        )
        return self.hear(f"the start of {self.command}")

    def wait(self):
        """The exit code once the process ended, -9 when it was killed; `steps` says how many it took, if it lived."""
        code, self.steps = self.hear(f"the end of {self.command}")
        return code

    def run(self, *words, **signalled):
        """Run a command to its end: its exit code and what it printed."""
        self.start(*words, **signalled)
        return self.wait(), self.output.read_text(encoding="utf-8")

    def json(self, *words):
        """Run a command that prints JSON, and read it."""
        code, printed = self.run(*words, "--json")
        assert code == 0, printed
        return json.loads(printed)


class Clocks(Forking):
    """Five clocks that `draft` or `release` at once what is due, and may be killed at a step of theirs."""

    def __init__(self, press, what):
        super().__init__(press, "tests.journeys.killable_schedulers", what)
        self.steps = 0

    def tick(self, moment, *, last_steps=(None,) * CLOCKS):
        """How much they left unfinished; `steps` says how many the busiest took that lived."""
        self.tell([list(last_steps), moment.isoformat()])
        unfinished, self.steps = self.hear(f"the end of {len(last_steps)} clocks")
        return unfinished


@contextmanager
def several_clocks(press, what):
    """Clocks that end with the test."""
    with closing(Clocks(press, what)) as clocks:
        yield clocks


def make_key(home, environment):
    """The secret key that `newsletter init` would make, which otherwise does nothing where there are tables."""
    if not environment.get("NEWSLETTER_SECRET_KEY"):
        no_key = {"home": home, "secret_key": SecretStr(""), "secret_key_fallbacks": []}
        secret_keys_of(settings.NEWSLETTER.model_copy(update=no_key))
