"""SpamAssassin is asked where it is installed, and what it said is kept with the email."""

import stat

import pytest

from newsletter.preflight.all_checks import check_now
from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.models import SpamScore
from newsletter.preflight.spamassassin import keep_spam_score

ANSWER = """X-Spam-Flag: YES
X-Spam-Status: Yes, score=6.0 required=5.0 tests=NO_RELAYS,SUBJ_FREE,HTML_ONLY
\tautolearn=no version=4.0.1

Content analysis details:   (6.0 points, 5.0 required)

 pts rule name              description
---- ---------------------- --------------------------------------------------
 0.5 NO_RELAYS              Informational: message was not relayed via SMTP
 3.5 SUBJ_FREE              Subject offers something free
 2.0 HTML_ONLY              HTML and hardly any text
-0.1 GOOD                   Something good
"""


@pytest.fixture
def program(tmp_path, monkeypatch):
    """A program of this name, which keeps what it is asked and answers with these rules."""
    path = tmp_path / "spamassassin"
    (tmp_path / "answer").write_text(ANSWER)
    path.write_text(f'#!/bin/sh\ncat > "{tmp_path}/asked"\ncat "{tmp_path}/answer"\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def test_its_score_is_a_finding_without_the_rules_about_the_way(issue, program):
    keep_spam_score(CheckedIssue(issue))
    [found] = [each for each in check_now(issue) if each.rule == "spam.score"]
    assert "gives this email 5.5 points" in found.what
    assert [each.title for each in found.things] == [
        "3.5 SUBJ_FREE: Subject offers something free",
        "2.0 HTML_ONLY: HTML and hardly any text",
    ]
    asked = (program / "asked").read_text()
    assert "Subject: Tides" in asked
    assert "*|" not in asked


def test_an_email_is_scored_once(issue, program):
    keep_spam_score(CheckedIssue(issue))
    (program / "asked").unlink()
    keep_spam_score(CheckedIssue(issue))
    assert not (program / "asked").exists()


def test_without_the_program_or_an_answer_nothing_is_said(issue, program, monkeypatch):
    (program / "answer").write_text("Something else")
    keep_spam_score(CheckedIssue(issue))
    monkeypatch.setenv("PATH", "/nowhere")
    keep_spam_score(CheckedIssue(issue))
    assert not SpamScore.objects.exists()
