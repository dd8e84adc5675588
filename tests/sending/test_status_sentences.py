"""What an issue or a mailing is doing is one sentence, whichever door says it."""

import json
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from newsletter.issues.cancel_issue import cancel_issue
from newsletter.issues.models import Issue, Publication
from newsletter.scheduling.approval import approval_now, approve, check_next_approval
from newsletter.scheduling.release import block_issue
from newsletter.scheduling.schedule import schedule_at
from newsletter.sending.batches import send_next_batch
from newsletter.sending.mailing_controls import pause_mailing, stop_mailing
from newsletter.sending.models import Mailing, Recipient
from newsletter.sending.saved_not_sent import SAVED_NOT_SENT
from newsletter.sending.send_now import send_now
from newsletter.sending.status_sentences import (
    CHANGED_SINCE_APPROVAL,
    Status,
    issue_status,
    mailing_status,
    recipient_status,
)


def test_a_blocked_issue_is_called_blocked_with_its_reason(issue):
    with transaction.atomic():
        block_issue(issue, "It was not approved in time.")
    assert issue_status(issue) == Status("Blocked", "It was not approved in time.")


def test_a_draft_says_what_it_needs(issue):
    assert issue_status(issue) == Status("Draft", "This issue will not be sent until somebody approves it.")
    schedule_at(issue, timezone.now() + timedelta(days=1), approve_by=timezone.now() + timedelta(hours=1))
    issue.refresh_from_db()
    assert " if somebody approves it by " in issue_status(issue).sentence


def test_an_issue_that_was_sent_a_moment_ago_can_be_undone(issue, join):
    join("ana")
    approve(issue)
    send_now(issue)
    issue.refresh_from_db()
    assert issue_status(issue) == Status(
        "Sending soon",
        "This issue will be sent in 5 minutes to 1 person (this is the first issue). You can undo this until then. "
        f"{SAVED_NOT_SENT}",
    )


def test_a_paused_mailing_is_what_its_issue_is_doing(mailing, issue):
    pause_mailing(mailing.pk, "A wrong headline.")
    issue.refresh_from_db()
    mailing.refresh_from_db()
    assert issue_status(issue) == mailing_status(mailing) == Status("Paused", "A wrong headline.")


def test_a_mailing_says_how_many_are_waiting_and_then_how_many_accepted_it(mailing, issue):
    send_next_batch()
    assert mailing_status(mailing) == Status(
        "Sending", f"The email still has to be sent to 6 recipients. {SAVED_NOT_SENT}"
    )
    while send_next_batch():
        pass
    mailing.refresh_from_db()
    issue.refresh_from_db()
    assert mailing_status(mailing) == Status(
        "Sent",
        "The emails for 10 recipients were saved in a folder on the server. Nobody received the email, because "
        "sending was not set up.",
    )
    assert "to a folder on the server. Nobody received" in issue_status(issue).sentence
    mailing.transport = "smtp"
    mailing.save()
    assert mailing_status(mailing) == Status("Sent", "The email was accepted for delivery to 10 recipients.")
    assert issue_status(issue).sentence.startswith("This issue was sent ")
    assert "folder" not in issue_status(issue).sentence


def test_a_stopped_mailing_and_a_cancelled_issue_are_over(mailing, issue):
    stop_mailing(mailing.pk, stopped_by="edda")
    mailing.refresh_from_db()
    issue.refresh_from_db()
    assert mailing_status(mailing) == Status("Stopped", "The email will not be sent to anyone else.")
    assert issue_status(issue).label == "Cancelled"


@pytest.mark.parametrize("state", Recipient.State)
def test_every_state_of_a_recipient_has_a_label_and_a_sentence(state):
    status = recipient_status(state)
    assert status.label
    assert status.sentence.endswith(".")


@pytest.mark.parametrize("state", Issue.State)
def test_every_state_of_an_issue_has_a_label_and_a_sentence_without_a_command(issue, state):
    Issue.objects.update(state=state)
    issue.refresh_from_db()
    status = issue_status(issue)
    assert status.label
    assert status.sentence.endswith(".")
    assert "`" not in status.sentence


def test_the_command_line_says_that_settings_have_changed_since_the_approval(cli, issue):
    approve(issue)
    assert "Approved. This issue will be sent once" in cli("issues", "show", "1").out
    Publication.objects.update(organisation="Another Trust")
    found = cli("issues", "show", "1").out
    assert str(CHANGED_SINCE_APPROVAL) in " ".join(found.split())
    assert "Changed since approval" in found
    document = json.loads(cli("issues", "show", "1", "--json").out)
    assert document["changed_since_approval"] == approval_now(issue).changes != []
    # The scheduler ends the approval, and then its state says so.
    assert check_next_approval()
    assert "Draft. This issue will not be sent until somebody approves it." in cli("issues", "show", "1").out


def test_the_command_line_says_the_same_sentence(cli, issue):
    cancel_issue(issue)
    assert str(issue_status(issue)) in cli("issues", "show", "1").out
    assert not Mailing.objects.exists()
