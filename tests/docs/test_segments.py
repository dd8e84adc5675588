"""The page on segments has examples that are understood, and shows an error as it is."""

import re
from pathlib import Path

import pytest

from subscribers.segments.segment_errors import WrongSegment
from subscribers.segments.segment_parser import parse

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "segments.md"
BLOCKS = re.findall(r"^```\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("example", BLOCKS[0].splitlines())
def test_an_example_is_understood(example):
    assert parse(example)


def test_the_error_on_the_page_is_the_error_of_the_code():
    with pytest.raises(WrongSegment) as error:
        parse("joind in last 3 days")
    assert str(error.value) == BLOCKS[1].rstrip("\n")
