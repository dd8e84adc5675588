"""`newsletter serve`: one command is the whole press, whatever dies in it, and it ends without leaving anything."""

import http.client
import json
import os
import signal
import sys
from pathlib import Path
from subprocess import PIPE

import pytest

from tests import forked
from tests.journeys.installation import ROOT, Nursery, Press
from tests.postgres import free_port
from tests.waiting import until

pytestmark = [pytest.mark.kill, pytest.mark.enable_socket]

PEOPLE = 1_000


@pytest.fixture
def press(request, tmp_path):
    """A press with one mailing that is paused; a parameter is its settings."""
    press = Press(tmp_path, **getattr(request, "param", {}))
    press.seed(people=PEOPLE, issues=1)
    press.plan()
    return press


@pytest.fixture
def nurseries(press, tmp_path):
    made = [Nursery(press, tmp_path / f"output-{number}") for number in range(2)]
    yield made
    for nursery in made:
        nursery.close()


@pytest.fixture
def serving(nurseries):
    """A press that serves, as (nursery, process, port)."""
    nursery, port = nurseries[0], free_port()
    process = nursery.start("serve", "--port", port)
    until(lambda: status(port) == 200, "an answer of the web server", every=0.1)
    yield nursery, process, port
    if is_there(process):
        os.kill(process, signal.SIGTERM)
        nursery.wait()


def answer(port, path):
    """The status and what it says; (None, "") where nobody listens yet."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        said = connection.getresponse()
        return said.status, said.read().decode()
    except ConnectionError:
        return None, ""
    finally:
        connection.close()


def status(port):
    return answer(port, "/readyz")[0]


def companions(process):
    """The processes that it started, by their names: copies of it, or commands once they were started again."""
    found = {}
    for each in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((each / "stat").read_text().rpartition(")")[2].split()[1])
            name = (each / "comm").read_text().strip()
            words = (each / "cmdline").read_bytes().decode().split("\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == process:
            found[words[words.index("newsletter") + 1] if "newsletter" in words else name] = int(each.name)
    return found


def is_there(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def mailing(desk):
    [found] = desk.json("mailings", "list")
    states = ("waiting", "accepted", "skipped", "rejected", "unknown")
    assert sum(found[state] for state in states) == found["audience"] == PEOPLE, found
    return found


def test_a_mailing_goes_out_with_nothing_else_running_and_the_clock_ticks(press, nurseries, serving):
    desk = nurseries[1]
    desk.run("mailings", "resume", 1)
    until(lambda: mailing(desk)["state"] == "sent", "the end of the mailing", every=0.2)
    emails = press.delivered(mailing(desk)["key"])
    assert (len(emails), set(emails.values())) == (PEOPLE, {1})
    _code, printed = desk.run("doctor")
    assert "The scheduler last ran" in printed


@pytest.mark.parametrize("press", [{"NEWSLETTER_RATE_PER_SECOND": "50"}], indirect=True)
def test_sigterm_finishes_what_is_posted_leaves_the_rest_and_ends_with_0(press, nurseries, serving):
    """At this rate the mailing takes 20 seconds on any machine, and the signal comes in the first."""
    desk, (nursery, process, _port) = nurseries[1], serving
    beside = companions(process)
    desk.run("mailings", "resume", 1)
    until(lambda: mailing(desk)["accepted"], "a first letter", every=0.1)
    os.kill(process, signal.SIGTERM)
    assert nursery.wait() == 0, nursery.output.read_text()
    assert not any(map(is_there, beside.values()))
    found = mailing(desk)
    assert found["unknown"] == found["posting"] == 0
    assert found["accepted"] == len(press.delivered(found["key"]))
    assert found["waiting"] > 0, "it was over before it was told to stop"


def test_whoever_dies_beside_the_web_is_started_again(nurseries, serving):
    desk, (_nursery, process, port) = nurseries[1], serving
    before = companions(process)
    assert set(before) == {"scheduler", "worker"}
    for each in before.values():
        os.kill(each, signal.SIGKILL)
    until(
        lambda: set(companions(process)) == {"scheduler", "worker"} and companions(process) != before,
        "another clock and another worker",
        every=0.1,
    )
    assert status(port) == 200
    desk.run("mailings", "resume", 1)
    until(lambda: mailing(desk)["state"] == "sent", "the end of the mailing", every=0.2)


def test_when_the_web_is_killed_nobody_stays_behind(serving):
    nursery, process, _port = serving
    beside = companions(process)
    os.kill(process, signal.SIGKILL)
    assert nursery.wait() == -signal.SIGKILL
    until(lambda: not any(map(is_there, beside.values())), "the end of clock and worker", every=0.1)


def test_a_port_that_is_taken_is_a_sentence_and_nothing_is_started(nurseries, serving):
    other, (_nursery, _process, port) = nurseries[1], serving
    code, printed = other.run("serve", "--port", port)
    assert code == 1
    assert printed.startswith(f"newsletter: Another program already uses port {port}.")


def test_web_and_clock_run_apart_and_end_with_0(nurseries):
    web, clock = nurseries
    port = free_port()
    process, ticking = web.start("web", "--port", port), clock.start("scheduler")
    until(lambda: "seconds ago" in answer(port, "/readyz")[1], "a tick of the clock", every=0.1)
    assert answer(port, "/healthz") == (200, "Alive.\n")
    assert companions(process) == {}
    for each in (process, ticking):
        os.kill(each, signal.SIGTERM)
    assert (web.wait(), clock.wait()) == (0, 0), web.output.read_text() + clock.output.read_text()


LINKS_OF_A_FORK = """
import django; django.setup()
from django.conf import settings
from newsletter.cli.child_processes import with_child_processes
from newsletter.cli.serve import _use_port_in_links
def run(name):
    print(name, settings.NEWSLETTER.root_url, settings.SUBSCRIBERS_BASE_URL, flush=True)
    return 0
