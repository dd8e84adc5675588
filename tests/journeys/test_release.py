"""Five clocks release, plan and send an issue at once and are killed at random moments: everybody has it once.

NEWSLETTER_TESTS_FULL=1 does so ten times as often.
"""

import json
import os
import random
import time
from datetime import UTC, datetime, timedelta

import pytest

from tests.journeys.press import Press, several_clocks

# On whichever database the tests run.
pytestmark = [pytest.mark.kill, pytest.mark.enable_socket, pytest.mark.django_db]

ISSUES = 60 if os.environ.get("NEWSLETTER_TESTS_FULL") else 6
PEOPLE = 300
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


def test_five_clocks_that_are_killed_send_each_issue_once(press):
    moments, longest = random.Random(20261126), 0.5
    with several_clocks(press, "release") as clocks:
        for number in range(ISSUES):
            due = FIRST + timedelta(days=number)
            clocks(due, kill_after=moments.uniform(0, longest))
            started = time.monotonic()
            clocks(due + timedelta(minutes=30))
            # What the way out can prove was settled by then; what that set free goes now.
            clocks(due + timedelta(minutes=31))
            longest = max(longest / 2, time.monotonic() - started)
    mailings = json.loads(press.run("-m", "newsletter", "mailings", "list", "--json"))
    assert [each["state"] for each in mailings] == ["sent"] * ISSUES
    for mailing in mailings:
        delivered = press.delivered(mailing["key"])
        assert len(delivered) == mailing["accepted"] == PEOPLE
        assert set(delivered.values()) == {1}
    log = json.loads(press.run("-m", "newsletter", "audit", "--most", "10000", "--json"))
    assert [entry["act"] for entry in log].count("release") == ISSUES
