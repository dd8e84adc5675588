"""The page on approving and scheduling names buttons and headings that the page of an issue has."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "how-to" / "approve-and-schedule.md").read_text(encoding="utf-8")
TABLE = PAGE[PAGE.index("| Task | On the issue’s page |") : PAGE.index("**What you approve")]
LABELS = re.findall(r"\*([A-Z][^*]+)\*", TABLE)
TEMPLATES = "".join(
    path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "templates" / "desk" / "issue").glob("*.html"))
)


@pytest.mark.parametrize("label", LABELS)
def test_a_label_in_the_how_to_is_on_the_page_of_an_issue(label):
    assert re.search(rf'[>"]\s*{re.escape(label)}\s*["<{{]', TEMPLATES)


def test_there_are_labels():
    assert len(LABELS) > 8
