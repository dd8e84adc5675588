"""A process is stopped or killed in the middle of a post, or the clock jumps: nobody gets it twice, and nobody is lost.

Real workers post to a server that says when a request has arrived and waits to be told to go on. Lease and grace last
seconds, so that what takes half an hour elsewhere can be watched.
"""

import os
import signal
import socket
import sqlite3
from contextlib import closing, contextmanager
from datetime import timedelta
from threading import Event

import pytest

from tests.fakes.sendgrid import FakeSendGrid, Handler
from tests.journeys.faked_clock import faked_clock
from tests.journeys.installation import Press
from tests.waiting import arrives, lease_duration, until

pytestmark = [pytest.mark.kill, pytest.mark.sqlite, pytest.mark.enable_socket]

PEOPLE = 1_500
SECONDS = "4"


class Gated(Handler):
    """Lets the first post wait, amid its body or before its answer, until it is told to go on."""

    def do_POST(self):  # noqa: N802 - the name that http.server calls
        is_first = self.path == "/v3/mail/send" and not self.server.arrived.is_set()
        if is_first and self.server.waits == "amid the body":
            self.wait_to_go_on()
        super().do_POST()

    def meet(self, fault, message_id):
        if not self.server.arrived.is_set() and self.server.waits == "before the answer":
            self.wait_to_go_on()
        super().meet(fault, message_id)

    def wait_to_go_on(self):
        self.server.arrived.set()
        self.server.go_on.wait(lease_duration())


class GatedSendGrid(FakeSendGrid):
    """Email Logs know nothing until the first post went on."""

    def __init__(self, waits):
        super().__init__()
        self.RequestHandlerClass = Gated
        self.waits, self.arrived, self.go_on = waits, Event(), Event()
        # What was sent but not read waits on the other side, where it can be thrown away.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)

    def handle_error(self, *_):
        """Connections that break off are what this is about."""

    def logged(self, query):
        return super().logged(query) if self.go_on.is_set() else []


@contextmanager
def a_press(folder, server):
    press = Press(
        folder,
        NEWSLETTER_TRANSPORT="sendgrid",
        NEWSLETTER_SENDGRID_HOST=server.url,
        SENDGRID_API_KEY="SG.fake",
        NEWSLETTER_LEASE_SECONDS=SECONDS,
        NEWSLETTER_EVIDENCE_GRACE_SECONDS=SECONDS,
    )
    press.seed(people=PEOPLE, issues=1)
    press.plan()
    press.newsletter("mailings", "resume", 1)
    workers = []

    def work():
        workers.append(press.start("worker", "--threads", "1"))
        return workers[-1]

    try:
        yield press, work
    finally:
        server.go_on.set()
        for worker in workers:
            worker.send_signal(signal.SIGCONT)
            worker.terminate()
            worker.communicate(timeout=lease_duration())


def figures_of(press):
    (figures,) = press.newsletter("mailings", "list")
    return figures


def asked_of(press, question):
    """What the database says; a process for each question would come too late for what lasts seconds."""
    with closing(sqlite3.connect(f"file:{press.home / 'newsletter.sqlite3'}?mode=ro", uri=True)) as database:
        return database.execute(question).fetchone()[0]


def is_called_unknown(press):
    return asked_of(press, "SELECT count(*) FROM newsletter_batch WHERE state = 'unknown'") > 0


def is_sent(press):
    return asked_of(press, "SELECT state FROM newsletter_mailing") == "sent"


def assert_everybody_got_it_once(press, server):
    until(lambda: is_sent(press), "the mailing to be sent")
    figures = figures_of(press)
    assert figures["accepted"] == PEOPLE, figures
    assert figures["twice"] == 0
    assert set(server.accepted().values()) == {1}
    assert len(server.accepted()) == PEOPLE


def test_a_worker_that_is_stopped_amid_a_post_does_not_finish_it_after_its_lease(tmp_path):
    with GatedSendGrid("amid the body") as server, a_press(tmp_path, server) as (press, work):
        stopped = work()
        arrives(server.arrived, "a post to arrive")
        stopped.send_signal(signal.SIGSTOP)
        work()
        until(lambda: is_called_unknown(press), "the stopped worker's batch to be unknown")
        server.go_on.set()
        stopped.send_signal(signal.SIGCONT)
        assert_everybody_got_it_once(press, server)


def test_a_worker_that_is_killed_amid_a_post_leaves_nothing_that_arrives_later(tmp_path):
    with GatedSendGrid("amid the body") as server, a_press(tmp_path, server) as (press, work):
        killed = work()
        arrives(server.arrived, "a post to arrive")
        os.kill(killed.pid, signal.SIGKILL)
        work()
        until(lambda: is_called_unknown(press), "the killed worker's batch to be unknown")
        server.go_on.set()
        assert_everybody_got_it_once(press, server)


@pytest.mark.parametrize(
    "jump",
    [
        timedelta(hours=1),
        pytest.param(timedelta(hours=-1), marks=pytest.mark.full),
        pytest.param(timedelta(days=1), marks=pytest.mark.full),
        pytest.param(timedelta(days=-1), marks=pytest.mark.full),
    ],
)
def test_a_clock_that_jumps_while_an_answer_is_waited_for_sends_to_nobody_again(tmp_path, jump):
    wall = faked_clock(tmp_path)
    with GatedSendGrid("before the answer") as server, a_press(tmp_path, server) as (press, work):
        press.environment |= wall.environment
        work()
        arrives(server.arrived, "a post to arrive")
        wall.set(jump)
        work()
        until(lambda: is_called_unknown(press), "the post that waits for its answer to be unknown")
        server.go_on.set()
        assert_everybody_got_it_once(press, server)
