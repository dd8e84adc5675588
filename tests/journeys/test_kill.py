"""The sending process is killed at random moments, and started again: nobody twice, nobody lost, the sums add up.

A tenth of the count runs by default; NEWSLETTER_TESTS_FULL=1 runs all of it.
"""

import os
import random
import signal
import time

import pytest

from tests.fakes.sendgrid import FakeSendGrid
from tests.journeys.press import Nursery, Press

pytestmark = [pytest.mark.kill, pytest.mark.enable_socket]

FULL = bool(os.environ.get("NEWSLETTER_TESTS_FULL"))
KILLS = 200 if FULL else 20
PEOPLE = 800
SENDGRID_PEOPLE = 6_000
THREADS = 4
BATCH = 50


@pytest.fixture
def press(tmp_path):
    press = Press(tmp_path)
    press.seed(people=PEOPLE, issues=KILLS)
    return press


@pytest.fixture
def nursery(press, tmp_path):
    nursery = Nursery(press, tmp_path / "output")
    yield nursery
    nursery.close()


def assert_the_sum_is_the_audience(figures):
    states = ("waiting", "accepted", "skipped", "refused", "unknown")
    assert sum(figures[state] for state in states) == figures["audience"], figures


def assert_everybody_got_it_once(press, figures):
    assert figures["state"] == "sent", figures
    assert figures["accepted"] == PEOPLE, figures
    delivered = press.delivered(figures["key"])
    assert set(delivered.values()) == {1}, delivered.most_common(3)
    assert len(delivered) == PEOPLE


def test_killed_at_random_moments_nobody_gets_it_twice_and_nobody_is_lost(press, nursery):
    moments = random.Random(20261123)
    kills, in_the_air, issue = 0, 0, 1
    while kills < KILLS:
        process = nursery.start("issues", "send", issue)
        code = nursery.wait(moments.uniform(0.0, 0.8))
        if code is None:
            os.kill(process, signal.SIGKILL)
            code = nursery.wait()
        if code == -signal.SIGKILL:
            kills += 1
            for figures in nursery.json("mailings", "list")[:1]:
                in_the_air += figures["posting"] > 0
                assert_the_sum_is_the_audience(figures)
                assert figures["posting"] + figures["unknown"] <= THREADS * BATCH
            continue
        assert code == 0, nursery.output.read_text()
        assert_everybody_got_it_once(press, nursery.json("mailings", "list")[0])
        issue += 1
    assert in_the_air > KILLS / 5, "too few kills met a post in flight"
    code, printed = nursery.run("issues", "send", issue)
    assert code == 0, printed
    assert_everybody_got_it_once(press, nursery.json("mailings", "list")[0])


@pytest.fixture
def sendgrid():
    with FakeSendGrid() as server:
        # Connections that break off are what this is about.
        server.handle_error = lambda *_: None
        yield server


@pytest.fixture
def posting(tmp_path, sendgrid):
    """A nursery whose press posts to SendGrid."""
    press = Press(
        tmp_path,
        NEWSLETTER_TRANSPORT="sendgrid",
        NEWSLETTER_SENDGRID_HOST=sendgrid.url,
        SENDGRID_API_KEY="SG.fake",
    )
    # Some get through before they are killed.
    press.seed(people=SENDGRID_PEOPLE, issues=3 * KILLS)
    nursery = Nursery(press, tmp_path / "output")
    yield nursery
    nursery.close()


def test_killed_while_posting_to_sendgrid_nobody_gets_it_twice_and_nobody_is_lost(posting, sendgrid):
    moments = random.Random(23)
    # How long one takes that nobody kills: the machine may be fast or busy.
    started = time.monotonic()
    code, printed = posting.run("issues", "send", 1)
    longest = time.monotonic() - started
    assert code == 0, printed
    kills, in_doubt, issue = 0, 0, 2
    while kills < KILLS:
        process = posting.start("issues", "send", issue)
        code = posting.wait(moments.uniform(0.0, longest))
        if code is None:
            os.kill(process, signal.SIGKILL)
            code = posting.wait()
        kills += code == -signal.SIGKILL
        for figures in posting.json("mailings", "list")[:1]:
            assert_the_sum_is_the_audience(figures)
            in_doubt += figures["posting"] + figures["unknown"] > 0
        if code == 1:
            tell_the_truth(posting, sendgrid, figures["mailing"])
        issue += code == 0
    posting.run("issues", "send", issue)
    tell_the_truth(posting, sendgrid, posting.json("mailings", "list")[0]["mailing"])
    code, printed = posting.run("issues", "send", issue)
    assert code == 0, printed
    assert in_doubt > KILLS / 5, "too few kills met a post in flight"
    assert set(sendgrid.accepted().values()) == {issue}
    assert len(sendgrid.accepted()) == SENDGRID_PEOPLE
    assert {each["accepted"] for each in posting.json("mailings", "list")} == {SENDGRID_PEOPLE}


def tell_the_truth(nursery, sendgrid, mailing):
    """An editor who can see SendGrid's books settles what Email Logs have no trace of."""
    taken = {name.split()[3] for name, _address in sendgrid.inbox}
    for batch in nursery.json("mailings", "show", mailing)["batches"]:
        went = "--went" if str(batch["id"]) in taken else "--did-not-go"
        code, printed = nursery.run("mailings", "settle", mailing, "--batch", batch["id"], went)
        assert code == 0, printed


def test_two_processes_at_once_deliver_one_mailing_once(press, nursery, tmp_path):
    other = Nursery(press, tmp_path / "other")
    try:
        nursery.start("issues", "send", 1)
        other.start("issues", "send", 1)
        codes = [nursery.wait(), other.wait()]
    finally:
        other.close()
    assert 0 in codes, nursery.output.read_text() + other.output.read_text()
    (figures,) = nursery.json("mailings", "list")
    assert_everybody_got_it_once(press, figures)


def test_sigterm_leaves_nothing_in_the_air(press, nursery):
    moments, ended_early = random.Random(7), 0
    for _ in range(KILLS):
        process = nursery.start("issues", "send", 1)
        code = nursery.wait(moments.uniform(0.1, 0.6))
        if code is None:
            os.kill(process, signal.SIGTERM)
            code = nursery.wait()
        mailings = nursery.json("mailings", "list")
        if code == 0:
            break
        ended_early += 1
        for figures in mailings:
            assert_the_sum_is_the_audience(figures)
            assert figures["posting"] == figures["unknown"] == 0
    assert ended_early
    code, printed = nursery.run("issues", "send", 1)
    assert code == 0, printed
    assert_everybody_got_it_once(press, nursery.json("mailings", "list")[0])
