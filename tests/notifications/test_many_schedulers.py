"""Real processes: five clocks at once tell everything once, and clocks that are killed leave nothing untold."""

import json
import signal
from collections import Counter
from mailbox import Maildir

import pytest

from tests.fakes import webhook_receiver
from tests.journeys.installation import Press

# Marked for the database, so that it is tried on PostgreSQL too: each press makes one of its own there.
pytestmark = [pytest.mark.kill, pytest.mark.enable_socket, pytest.mark.django_db]
THINGS, KILLS = 12, 6


@pytest.fixture
def listener():
    with webhook_receiver.running() as running:
        yield running


@pytest.fixture
def press(tmp_path, listener):
    press = Press(tmp_path, NEWSLETTER_FETCH_ALLOW_HOSTS="127.0.0.1")
    clock(press, "seed", THINGS, listener.url())
    return press


def clock(press, *words):
    printed = press.run("-m", "tests.notifications.notification_loop", *map(str, words))
    return json.loads(printed or "null")


def mailed(press):
    """How many mails of each thing lie there for each person."""
    outbox = Maildir(press.home / "outbox-system", create=False)
    return Counter((mail["To"], mail["Subject"]) for mail in outbox)


def assert_all_of_it_was_told(press, listener):
    assert clock(press, "count") == [THINGS, 2 * THINGS, THINGS]
    assert len(mailed(press)) == 2 * THINGS
    assert len(set(listener.ids())) == THINGS


def test_five_clocks_at_once_tell_everything_once(press, listener):
    shares = clock(press, "together", 5)
    assert sum(0 < share < 255 for share in shares) > 1, shares
    assert_all_of_it_was_told(press, listener)
    assert set(mailed(press).values()) == {1}
    assert len(listener.got) == THINGS


def test_clocks_killed_at_any_step_leave_nothing_untold_and_repeat_little(press, listener):
    codes = clock(press, "killed", KILLS)
    assert codes.count(-signal.SIGKILL) >= KILLS // 2, codes
    assert 0 < clock(press, "later", 10) < 255
    assert_all_of_it_was_told(press, listener)
    repeated = mailed(press).total() - 2 * THINGS + len(listener.got) - THINGS
    assert repeated <= KILLS
