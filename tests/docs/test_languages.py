"""The list of languages in the documentation is that of the catalogues."""

import re
from pathlib import Path

from subscribers.translated_languages import catalogues

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "languages.md"


def test_every_language_is_listed_with_whether_it_is_reviewed():
    rows = re.findall(r"^\| (\S+) \| `(\S+)` \| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(rows) == {
        (each.name, each.language, "reviewed" if each.reviewed else "not reviewed")
        for each in catalogues().values()
    }
