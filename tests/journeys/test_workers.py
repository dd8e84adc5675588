"""Worker processes at once, and one of three killed with a post in hand: nobody twice, nobody lost, all of it settled.

The transport is the fake SendGrid, which counts and kills. `make test-full` kills fifty times as many.
"""

import os
import random
import signal
from collections import Counter

import pytest

from tests.fakes.killing_sendgrid import KillingSendGrid
from tests.full import SHARE, rounds
from tests.journeys.installation import Nursery, Press
from tests.postgres import free_port
from tests.waiting import arrives, until

pytestmark = [pytest.mark.kill, pytest.mark.enable_socket]

KILLS = 5 if SHARE >= 1 else 2
PEOPLE = 6_000 if SHARE >= 1 else 4_000
THREADS = 2
BATCH = 1_000
AN_HOUR_PASSES = (
    "UPDATE newsletter_batch SET posted_at = posted_at - interval '1 hour' WHERE state = 'unknown'"
)


class SlowSendGrid(KillingSendGrid):
    """Takes its time, as the real one does, so that several processes find something to do."""

    def take(self, document):
        self.stopped.wait(0.05)
        taken = super().take(document)
        self.stopped.wait(0.05)
        return taken

    def of_mailing(self, key):
        """How many letters of a mailing each address has."""
        counted = Counter()
        for (category, address), count in list(self.inbox.items()):
            if key in category:
                counted[address] += count
        return counted


@pytest.fixture
def server():
    with SlowSendGrid() as running_server:
        yield running_server


@pytest.fixture
def press_on(tmp_path, server):
    """A press with planned, paused mailings: `press_on(mailings=2, engine="local")`."""

    def make(*, mailings, engine):
        press = Press(tmp_path)
        press.environment |= {
            "NEWSLETTER_ENGINE": engine,
            "NEWSLETTER_TRANSPORT": "sendgrid",
            "NEWSLETTER_SENDGRID_HOST": server.url,
            "SENDGRID_API_KEY": "SG.journey",
        }
        press.seed(people=PEOPLE, issues=mailings)
        press.plan()
        return press

    return make


@pytest.fixture
def nurseries(tmp_path):
    """Nurseries of a press: `nurseries(press, 3)`; what still runs is killed afterwards."""
    made = []

    def make(press, count):
        made.extend(Nursery(press, tmp_path / f"output-{len(made)}") for _ in range(count))
        return made[-count:]

    yield make
    for nursery in made:
        nursery.close()


def figures_of(desk, mailing):
    (found,) = [each for each in desk.json("mailings", "list") if each["mailing"] == mailing]
    states = ("waiting", "accepted", "skipped", "rejected", "unknown")
    assert sum(found[state] for state in states) == found["audience"] == PEOPLE, found
    return found


def until_nothing_waits(desk, mailing):
    until(
        lambda: not figures_of(desk, mailing)["waiting"], f"an end of waiting in mailing {mailing}", every=0.2
    )
    return figures_of(desk, mailing)


def time_passes(press):
    import psycopg

    with psycopg.connect(press.environment["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(AN_HOUR_PASSES)


def mailings_in_doubt(press):
    """How many had recipients that evidence had to settle."""
    import psycopg

    with psycopg.connect(press.environment["DATABASE_URL"]) as connection:
        query = "SELECT count(DISTINCT mailing_id) FROM newsletter_decision WHERE act = 'settle'"
        return connection.execute(query).fetchone()[0]


def key_of(server, seen):
    """The mailing that the server has heard of last."""
    keys = {category.split()[2] for category, _address in list(server.inbox)} - seen
    assert len(keys) == 1, keys
    return keys.pop()


def test_two_workers_at_once_send_one_mailing_once(press_on, nurseries, server):
    desk, one, other = nurseries(press_on(mailings=1, engine="local"), 3)
    desk.run("mailings", "resume", 1)
    for worker in (one, other):
        worker.start("worker", "--engine", "local", "--once")
    assert [one.wait(), other.wait()] == [0, 0], one.output.read_text() + other.output.read_text()
    found = figures_of(desk, 1)
    assert (found["state"], found["accepted"]) == ("sent", PEOPLE)
    assert set(server.accepted().values()) == {1}
    assert len(server.accepted()) == PEOPLE


@pytest.mark.parametrize("engine", ["local", "procrastinate"])
def test_two_serve_processes_and_two_workers_at_once_send_one_mailing_once(
    engine, request, press_on, nurseries, server
):
    if engine == "procrastinate":
        request.getfixturevalue("on_postgres")
    desk, *others = nurseries(press_on(mailings=1, engine=engine), 5)
    processes = [other.start("serve", "--port", free_port()) for other in others[:2]]
    processes += [other.start("worker") for other in others[2:]]
    desk.run("mailings", "resume", 1)
    until_nothing_waits(desk, 1)
    for process in processes:
        os.kill(process, signal.SIGTERM)
    assert [other.wait() for other in others] == [0] * 4, [other.output.read_text() for other in others]
    found = figures_of(desk, 1)
    assert (found["state"], found["accepted"]) == ("sent", PEOPLE)
    assert set(server.accepted().values()) == {1}
    assert len(server.accepted()) == PEOPLE


@pytest.mark.parametrize("number", rounds(20))
def test_one_of_three_workers_is_killed_and_nobody_is_lost_or_gets_it_twice(
    on_postgres, press_on, nurseries, server, number
):
    chance = random.Random(f"workers {number}")
    press = press_on(mailings=KILLS, engine="procrastinate")
    desk, *workers = nurseries(press, 4)
    command = ("worker", "--threads", THREADS)
    processes = [worker.start(*command) for worker in workers]
    seen = set()
    for mailing in range(1, KILLS + 1):
        server.kill_at(chance.randint(1, PEOPLE // BATCH), among=processes, after=chance.random() < 0.5)
        desk.run("mailings", "resume", mailing)
        arrives(server.struck, f"a kill in mailing {mailing}")
        victim = processes.index(server.victim)
        assert workers[victim].wait() == -signal.SIGKILL
        processes[victim] = workers[victim].start(*command)
        desk.run("mailings", "settle", mailing)
        found = until_nothing_waits(desk, mailing)
        assert found["unknown"] <= THREADS * BATCH, found
        time_passes(press)
        desk.run("mailings", "settle", mailing)
        until_nothing_waits(desk, mailing)
        found = figures_of(desk, mailing)
        assert (found["state"], found["accepted"], found["unknown"]) == ("sent", PEOPLE, 0), found
        key = key_of(server, seen)
        seen.add(key)
        emails = server.of_mailing(key)
        assert set(emails.values()) == {1}, emails.most_common(3)
        assert len(emails) == PEOPLE
    for worker, process in zip(workers, processes, strict=True):
        os.kill(process, signal.SIGTERM)
        assert worker.wait() == 0, worker.output.read_text()
    assert len(seen) == KILLS
    assert mailings_in_doubt(press) == KILLS, "a kill met no post in flight"