with with_child_processes("scheduler", "worker", run=run, learn_port=_use_port_in_links) as start:
    start(54321)
"""


def test_links_of_the_scheduler_and_worker_have_the_port_of_the_web_server(tmp_path):
    """Otherwise an issue that was approved in the browser would count as changed when it is due, and be blocked."""
    lines = Press(tmp_path).run("-c", LINKS_OF_A_FORK).splitlines()
    address = "http://localhost:54321"
    assert sorted(lines) == [f"scheduler {address} {address}", f"worker {address} {address}"]


A_SLOW_ANSWER = """
import django; django.setup()
import sys, waitress
from newsletter.cli.serve import _answer, _end_on_sigterm
_end_on_sigterm()
def application(environ, start_response):
    print("began", flush=True)
    sys.stdin.readline()
    start_response("200 OK", [])
    return [b"done"]
server = waitress.create_server(application, host="127.0.0.1", port=0)
print(server.effective_port, flush=True)
_answer(server)
"""


def test_a_request_that_began_is_answered_after_sigterm(tmp_path):
    command = [sys.executable, "-c", A_SLOW_ANSWER]
    environment = Press(tmp_path).environment
    with forked.Popen(command, cwd=ROOT, env=environment, stdin=PIPE, stdout=PIPE, text=True) as process:
        asking = http.client.HTTPConnection("127.0.0.1", int(process.stdout.readline()), timeout=30)
        asking.request("GET", "/")
        assert process.stdout.readline() == "began\n"
        process.send_signal(signal.SIGTERM)
        process.stdin.write("\n")
        process.stdin.flush()
        assert asking.getresponse().read() == b"done"
        assert process.wait(30) == 0
        asking.close()


def test_in_json_whatever_is_printed_while_serving_is_json(tmp_path):
    press = Press(tmp_path, NEWSLETTER_LOG_FORMAT="json", NEWSLETTER_LOG_LEVEL="INFO")
    port = free_port()
    process = press.start("serve", "--port", port)
    until(lambda: "seconds ago" in answer(port, "/readyz")[1], "a tick of the clock", every=0.1)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    entries = [json.loads(line) for line in (out + err).splitlines()]
    assert process.returncode == 0
    assert any(entry["message"].startswith("Listening on") for entry in entries)
    assert any(entry["message"] == "No emails were due." for entry in entries)
    assert not [entry for entry in entries if entry["logger"].startswith("apscheduler")]
