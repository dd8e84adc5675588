"""A whole press of its own for a journey: a home, a database, and real processes that a test can kill."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
TO = re.compile(rb"^To: .*?([^<\s]+@[^>\s]+)>?$", re.MULTILINE)
PATIENCE = 120
CLOCKS = 5
PLAN = """
import django; django.setup()
from newsletter.issues.models import Issue
from newsletter.sending.audience import plan_mailing
from newsletter.sending.controls import pause
for issue in Issue.objects.order_by("number"):
    pause(plan_mailing(issue, planned_by="edda").pk, "Until its round comes.")
"""


class Press:
    """One installation in a folder, on the same kind of database as the tests run on."""

    def __init__(self, folder, **environment):
        self.home = folder / "home"
        self.environment = {
            **os.environ,
            "NEWSLETTER_HOME": str(self.home),
            "NEWSLETTER_TRANSPORT": "maildir",
            "DATABASE_URL": database_url(os.environ.get("DATABASE_URL", "")),
            "DJANGO_SETTINGS_MODULE": "newsletter.settings",
            "PYTHONPATH": str(ROOT),
            **environment,
        }
        self.run("-m", "newsletter", "init")

    def run(self, *words):
        """Run Python with these words to its end, and return what it printed."""
        return subprocess.run(
            [sys.executable, *words],
            env=self.environment,
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        ).stdout

    def start(self, *words):
        """Start `newsletter …` as a process of its own."""
        return subprocess.Popen(
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
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, err
        return json.loads(out)

    def seed(self, *, people, issues):
        """So many readers, and so many drafts of one publication, numbered from 1."""
        self.run("-m", "tests.journeys.seed", str(people), str(issues))

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


class Nursery:
    """Starts commands as processes; several nurseries start several at once."""

    def __init__(self, press, output):
        self.output = output
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.journeys.nursery"],
            env=press.environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.lines = Queue()
        Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self.process.stdout:
            self.lines.put(int(line))

    def start(self, *words):
        """Start `newsletter …` and return the number of its process."""
        self.process.stdin.write(json.dumps([str(self.output), *map(str, words)]) + "\n")
        self.process.stdin.flush()
        return self.lines.get(timeout=PATIENCE)

    def wait(self, seconds=PATIENCE):
        """The exit code once the process ended (-9 when it was killed), or None when it runs on."""
        try:
            return self.lines.get(timeout=seconds)
        except Empty:
            return None

    def run(self, *words):
        """Run a command to its end: its exit code and what it printed."""
        self.start(*words)
        return self.wait(), self.output.read_text(encoding="utf-8")

    def json(self, *words):
        """Run a command that prints JSON, and read it."""
        code, printed = self.run(*words, "--json")
        assert code == 0, printed
        return json.loads(printed)

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=PATIENCE)
        self.process.stdout.close()


@contextmanager
def several_clocks(press, what):
    """`tick(moment, kill_after=…)` lets five clocks do at once what is due; says how much they left unfinished."""
    program = [sys.executable, "-m", "tests.journeys.clocks", what]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(program, env=press.environment, cwd=ROOT, **pipes) as process:

        def tick(moment, *, kill_after=None):
            process.stdin.write(json.dumps([CLOCKS, moment.isoformat()]) + "\n")
            process.stdin.flush()
            children = json.loads(process.stdout.readline())
            if kill_after is not None:
                time.sleep(kill_after)
                for child in children:
                    with suppress(ProcessLookupError):
                        os.kill(child, signal.SIGKILL)
            return int(process.stdout.readline())

        yield tick
        process.stdin.close()


def database_url(url):
    """A database that nothing else uses: a new one on the same PostgreSQL, or SQLite in the home."""
    if not url.startswith("postgres"):
        return ""
    import psycopg

    name = f"journey_{uuid.uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return urlsplit(url)._replace(path=f"/{name}").geturl()
