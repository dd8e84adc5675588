"""Until sending is set up, every sentence that promises or reports sending says that emails are only saved."""

import uuid

import pytest

from newsletter.scheduling.approval import approve
from newsletter.sending.saved_not_sent import SAVED_NOT_SENT, promise
from newsletter.sending.send_now import send_now
from newsletter.sending.send_test_emails_once import request_sentence, request_test_emails, results_of
from newsletter.sending.status_sentences import issue_status
from newsletter.sending.transports import TRANSPORTS


@pytest.fixture
def sends(settings, monkeypatch, way_out):
    """Sending is set up: the scripted transport stands for SendGrid."""
    monkeypatch.setitem(TRANSPORTS, "sendgrid", lambda _environment: way_out)
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"transport": "sendgrid"})


def test_a_promise_is_followed_by_the_sentence_only_while_emails_are_saved(settings):
    assert promise("It will be sent.") == f"It will be sent. {SAVED_NOT_SENT}"
    assert promise("It is being sent.", "smtp") == "It is being sent."
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"transport": "smtp"})
    assert promise("It will be sent.") == "It will be sent."
    assert promise("It is being sent.", "maildir") == f"It is being sent. {SAVED_NOT_SENT}"


def test_an_issue_says_in_each_state_that_it_is_only_saved(issue, join):
    join("ana")
    approve(issue)
    issue.refresh_from_db()
    assert issue_status(issue).sentence.endswith(SAVED_NOT_SENT)
    send_now(issue)
    issue.refresh_from_db()
    assert issue_status(issue).sentence.endswith(SAVED_NOT_SENT)


@pytest.mark.usefixtures("sends")
def test_an_issue_that_will_be_sent_does_not_say_so(issue, join):
    join("ana")
    approve(issue)
    send_now(issue)
    issue.refresh_from_db()
    assert SAVED_NOT_SENT not in issue_status(issue).sentence


@pytest.mark.usefixtures("sends")
def test_a_test_email_that_was_sent_is_said_to_be_sent(issue):
    request = request_test_emails(issue, ["edda@desk.example.net"], key=uuid.uuid4())
    assert [each.outcome for each in results_of(request)] == ["accepted"]
    assert request_sentence(request) == "The test email was sent to edda@desk.example.net."
