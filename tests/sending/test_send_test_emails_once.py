"""One press of “Send test” sends each test email once, says what came of each, and touches nobody on the list."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.utils import timezone

from newsletter.accounts.actor import Actor, acting_as
from newsletter.errors import Invalid, Refused
from newsletter.sending.models import TestRequest
from newsletter.sending.outcomes import NotSent, RecipientsOutcome, Rejected, Unknown
from newsletter.sending.send_test_emails_once import (
    latest_request,
    request_sentence,
    request_test_emails,
    request_with,
    results_of,
)
from tests.sending.scripted_transport import answering, take_all


@pytest.fixture
def key():
    return uuid.uuid4()


def test_a_form_that_arrives_twice_sends_its_test_email_once(issue, way_out, key):
    first = request_test_emails(issue, ["edda@desk.example.net"], key=key)
    again = request_test_emails(issue, ["edda@desk.example.net"], key=key)
    assert len(way_out.posts) == 1
    assert again == first
    assert request_sentence(again) == (
        "The test email to edda@desk.example.net was saved in the server’s “outbox” folder. Nobody received it, "
        "because sending was not set up."
    )


def test_a_form_that_arrives_while_its_test_emails_are_being_sent_sends_nothing(issue, way_out, key):
    sentences = []

    def meanwhile(post):
        sentences.append(request_sentence(request_test_emails(issue, ["a@example.net"], key=key)))
        yield from take_all(post)

    way_out.plan = meanwhile
    request_test_emails(issue, ["a@example.net"], key=key)
    assert len(way_out.posts) == 1
    assert sentences[0].startswith("We do not know whether these test emails were sent")


def test_two_forms_send_two_test_emails(issue, way_out):
    for _ in range(2):
        request_test_emails(issue, ["edda@desk.example.net"], key=uuid.uuid4())
    assert len(way_out.posts) == 2


@pytest.mark.parametrize(
    ("answer", "outcome", "sentence"),
    [
        (Rejected("There is no such mailbox."), "failed", "Not sent. There is no such mailbox."),
        (NotSent("The server is busy."), "failed", "Not sent. The server is busy."),
        (
            Unknown("The answer was lost."),
            "unknown",
            "We do not know whether the test email was sent. The answer was lost.",
        ),
    ],
)
def test_a_test_email_that_failed_is_said_to_have_failed(issue, way_out, key, answer, outcome, sentence):
    way_out.plan = answering(answer)
    request = request_test_emails(issue, ["a@example.net"], key=key)
    [result] = results_of(request)
    assert (result.address, result.outcome, result.sentence) == ("a@example.net", outcome, sentence)
    assert request_sentence(request) == f"a@example.net: {sentence}"


def test_each_address_has_its_own_outcome(issue, way_out, key):
    def one_of_them(post):
        if post.envelopes[0].address == "b@example.net":
            yield RecipientsOutcome([0], Rejected("There is no such mailbox."))
        else:
            yield from take_all(post)

    way_out.plan = one_of_them
    request = request_test_emails(issue, ["a@example.net", "b@example.net"], key=key)
    assert [each.outcome for each in results_of(request)] == ["saved", "failed"]
    assert request_sentence(request).startswith("1 of 2 test emails were not accepted.")


def test_a_mistake_in_an_address_can_be_corrected_in_the_same_form(issue, way_out, key):
    with pytest.raises(Invalid):
        request_test_emails(issue, ["nonsense"], key=key)
    assert way_out.posts == []
    request_test_emails(issue, ["edda@desk.example.net"], key=key)
    assert len(way_out.posts) == 1


def test_only_editors_send_test_emails(issue, way_out, key):
    with acting_as(Actor("sam")), pytest.raises(Refused, match="Only an editor, an approver or a sender can"):
        request_test_emails(issue, ["edda@desk.example.net"], key=key)
    assert way_out.posts == []


def test_a_test_email_to_a_subscriber_changes_no_row_but_its_own(issue, join, way_out, key):
    join("ana", "ben")
    before = all_rows()
    request_test_emails(issue, ["ana@example.org"], key=key)
    assert changed_models(before) == {"TestRequest"}


def test_requests_are_forgotten_after_a_day(issue, way_out, key):
    request_test_emails(issue, ["edda@desk.example.net"], key=key)
    assert request_with(issue, str(key)) is not None
    assert request_with(issue, "nonsense") is None
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        assert latest_request(issue) is None
        request_test_emails(issue, ["edda@desk.example.net"], key=uuid.uuid4())
        assert TestRequest.objects.count() == 1


def all_rows():
    return {model: list(model.objects.order_by("pk").values()) for model in apps.get_models()}


def changed_models(before):
    return {model.__name__ for model, rows in all_rows().items() if rows != before[model]}
