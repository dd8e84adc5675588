"""Five clocks draft a daily series at once and are killed at random moments: each date gives one issue, none two.

It goes on until so many kills met a date being drafted; NEWSLETTER_TESTS_FULL=1 asks for ten times as many.
"""

import json
import os
import random
import time
from datetime import UTC, datetime, timedelta

import pytest

from newsletter.scheduling.drafting import LEASE
from tests.journeys.press import Press, several_clocks

# On whichever database the tests run.
pytestmark = [pytest.mark.kill, pytest.mark.enable_socket, pytest.mark.django_db]

MET = 30 if os.environ.get("NEWSLETTER_TESTS_FULL") else 3
MOST_DAYS = 40 * MET
FIRST = datetime(2030, 6, 1, 6, 30, tzinfo=UTC)
PAPER = """
name = "Daily"
organisation = "We"
website = "https://example.org"
sender_name = "We"
sender_address = "we@example.org"
postal_address = "1 Quay"
selection = { since = 30000, at_most = 1 }
sources = [{ location = "articles", kind = "markdown" }]
"""
OUTCOME = """
import json, django
django.setup()
from newsletter.issues.models import Issue, Item
from newsletter.scheduling.models import Occurrence
dates = Occurrence.objects.order_by("wall").values_list("wall", "state", "issue__number", "issue__state", "attempts")
print(json.dumps({
    "dates": list(dates),
    "issues": Issue.objects.count(),
    "articles": sorted(Item.objects.values_list("article", flat=True)),
}))
"""


@pytest.fixture
def press(tmp_path):
    press = Press(tmp_path)
    (tmp_path / "articles").mkdir()
    for number in range(MOST_DAYS + 2):
        text = f"---\ntitle: Article {number}\n---\nWhat article {number} says.\n"
        (tmp_path / "articles" / f"{number}.md").write_text(text, encoding="utf-8")
    (tmp_path / "paper.toml").write_text(PAPER, encoding="utf-8")
    press.run("-m", "newsletter", "publications", "load", str(tmp_path / "paper.toml"))
    rhythm = "daily at 07:30 from 2030-06-01"
    press.run("-m", "newsletter", "series", "add", "daily", rhythm, "--mode", "send")
    return press


@pytest.fixture
def clocks(press):
    with several_clocks(press, "draft") as tick:
        yield tick


def test_five_clocks_that_are_killed_draft_each_date_once(press, clocks):
    moments, met, days, longest = random.Random(20261125), 0, 0, 0.3
    while met < MET and days < MOST_DAYS:
        due = FIRST + timedelta(days=days)
        met += clocks(due, kill_after=moments.uniform(0, longest))
        started = time.monotonic()
        assert clocks(due + LEASE + timedelta(seconds=1)) == 0
        # As long as drafting takes on this machine as it is loaded now.
        longest = max(longest / 2, time.monotonic() - started)
        days += 1
    outcome = json.loads(press.run("-c", OUTCOME))
    assert [wall[:10] for wall, *_ in outcome["dates"]] == [
        f"{FIRST + timedelta(days=n):%Y-%m-%d}" for n in range(days)
    ]
    assert [(state, number, issue) for _, state, number, issue, _ in outcome["dates"]] == [
        ("drafted", number, "scheduled") for number in range(1, days + 1)
    ]
    assert outcome["issues"] == len(set(outcome["articles"])) == len(outcome["articles"]) == days
    assert met == sum(attempts - 1 for *_, attempts in outcome["dates"]) == MET
