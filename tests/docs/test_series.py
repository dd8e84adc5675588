"""What the page on series says to say, the press understands."""

import re
from datetime import date
from pathlib import Path

import pytest

from newsletter.scheduling.recurrence.parse_recurrence import parse_recurrence

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "send-a-series.md"
SAYINGS = re.findall(r"^\| `([^`]+ (?:at|AT) [^`]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("saying", SAYINGS)
def test_each_example_is_understood(saying):
    assert parse_recurrence(saying, zone="Europe/London", today=date(2026, 11, 25))


def test_there_are_examples():
    assert len(SAYINGS) >= 10
