"""A message that is in a page when it loads has the focus, because a screen reader does not read it otherwise."""

import re
from pathlib import Path

import pytest

import newsletter

PUBLIC = Path(newsletter.__file__).parents[1] / "templates" / "public"
MESSAGE = re.compile(r'<\w+[^>]*(?:role="(?:alert|status)")[^>]*>')


@pytest.mark.parametrize("template", sorted(PUBLIC.glob("*.html")), ids=lambda path: path.stem)
def test_a_message_on_a_page_of_readers_has_the_focus(template):
    without_it = [
        each
        for each in MESSAGE.findall(template.read_text(encoding="utf-8"))
        if 'tabindex="-1" autofocus' not in each
    ]
    assert without_it == []
