"""Five clocks draft a daily series at once and are killed at random moments: each date gives one issue, none two.

NEWSLETTER_TESTS_FULL=1 goes on for ten times as many days.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from newsletter.scheduling.drafting import LEASE
from tests.journeys.press import ROOT, Press

# On whichever database the tests run.
pytestmark = [pytest.mark.kill, pytest.mark.enable_socket, pytest.mark.django_db]

DAYS = 100 if os.environ.get("NEWSLETTER_TESTS_FULL") else 10
CLOCKS = 5
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
    for number in range(DAYS + 2):
        text = f"---\ntitle: Article {number}\n---\nWhat article {number} says.\n"
        (tmp_path / "articles" / f"{number}.md").write_text(text, encoding="utf-8")
    (tmp_path / "paper.toml").write_text(PAPER, encoding="utf-8")
    press.run("-m", "newsletter", "publications", "load", str(tmp_path / "paper.toml"))
    rhythm = "daily at 07:30 from 2030-06-01"
    press.run("-m", "newsletter", "series", "add", "daily", rhythm, "--mode", "send")
    return press


@pytest.fixture
def clocks(press):
    program = [sys.executable, "-m", "tests.journeys.clocks"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(program, env=press.environment, cwd=ROOT, **pipes) as process:

        def tick(moment, count, *, killed_after=()):
            """Let so many clocks tick at a moment; the first of them are killed after so many seconds."""
            process.stdin.write(json.dumps([count, moment.isoformat()]) + "\n")
            process.stdin.flush()
            children = json.loads(process.stdout.readline())
            started = time.monotonic()
            for child, seconds in zip(children, sorted(killed_after), strict=False):
                time.sleep(max(0, started + seconds - time.monotonic()))
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            assert process.stdout.readline() == "\n"

        yield tick
        process.stdin.close()


def test_five_clocks_that_are_killed_draft_each_date_once(press, clocks):
    moments = random.Random(20261125)
    for day in range(DAYS):
        due = FIRST + timedelta(days=day)
        kills = [moments.uniform(0.0, 0.25) for _ in range(moments.choice([0, 3, CLOCKS, CLOCKS]))]
        clocks(due, CLOCKS, killed_after=kills)
        clocks(due + LEASE + timedelta(seconds=1), CLOCKS)
    outcome = json.loads(press.run("-c", OUTCOME))
    assert [wall[:10] for wall, *_ in outcome["dates"]] == [
        f"{FIRST + timedelta(days=n):%Y-%m-%d}" for n in range(DAYS)
    ]
    assert [(state, number, issue) for _, state, number, issue, _ in outcome["dates"]] == [
        ("drafted", number, "scheduled") for number in range(1, DAYS + 1)
    ]
    assert outcome["issues"] == len(set(outcome["articles"])) == len(outcome["articles"]) == DAYS
    assert any(attempts > 1 for *_, attempts in outcome["dates"]), "no kill met a drafting"
