"""A mailing is paused or stopped while a slow SMTP server has messages in hand: nobody else is sent the email."""

import os
import signal
from contextlib import contextmanager
from threading import Event

import pytest

from tests.fakes.smtp import Conversation, FakeSmtp
from tests.journeys.installation import Press
from tests.waiting import arrives, lease_duration, until

pytestmark = [pytest.mark.kill, pytest.mark.django_db, pytest.mark.enable_socket]

PEOPLE, THREADS, SENT_BEFORE = 230, 2, 10


class Slow(Conversation):
    """Once enough people were sent the email, lets each message wait, at RCPT or before the reply to its text."""

    def on_rcpt(self, line):
        if self.server.waits_at == "rcpt":
            self.wait_to_go_on()
        super().on_rcpt(line)

    def say(self, words):
        if self.server.waits_at == "text" and words == "250 taken":
            self.wait_to_go_on()
        super().say(words)

    def wait_to_go_on(self):
        with self.server.counting:
            is_late = len(self.server.messages) >= SENT_BEFORE
            self.server.in_hand += is_late
            if self.server.in_hand == THREADS:
                self.server.all_in_hand.set()
        if is_late:
            self.server.go_on.wait(lease_duration())


class SlowSmtp(FakeSmtp):
    def __init__(self, waits_at):
        super().__init__()
        self.RequestHandlerClass = Slow
        self.waits_at, self.in_hand = waits_at, 0
        self.all_in_hand, self.go_on = Event(), Event()

    def handle_error(self, *_):
        """Connections that a killed worker leaves behind are what this is about."""


@contextmanager
def in_hand(folder, waits_at):
    """A worker each of whose threads has a message in hand: the press, the server, the worker, how to start another."""
    workers = []
    with SlowSmtp(waits_at) as server:
        press = Press(
            folder,
            NEWSLETTER_TRANSPORT="smtp",
            NEWSLETTER_SMTP_HOST="127.0.0.1",
            NEWSLETTER_SMTP_PORT=str(server.port),
            NEWSLETTER_SMTP_SECURITY="none",
        )
        press.seed(people=PEOPLE, issues=1)
        press.plan()
        press.newsletter("mailings", "resume", 1)

        def work():
            workers.append(press.start("worker", "--threads", THREADS))
            return workers[-1]

        try:
            worker = work()
            arrives(server.all_in_hand, "a message of each thread to be in hand")
            yield press, server, worker, work
        finally:
            server.go_on.set()
            for each in workers:
                each.terminate()
                each.communicate(timeout=lease_duration())


def figures_of(press):
    (figures,) = press.newsletter("mailings", "list")
    assert figures["audience"] == sum(
        figures[state] for state in ("waiting", "accepted", "skipped", "rejected", "unknown")
    )
    assert figures["twice"] == 0
    return figures


def nothing_posting(press):
    figures = figures_of(press)
    return figures if not figures["posting"] else None


def shown(press):
    """What people are told about the mailing."""
    process = press.start("mailings", "show", 1)
    out, err = process.communicate(timeout=lease_duration())
    assert process.returncode == 0, err
    return out


@pytest.mark.parametrize("waits_at", ["rcpt", "text"])
def test_after_a_stop_only_the_messages_in_hand_arrive(tmp_path, waits_at):
    with in_hand(tmp_path, waits_at) as (press, server, _worker, _work):
        at_the_stop = len(server.messages)
        press.newsletter("mailings", "stop", 1, "--yes")
        assert ("stopping" in shown(press)) == (waits_at == "text")
        server.go_on.set()
        figures = until(lambda: nothing_posting(press), "the messages in hand to end", every=0.2)
        assert "stopped" in shown(press)
        assert len(server.messages) == at_the_stop
        assert (figures["accepted"], figures["skipped"]) == (at_the_stop, PEOPLE - at_the_stop)


@pytest.mark.parametrize("waits_at", ["rcpt", "text"])
def test_after_a_pause_only_the_messages_in_hand_arrive_and_the_rest_once_it_is_resumed(tmp_path, waits_at):
    with in_hand(tmp_path, waits_at) as (press, server, _worker, _work):
        at_the_pause = len(server.messages)
        press.newsletter("mailings", "pause", 1)
        assert ("pausing" in shown(press)) == (waits_at == "text")
        server.go_on.set()
        figures = until(lambda: nothing_posting(press), "the messages in hand to end", every=0.2)
        assert len(server.messages) == at_the_pause
        assert (figures["accepted"], figures["waiting"]) == (at_the_pause, PEOPLE - at_the_pause)
        press.newsletter("mailings", "resume", 1)
        until(lambda: figures_of(press)["state"] == "sent", "the mailing to be sent", every=0.2)
        assert len(server.inbox) == PEOPLE
        assert set(server.inbox.values()) == {1}


def test_a_worker_that_is_killed_after_a_pause_leaves_only_the_people_in_hand_in_doubt(tmp_path):
    with in_hand(tmp_path, "text") as (press, server, worker, work):
        at_the_pause = len(server.messages)
        press.newsletter("mailings", "pause", 1)
        os.kill(worker.pid, signal.SIGKILL)
        server.go_on.set()
        work()
        figures = until(
            lambda: nothing_posting(press), "the killed worker's batches to be given up", every=0.2
        )
        assert (figures["state"], figures["unknown"]) == ("paused", THREADS)
        assert len(server.messages) == at_the_pause
        press.newsletter("mailings", "resume", 1)
        until(lambda: figures_of(press)["accepted"] == PEOPLE - THREADS, "the others to be sent", every=0.2)
        assert len(server.inbox) == PEOPLE
        assert set(server.inbox.values()) == {1}
