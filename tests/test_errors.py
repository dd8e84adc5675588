"""Every error that a person can put right is of one family, and no door answers with a traceback."""

import sys

import pytest

import newsletter.errors
import subscribers.errors
from newsletter.errors import NewsletterError, Unreachable
from newsletter.issues.models import Issue, Publication
from newsletter.web.desk.form_error import status_of
from subscribers.segments.segment_errors import WrongSegment
from tests.sending.conftest import publication  # noqa: F401 - a fixture


def family(kind=NewsletterError):
    return {kind, *(below for each in kind.__subclasses__() for below in family(each))}


def test_the_newsletter_and_the_subscribers_have_one_family():
    for name in ("NewsletterError", "NotFound", "Invalid", "Refused", "KeyMissing"):
        assert getattr(newsletter.errors, name) is getattr(subscribers.errors, name)
    assert issubclass(Unreachable, subscribers.errors.NewsletterError)


def test_each_error_has_a_status_of_http_at_the_desk():
    kinds = family() - {NewsletterError}
    assert WrongSegment in kinds
    statuses = {kind.__name__: status_of(kind.__new__(kind)) for kind in kinds}
    assert statuses["KeyMissing"] == statuses["Unreachable"] == 503
    assert set(statuses.values()) == {404, 409, 422, 503}


@pytest.fixture
def fault(publication):  # noqa: F811 - asked for by name
    """An issue whose publication has a zone that nothing but a hand in the database can give it."""
    issue = Issue.objects.create(
        publication=publication, number=1, subject="Tides", composed_at="2026-12-01T07:30Z"
    )
    Publication.objects.update(zone="Nowhere/At all")
    return issue


def test_a_fault_on_the_command_line_is_one_sentence_and_no_traceback(cli, fault, monkeypatch):
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    result = cli("issues", "schedule", "1", "--at", "tomorrow 07:30")
    assert result.code == 1
    assert result.err.startswith("newsletter: The command failed because of a bug in this software (")
    assert result.err.count("\n") == 1


def test_a_fault_at_the_desk_is_a_page_without_a_traceback(fault, admin_client):
    admin_client.raise_request_exception = False
    answer = admin_client.get(f"/desk/issues/{fault.publication.slug}/1/")
    assert answer.status_code == 500
    assert b"Traceback" not in answer.content
    assert b"Nowhere" not in answer.content
