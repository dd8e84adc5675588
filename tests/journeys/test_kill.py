"""The sending process is killed at any step, and started again: nobody twice, nobody lost, the sums add up.

The steps are drawn (tests/steps.py), and a fake SendGrid kills at the moment a request has arrived or an answer is
due. `make test-full` does twenty times as many.
"""

import random
import signal

import pytest

from tests.fakes.killing_sendgrid import KillingSendGrid
from tests.full import rounds
from tests.journeys.installation import Nursery, Press

pytestmark = [pytest.mark.kill, pytest.mark.enable_socket]

KILLS = 6
MAX_STARTS = 5 * KILLS
PEOPLE = 400
SENDGRID_PEOPLE = 3_000
THREADS = 4
BATCH = 50


@pytest.fixture
def press(tmp_path):
    press = Press(tmp_path)
    press.seed(people=PEOPLE, issues=KILLS + 2, approved=True)
    return press


@pytest.fixture
def nursery(press, tmp_path):
    nursery = Nursery(press, tmp_path / "output")
    yield nursery
    nursery.close()


def assert_the_sum_is_the_audience(figures):
    states = ("waiting", "accepted", "skipped", "rejected", "unknown")
    assert sum(figures[state] for state in states) == figures["audience"], figures


def assert_everybody_got_it_once(press, figures):
    assert figures["state"] == "sent", figures
    assert figures["accepted"] == PEOPLE, figures
    delivered = press.delivered(figures["key"])
    assert set(delivered.values()) == {1}, delivered.most_common(3)
    assert len(delivered) == PEOPLE


def send_undisturbed(nursery, issue):
    """Send an issue whose sending nobody kills, and return how many steps that takes."""
    code, printed = nursery.run("issues", "send", issue, "--without-undo")
    assert code == 0, printed
    return nursery.steps


@pytest.mark.parametrize("number", rounds(20))
def test_killed_at_any_step_nobody_gets_it_twice_and_nobody_is_lost(press, nursery, number):
    chance = random.Random(f"kill {number}")
    steps = send_undisturbed(nursery, 1)
    kills, in_the_air, issue = 0, 0, 2
    for _start in range(MAX_STARTS):
        if kills == KILLS:
            break
        code, printed = nursery.run(
            "issues", "send", issue, "--without-undo", last_step=chance.randint(1, steps)
        )
        if code == -signal.SIGKILL:
            kills += 1
            for figures in nursery.json("mailings", "list")[:1]:
                in_the_air += figures["posting"] > 0
                assert_the_sum_is_the_audience(figures)
                assert figures["posting"] + figures["unknown"] <= THREADS * BATCH
            continue
        assert code == 0, printed
        assert_everybody_got_it_once(press, nursery.json("mailings", "list")[0])
        issue += 1
    assert kills == KILLS, f"in {MAX_STARTS} starts only {kills} kills met the process"
    assert in_the_air > KILLS / 5, f"only {in_the_air} of {kills} kills met a post in flight"
    send_undisturbed(nursery, issue)
    assert_everybody_got_it_once(press, nursery.json("mailings", "list")[0])


@pytest.fixture
def sendgrid():
    with KillingSendGrid() as server:
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
    press.seed(people=SENDGRID_PEOPLE, issues=KILLS + 2, approved=True)
    nursery = Nursery(press, tmp_path / "output")
    yield nursery
    nursery.close()


def start_and_kill(posting, sendgrid, issue, chance, steps):
    """Start to send: it is killed at a step, or when the server has a request of it; or gets through."""
    if chance.random() < 0.5:
        return posting.run("issues", "send", issue, "--without-undo", last_step=chance.randint(1, steps))[0]
    process = posting.start("issues", "send", issue, "--without-undo")
    sendgrid.kill_at(chance.randint(1, 3), among=[process], after=chance.random() < 0.5)
    code = posting.wait()
    sendgrid.spare_all()
    return code


@pytest.mark.parametrize("number", rounds(20))
def test_killed_while_posting_to_sendgrid_nobody_gets_it_twice_and_nobody_is_lost(posting, sendgrid, number):
    chance = random.Random(f"posting {number}")
    steps = send_undisturbed(posting, 1)
    kills, in_doubt, issue = 0, 0, 2
    for _start in range(MAX_STARTS):
        if kills == KILLS:
            break
        code = start_and_kill(posting, sendgrid, issue, chance, steps)
        kills += code == -signal.SIGKILL
        for figures in posting.json("mailings", "list")[:1]:
            assert_the_sum_is_the_audience(figures)
            in_doubt += figures["posting"] + figures["unknown"] > 0
        if code == 1:
            tell_the_truth(posting, sendgrid, figures["mailing"])
        issue += code == 0
    assert kills == KILLS, f"in {MAX_STARTS} starts only {kills} kills met the process"
    posting.run("issues", "send", issue, "--without-undo")
    tell_the_truth(posting, sendgrid, posting.json("mailings", "list")[0]["mailing"])
    send_undisturbed(posting, issue)
    assert in_doubt > KILLS / 5, f"only {in_doubt} of {kills} kills met a post in flight"
    assert set(sendgrid.accepted().values()) == {issue}
    assert len(sendgrid.accepted()) == SENDGRID_PEOPLE
    assert {each["accepted"] for each in posting.json("mailings", "list")} == {SENDGRID_PEOPLE}


def tell_the_truth(nursery, sendgrid, mailing):
    """An editor who can see SendGrid's books settles what Email Logs have no trace of."""
    taken = {name.split()[3] for name, _address in sendgrid.inbox}
    for batch in nursery.json("mailings", "show", mailing)["batches"]:
        went = "--sent" if str(batch["id"]) in taken else "--not-sent"
        code, printed = nursery.run("mailings", "settle", mailing, "--batch", batch["id"], went)
        assert code == 0, printed


def test_two_processes_at_once_deliver_one_mailing_once(press, nursery, tmp_path):
    other = Nursery(press, tmp_path / "other")
    try:
        nursery.start("issues", "send", 1, "--without-undo")
        other.start("issues", "send", 1, "--without-undo")
        codes = [nursery.wait(), other.wait()]
    finally:
        other.close()
    assert 0 in codes, nursery.output.read_text() + other.output.read_text()
    (figures,) = nursery.json("mailings", "list")
    assert_everybody_got_it_once(press, figures)


@pytest.mark.parametrize("number", rounds(20))
def test_sigterm_leaves_nothing_in_the_air(press, nursery, number):
    chance, ended_early = random.Random(f"sigterm {number}"), 0
    steps = send_undisturbed(nursery, 1)
    for issue in range(2, 8):
        # Not among the last steps, after which nothing is left to be stopped.
        last = chance.randint(steps // 10, steps // 2)
        code, printed = nursery.run(
            "issues", "send", issue, "--without-undo", last_step=last, signal_number=signal.SIGTERM
        )
        (figures, *_) = nursery.json("mailings", "list")
        assert_the_sum_is_the_audience(figures)
        assert figures["posting"] == figures["unknown"] == 0, printed
        ended_early += code != 0
        send_undisturbed(nursery, issue)
        assert_everybody_got_it_once(press, nursery.json("mailings", "list")[0])
    assert ended_early, "no signal met the process before its end"
