"""Boxes for addresses run from left to right in every language, so that “@” and dots do not move while one types."""

import re
from pathlib import Path

import pytest
from django.template import engines
from lxml import html

TEMPLATES = Path(__file__).parents[2] / "templates"
BOX = re.compile(r'<input type="(?:email|url)"[^>]*>')


def test_every_box_for_an_address_runs_from_left_to_right():
    found = [
        box for path in TEMPLATES.rglob("*.html") for box in BOX.findall(path.read_text(encoding="utf-8"))
    ]
    assert len(found) >= 5
    assert [box for box in found if 'dir="ltr"' not in box] == []


@pytest.mark.parametrize(
    ("field", "direction"),
    [
        ('"address", "Address", type="email"', "ltr"),
        ('"address", "Address", type="url"', "ltr"),
        ('"address", "Address", attrs={"inputmode": "url", "spellcheck": "false"}', "ltr"),
        ('"name", "Name"', None),
        ('"name", "Name", attrs={"dir": "auto"}', "auto"),
    ],
)
def test_the_fields_of_the_desk_that_are_addresses_run_from_left_to_right(field, direction):
    source = '{% import "desk/components.html" as ui %}{{ ui.field(' + field + ") }}"
    [box] = html.fromstring(engines["jinja2"].from_string(source).render()).iter("input")
    assert box.get("dir") == direction
