"""A process that is continued and asked to end in the same moment hears it, and ends after the post in hand."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from tests.fakes.sendgrid import FakeSendGrid
from tests.full import SHARE
from tests.journeys.installation import Press

pytestmark = [pytest.mark.kill, pytest.mark.enable_socket]

THREADS = 2
ROUNDS = 8 if SHARE >= 1 else 1
A_BATCH = 1_000
PEOPLE = A_BATCH * (1 + THREADS * 2 * (ROUNDS + 1))
PATIENCE = 60


class Waiting(FakeSendGrid):
    """Takes a post once it is told to, and says when as many wait as the worker has threads.

    The first is taken at once: until a mailing has been accepted, one post of it goes at a time.
    """

    def __init__(self):
        super().__init__()
        self.current_recipient, self.may_answer = threading.Semaphore(0), threading.Semaphore(0)

    def take(self, document):
        if self.inbox:
            self.current_recipient.release()
            assert self.may_answer.acquire(timeout=PATIENCE)
        return super().take(document)


@pytest.fixture
def sendgrid():
    with Waiting() as server:
        yield server


@pytest.fixture
def press(tmp_path, sendgrid):
    press = Press(
        tmp_path,
        NEWSLETTER_TRANSPORT="sendgrid",
        NEWSLETTER_SENDGRID_HOST=sendgrid.url,
        SENDGRID_API_KEY="SG.fake",
    )
    press.seed(people=PEOPLE, issues=1)
    press.plan()
    press.newsletter("mailings", "resume", 1)
    return press


def state_of(process):
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0]


def continue_and_end(process):
    """Stop a process, and continue it and ask it to end at once: any thread may take the signal."""
    os.kill(process.pid, signal.SIGSTOP)
    end = time.monotonic() + PATIENCE
    while state_of(process) != "T":
        assert time.monotonic() < end
        os.sched_yield()
    os.kill(process.pid, signal.SIGCONT)
    os.kill(process.pid, signal.SIGTERM)


def posts_until_it_ends(process, sendgrid):
    """Answer what is still posted, and return how much: a thread that had not heard of the signal posts once more."""
    posts, end = 0, time.monotonic() + PATIENCE
    while process.poll() is None:
        assert time.monotonic() < end
        if sendgrid.current_recipient.acquire(timeout=0.1):
            posts += 1
            sendgrid.may_answer.release()
    return posts


def ends_after_the_posts_in_hand(press, sendgrid, *words):
    posts = 1
    for _round in range(ROUNDS):
        process = press.start("worker", "--threads", THREADS, *words)
        try:
            for _ in range(THREADS):
                assert sendgrid.current_recipient.acquire(timeout=PATIENCE)
            continue_and_end(process)
            sendgrid.may_answer.release(THREADS)
            more = posts_until_it_ends(process, sendgrid)
        except AssertionError:
            process.kill()
            process.communicate()
            raise
        _out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, err
        assert more <= THREADS
        posts += THREADS + more
        assert sendgrid.accepted().total() == posts * A_BATCH


def test_a_worker_ends_after_the_posts_in_hand(press, sendgrid):
    ends_after_the_posts_in_hand(press, sendgrid)


@pytest.mark.postgres
@pytest.mark.sqlite  # once is enough: it brings its PostgreSQL with it
@pytest.mark.usefixtures("on_postgres")
def test_a_worker_of_procrastinate_ends_after_the_posts_in_hand(request):
    press, sendgrid = (request.getfixturevalue(name) for name in ("press", "sendgrid"))
    ends_after_the_posts_in_hand(press, sendgrid, "--engine", "procrastinate")


def test_a_clock_ends(tmp_path):
    press = Press(tmp_path)
    for _ in range(ROUNDS):
        process = press.start("scheduler")
        threads = Path(f"/proc/{process.pid}/task")
        end = time.monotonic() + PATIENCE
        # Its tasks have begun: from then on it must hear.
        while len(list(threads.iterdir())) < 4:
            assert time.monotonic() < end
            time.sleep(0.05)
        continue_and_end(process)
        _out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, err
