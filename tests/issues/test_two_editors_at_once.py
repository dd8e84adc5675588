"""Composing in several processes on one database."""

import json
import os
import subprocess
import sys

import pytest

from newsletter.settings import PACKAGE
from tests import forked
from tests.made_tables import make_home

PAPER = """
name = "Paper"
organisation = "We"
website = "https://example.org"
sender_name = "We"
sender_address = "we@example.org"
postal_address = "1 Quay"
sources = [{ location = "articles", kind = "markdown" }]
"""


@pytest.fixture
def press(tmp_path):
    """Start a command of an installation of its own; gives the running process."""
    make_home(tmp_path / "home")
    surroundings = os.environ | {"NEWSLETTER_HOME": str(tmp_path / "home"), "DATABASE_URL": ""}

    def start(*words):
        command = [sys.executable, "-m", "newsletter", *words]
        return forked.Popen(
            command,
            cwd=PACKAGE.parent,
            env=surroundings,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


def answer(process):
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out


def test_composes_at_the_same_time_share_no_number_and_no_article(press, tmp_path):
    (tmp_path / "articles").mkdir()
    for number in range(9):
        text = f"---\ntitle: Article {number}\n---\nWhat article {number} says.\n"
        (tmp_path / "articles" / f"{number}.md").write_text(text, encoding="utf-8")
    (tmp_path / "paper.toml").write_text(PAPER, encoding="utf-8")
    answer(press("init", "--publication", str(tmp_path / "paper.toml")))
    answer(press("articles", "fetch"))
    running = [press("issues", "compose", "--days", "3000", "--at-most", "3", "--json") for _ in range(3)]
    issues = [json.loads(answer(process)) for process in running]
    assert sorted(issue["number"] for issue in issues) == [1, 2, 3]
    articles = [item["article"] for issue in issues for item in issue["items"]]
    assert len(articles) == len(set(articles)) == 9
