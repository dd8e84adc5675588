"""A new check before approval is one file and its name in CHECKS, as docs/how-to/add-a-preflight-check.md says."""

import pytest

from newsletter.issues.models import Issue
from newsletter.preflight import all_checks, checks
from newsletter.preflight.all_checks import check_now
from newsletter.preflight.finding import Level, Place
from tests.docs_examples import example_module


@pytest.fixture
def questions(tmp_path, monkeypatch):
    """The example of the page as a module of its own, added to the checks as the page says."""
    with example_module("add-a-preflight-check.md", checks, "questions", tmp_path) as module:
        monkeypatch.setattr(all_checks, "CHECKS", (*all_checks.CHECKS, module))
        yield module


@pytest.mark.usefixtures("questions")
def test_a_check_added_as_the_page_says_is_run_with_the_others(issue, join):
    join("ana")
    assert "questions" not in str([each.rule for each in check_now(issue)])
    Issue.objects.update(subject="Why tides? Why now?")
    [found] = [each for each in check_now(Issue.objects.get()) if each.rule == "questions.too-many"]
    assert (found.what, found.level) == ("The subject asks 2 questions.", Level.WARNING)
    assert found.place == Place("details", "subject")
