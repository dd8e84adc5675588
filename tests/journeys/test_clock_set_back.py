"""Somebody sets the machine's clock while `newsletter scheduler` runs: what is due goes on being done."""

import json
import signal
import subprocess
import sys
from datetime import timedelta

import pytest

from tests import forked
from tests.full import SHARE
from tests.journeys.faked_clock import faked_clock
from tests.journeys.installation import ROOT, Press
from tests.waiting import lease_duration

pytestmark = [
    pytest.mark.kill,
    pytest.mark.enable_socket,
    pytest.mark.django_db,
    pytest.mark.postgresql_full,
]

JUMPS = {"right": 0, "an hour back": -1, "a day on": 24}
if SHARE >= 1:
    JUMPS |= {"an hour on": 0, "two days back": -24}
# Reads an issue's number, schedules it for a second from now, and says how it stands once the clock has seen to it.
WATCH = """
import json, sys, threading, time
import django; django.setup()
from datetime import timedelta
from django.utils import timezone
from newsletter.issues.models import Issue
from newsletter.scheduling.approval import approve
from newsletter.scheduling.schedule import schedule_at
from newsletter.instance import process_heartbeats

# libfaketime breaks time.sleep, which waits until a time.
pause = threading.Event()

def until(condition):
    began = time.monotonic()
    while not condition() and time.monotonic() - began < 60:
        pause.wait(0.1)
    return time.monotonic() - began

def is_fresh():
    since = process_heartbeats.heartbeat_age()
    return since is not None and abs(since) < timedelta(seconds=15)

for line in sys.stdin:
    issue = Issue.objects.get(number=int(line))
    heard_after = until(is_fresh)
    approve(issue)
    schedule_at(issue, timezone.now() + timedelta(seconds=1))
    def left():
        issue.refresh_from_db()
        return issue.state == Issue.State.SENDING and issue.mailings.exists()
    print(json.dumps([heard_after, until(left), issue.state, issue.blocked_reason]), flush=True)
"""


@pytest.fixture
def press(tmp_path):
    press = Press(tmp_path)
    press.seed(people=3, issues=len(JUMPS))
    return press


@pytest.fixture
def clock(press, tmp_path):
    """The clock on the wall, and a `newsletter scheduler` that goes by it."""
    wall = faked_clock(tmp_path)
    press.environment |= wall.environment
    process = press.start("scheduler")
    yield wall
    process.send_signal(signal.SIGTERM)
    _out, err = process.communicate(timeout=lease_duration())
    print(err)  # what it logged, for a test that failed
    assert process.returncode == 0, err


@pytest.fixture
def watch(press, clock):
    """`watch(number)` schedules an issue: after how many seconds the clock was heard of, and the issue on its way."""
    command = [sys.executable, "-c", WATCH]
    with forked.Popen(
        command, env=press.environment, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:

        def look(number):
            process.stdin.write(f"{number}\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield look
        process.stdin.close()


def test_whatever_the_clock_is_set_to_it_goes_on_and_releases_what_is_due(clock, watch):
    for number, (name, hours) in enumerate(JUMPS.items(), start=1):
        clock.set(timedelta(hours=hours))
        heard_after, left_after, state, why = watch(number)
        assert state == "sending", (name, why)
        # A machine that is busy takes its time; a clock that sleeps until the old time would take an hour.
        assert heard_after + left_after < 60, name
