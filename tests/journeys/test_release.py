"""Five clocks release, plan and send an issue at once and are killed at random moments: everybody has it once.

The kills are placed by steps. `make test-full` does so ten times as often.
"""

import json
import random
from datetime import UTC, datetime, timedelta

import pytest

from tests.full import rounds
from tests.journeys.installation import CLOCKS, Press, several_clocks

# On whichever database the tests run.
pytestmark = [pytest.mark.kill, pytest.mark.enable_socket, pytest.mark.django_db]

ISSUES = 4
PEOPLE = 200
FIRST = datetime(2030, 6, 1, 6, 30, tzinfo=UTC)
SCHEDULE = f"""
import django, time_machine
from datetime import datetime, timedelta
django.setup()
from newsletter.issues.models import Issue
from newsletter.scheduling.approval import approve
from newsletter.scheduling.schedule import schedule_at
first = datetime.fromisoformat("{FIRST.isoformat()}")
with time_machine.travel(first - timedelta(hours=1)):
    for issue in Issue.objects.order_by("number"):
        approve(issue)
        schedule_at(issue, first + timedelta(days=issue.number - 1))
"""


@pytest.fixture
def press(tmp_path):
    press = Press(tmp_path)
    press.seed(people=PEOPLE, issues=ISSUES)
    press.run("-c", SCHEDULE)
    return press


@pytest.mark.parametrize("number", rounds(10))
def test_five_clocks_that_are_killed_send_each_issue_once(press, number):
    chance, killed_in_flight = random.Random(f"release {number}"), 0
    with several_clocks(press, "release") as clocks:
        # The first issue shows how many steps it takes when nobody is killed.
        clocks.tick(FIRST)
        steps = clocks.steps
        for day in range(1, ISSUES):
            due = FIRST + timedelta(days=day)
            last_steps = [chance.randint(1, steps) for _ in range(CLOCKS)]
            killed_in_flight += clocks.tick(due, last_steps=last_steps) > 0
            clocks.tick(due + timedelta(minutes=30))
            # What the way out can prove was settled by then; what that set free goes now.
            clocks.tick(due + timedelta(minutes=31))
    assert killed_in_flight, "no kill met a post in flight"
    mailings = json.loads(press.run("-m", "newsletter", "mailings", "list", "--json"))
    assert [each["state"] for each in mailings] == ["sent"] * ISSUES
    for mailing in mailings:
        delivered = press.delivered(mailing["key"])
        assert len(delivered) == mailing["accepted"] == PEOPLE
        assert set(delivered.values()) == {1}
    log = json.loads(press.run("-m", "newsletter", "audit", "--most", "10000", "--json"))
    assert [entry["act"] for entry in log].count("release") == ISSUES
