"""Five clocks draft a daily series at once and are killed at random moments: each date gives one issue, none two.

The kills are placed by steps, and go on until enough met a date being drafted; `make test-full` does ten times as
many.
"""

import json
import random
from datetime import UTC, datetime, timedelta

import pytest

from newsletter.scheduling.draft_occurrences import LEASE
from tests.full import rounds
from tests.journeys.installation import CLOCKS, Press, several_clocks

# On whichever database the tests run.
pytestmark = [pytest.mark.kill, pytest.mark.enable_socket, pytest.mark.django_db]

MET = 2
MAX_DAYS = 10 * MET
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
columns = ("local_time", "state", "issue__number", "issue__state", "attempts")
dates = Occurrence.objects.order_by("local_time").values_list(*columns)
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
    for number in range(MAX_DAYS + 2):
        text = f"---\ntitle: Article {number}\n---\nWhat article {number} says.\n"
        (tmp_path / "articles" / f"{number}.md").write_text(text, encoding="utf-8")
    (tmp_path / "paper.toml").write_text(PAPER, encoding="utf-8")
    press.run("-m", "newsletter", "publications", "load", str(tmp_path / "paper.toml"))
    rhythm = "daily at 07:30 from 2030-06-01"
    press.run("-m", "newsletter", "series", "add", "daily", rhythm, "--mode", "send")
    return press


@pytest.fixture
def clocks(press):
    with several_clocks(press, "draft") as five:
        yield five


@pytest.mark.parametrize("number", rounds(10))
def test_five_clocks_that_are_killed_draft_each_date_once(press, clocks, number):
    chance, met, days = random.Random(f"series {number}"), 0, 1
    # The first date shows how many steps drafting takes when nobody is killed.
    assert clocks.tick(FIRST) == 0
    steps = clocks.steps
    while met < MET and days < MAX_DAYS:
        due = FIRST + timedelta(days=days)
        met += clocks.tick(due, last_steps=[chance.randint(1, steps) for _ in range(CLOCKS)])
        assert clocks.tick(due + LEASE + timedelta(seconds=1)) == 0
        days += 1
    assert met == MET, f"in {days} days only {met} kills met a date being drafted"
    outcome = json.loads(press.run("-c", OUTCOME))
    assert [wall[:10] for wall, *_ in outcome["dates"]] == [
        f"{FIRST + timedelta(days=n):%Y-%m-%d}" for n in range(days)
    ]
    assert [(state, number, issue) for _, state, number, issue, _ in outcome["dates"]] == [
        ("drafted", number, "scheduled") for number in range(1, days + 1)
    ]
    assert outcome["issues"] == len(set(outcome["articles"])) == len(outcome["articles"]) == days
    assert met == sum(attempts - 1 for *_, attempts in outcome["dates"])
