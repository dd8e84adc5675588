"""Processes that read bounces, several at once and killed at any step, count each report once and lose none."""

import json
import random
import signal

import pytest

from tests.journeys.installation import Nursery, Press
from tests.tracking.returned_mail import bounce, complaint

# Marked for the database, so that it is tried on PostgreSQL too: each press makes one of its own there.
pytestmark = [pytest.mark.kill, pytest.mark.enable_socket, pytest.mark.django_db]
PEOPLE, UNDISTURBED, KILLS = 30, 6, 4
PATHS = """
import django; django.setup()
import json
from newsletter.sending.models import Recipient
from newsletter.sending.return_path import return_path
rows = Recipient.objects.select_related("batch__mailing").order_by("pk")
print(json.dumps([return_path("bounces@example.org", row.batch.mailing.key, row.pk) for row in rows]))
"""
COUNTS = """
import django; django.setup()
import json
from django.db.models import Count
from newsletter.tracking.models import Event
from subscribers.models import Suppression
print(json.dumps([
    dict(Event.objects.order_by().values_list("kind").annotate(Count("pk"))),
    Event.objects.values("recipient").distinct().count(),
    dict(Suppression.objects.order_by().values_list("reason").annotate(Count("pk"))),
]))
"""


@pytest.fixture
def maildir(tmp_path):
    for room in ("tmp", "new", "cur"):
        (tmp_path / "bounces" / room).mkdir(parents=True)
    return tmp_path / "bounces"


@pytest.fixture
def press(tmp_path, maildir):
    press = Press(tmp_path, NEWSLETTER_BOUNCE_MAILDIR=str(maildir))
    press.seed(people=PEOPLE, issues=1, approved=True)
    return press


@pytest.fixture
def nurseries(press, tmp_path):
    made = [Nursery(press, tmp_path / f"output{number}") for number in range(2)]
    yield made
    for nursery in made:
        nursery.close()


def deliver(maildir, paths, *, first=0):
    """A bounce or a complaint about each, and each of them twice."""
    for number, path in enumerate(paths, start=first):
        message = bounce(path) if number % 2 else complaint(path)
        for copy in "ab":
            (maildir / "new" / f"{number}.{copy}").write_bytes(message)


@pytest.mark.full
@pytest.mark.parametrize("number", range(1, 11))
def test_readers_that_are_killed_or_run_at_once_count_each_report_once(press, nurseries, maildir, number):
    chance = random.Random(f"bounces {number}")
    one, other = nurseries
    assert one.run("issues", "send", 1, "--without-undo")[0] == 0
    paths = json.loads(press.run("-c", PATHS))
    deliver(maildir, paths[:UNDISTURBED])
    assert one.run("bounces")[0] == 0
    steps = one.steps
    deliver(maildir, paths[UNDISTURBED:], first=UNDISTURBED)
    codes = [one.run("bounces", last_step=chance.randint(steps // 3, steps))[0] for _ in range(KILLS)]
    assert -signal.SIGKILL in codes
    for nursery in nurseries:
        nursery.start("bounces")
    assert [nursery.wait() for nursery in nurseries] == [0, 0], other.output.read_text(encoding="utf-8")
    assert list((maildir / "new").iterdir()) == list((maildir / "cur").iterdir()) == []
    half = PEOPLE // 2
    assert json.loads(press.run("-c", COUNTS)) == [
        {"bounced": half, "complained": half},
        PEOPLE,
        {"hard bounce": half, "complaint": half},
    ]
