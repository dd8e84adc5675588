"""A refusal of approval has a reason, goes back to the authors, and lasts until somebody asks for approval again."""

import pytest

from newsletter.accounts.actor import Actor, Role
from newsletter.errors import Invalid, Refused
from newsletter.issues.approvals import current_approval
from newsletter.issues.issue_audit import entries
from newsletter.issues.models import ApprovalRefusal, Issue
from newsletter.preflight.approval_steps import steps_before_sending
from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.scheduling.approval import approve
from newsletter.scheduling.refuse_approval import ask_for_approval, open_refusal, refuse_approval

pytestmark = pytest.mark.usefixtures("clock")


def test_a_refusal_has_a_reason_and_stands_until_approval_is_asked_for(issue, ruth, ann, by):
    by(ann, refuse_approval, issue, " The appeal names\r\nthe wrong charity. ")
    found = open_refusal(issue)
    assert (found.refused_by, found.reason) == ("ann", "The appeal names\nthe wrong charity.")
    by(ruth, ask_for_approval, issue)
    assert open_refusal(issue) is None
    assert ApprovalRefusal.objects.get().closed_at
    assert [(entry.actor, entry.act) for entry in entries(issue=issue)] == [
        ("ruth", "ask-approval"),
        ("ann", "refuse"),
    ]


@pytest.mark.parametrize("reason", ["", " \n", "x" * 1001, "\0\u202e"])
def test_a_refusal_without_a_reason_is_none(issue, ann, by, reason):
    with pytest.raises(Invalid, match="what has to change"):
        by(ann, refuse_approval, issue, reason)
    assert open_refusal(issue) is None


def test_a_refusal_ends_an_approval_that_stands(issue, ann, by, state_of):
    by(ann, approve, issue)
    by(ann, refuse_approval, issue, "The date is wrong.")
    assert state_of(issue) == Issue.State.DRAFT
    assert current_approval(issue) is None


def test_an_approval_closes_a_refusal(issue, ann, by):
    by(ann, refuse_approval, issue, "The date is wrong.")
    by(ann, approve, issue)
    assert open_refusal(issue) is None


def test_a_second_refusal_takes_the_place_of_the_first(issue, ann, by):
    by(ann, refuse_approval, issue, "The date is wrong.")
    by(ann, refuse_approval, issue, "So is the place.")
    assert open_refusal(issue).reason == "So is the place."
    assert ApprovalRefusal.objects.filter(closed_at=None).count() == 1


def test_the_review_says_why_the_issue_was_not_approved(issue, ann, by):
    by(ann, refuse_approval, issue, "The date is wrong.")
    said = [each.sentence for each in steps_before_sending(CheckedIssue(issue))]
    assert any("ann did not approve this issue. Reason: The date is wrong." in each for each in said)


@pytest.mark.parametrize("role", [Role.EDITOR, Role.AUTHOR, Role.SENDER, None])
def test_only_approvers_refuse(issue, by, role):
    with pytest.raises(Refused, match="Only an approver"):
        by(Actor("sam", frozenset({role} if role else ()), 9), refuse_approval, issue, "No.")


@pytest.mark.parametrize("role", [Role.APPROVER, Role.SENDER, None])
def test_only_who_can_write_asks_for_approval(issue, by, role):
    with pytest.raises(Refused, match="Only an author"):
        by(Actor("sam", frozenset({role} if role else ()), 9), ask_for_approval, issue)


def test_what_is_approved_needs_no_request(issue, ruth, ann, by):
    by(ann, approve, issue)
    with pytest.raises(Refused, match="already approved"):
        by(ruth, ask_for_approval, issue)


@pytest.mark.parametrize(
    ("state", "words"),
    [("sending", "is being sent"), ("sent", "has been sent"), ("cancelled", "has been cancelled")],
)
def test_what_was_sent_or_cancelled_is_neither_refused_nor_asked_about(issue, state, words):
    Issue.objects.update(state=state)
    issue.refresh_from_db()
    with pytest.raises(Refused, match=words):
        refuse_approval(issue, "Too late.")
    with pytest.raises(Refused, match=words):
        ask_for_approval(issue)
