"""What somebody is told about an email before it is sent: in commands and in the desk alike."""

import re

import pytest
from django.utils import timezone

from newsletter.articles.models import Article
from newsletter.sending.email_warnings import email_warnings

pytestmark = pytest.mark.django_db


def by_sendgrid(settings):
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"transport": "sendgrid"})


def test_an_ordinary_email_has_no_warning(issue, settings):
    by_sendgrid(settings)
    assert email_warnings(issue) == []


def test_a_name_that_only_sendgrid_cannot_show_is_warned_of_for_sendgrid_alone(issue, settings):
    issue.publication.sender_name = "Łódź Nowości"
    issue.publication.save()
    assert email_warnings(issue) == []
    by_sendgrid(settings)
    [sentence] = email_warnings(issue)
    assert "Readers will see “Lodz Nowosci”" in sentence


def test_an_email_that_gmail_would_cut_off_is_warned_of_wherever_it_is_handled(issue, join, cli, tmp_path):
    join("ana")
    issue.opening = "A long introduction. " * 5_000
    issue.save()
    preview = ("issues", "preview", "1", "--out", str(tmp_path))
    assert re.search(r"Warning: .*100 KB", cli(*preview).out)
    refused = cli("issues", "approve", "1")
    assert (refused.code, "has 1 error, so it cannot be approved. This email will be" in refused.err) == (
        1,
        True,
    )
    [error] = re.findall(r"--overrule (\w+)", cli("issues", "check", "1").out)
    assert cli("issues", "check", "1", "--overrule", error, "--reason", "A long read").code == 0
    for command in (("issues", "approve", "1"), ("issues", "send", "1", "--yes")):
        result = cli(*command)
        assert result.code == 0, result.err
        assert re.search(r"Warning: .*100 KB", result.out), command


def test_an_issue_without_an_email_has_no_warning(issue):
    Article.objects.update(excluded=True)
    issue.publication.accent_colour = "blue"
    assert email_warnings(issue) == []


def test_a_language_without_words_is_said_wherever_the_email_is_handled(issue, cli, tmp_path):
    issue.publication.language = "he"
    issue.publication.save()
    [sentence] = email_warnings(issue)
    assert sentence.startswith("We have no Hebrew translation, so readers will see")
    for command in (
        ("issues", "preview", "1", "--out", str(tmp_path)),
        ("issues", "approve", "1"),
        ("issues", "send", "1", "--yes"),
    ):
        assert sentence in cli(*command).out, command


def test_composing_an_issue_says_that_its_language_has_no_words(issue, cli):
    issue.publication.language = "he"
    issue.publication.save()
    Article.objects.create(
        source=Article.objects.get().source,
        identity="another",
        url="https://harbour.example.org/b",
        title="Another",
        found_at=timezone.now(),
    )
    result = cli("issues", "compose")
    assert "We have no Hebrew translation" in result.out, result.err
