"""Each act says why it cannot be done in the sentence that a page shows, and the two never differ."""

from datetime import UTC, datetime

import pytest

from newsletter.errors import Refused
from newsletter.issues.cancel_issue import cancel_issue, why_not_cancel
from newsletter.issues.edit_issue_texts import set_subject
from newsletter.issues.locked_draft import why_not_edit
from newsletter.issues.models import Issue
from newsletter.scheduling.approval import approve, why_not_approve, why_not_withdraw, withdraw_approval
from newsletter.scheduling.schedule import (
    schedule_at,
    send_after_undo_window,
    unschedule,
    why_not_schedule,
    why_not_send,
    why_not_unschedule,
)

pytestmark = pytest.mark.usefixtures("clock")
TO_COME = datetime(2026, 12, 1, 7, 30, tzinfo=UTC)

ACTS = {
    "edit": (lambda issue: set_subject(issue, "Ebb"), why_not_edit),
    "approve": (approve, why_not_approve),
    "withdraw": (withdraw_approval, why_not_withdraw),
    "send": (send_after_undo_window, why_not_send),
    "schedule": (lambda issue: schedule_at(issue, TO_COME), why_not_schedule),
    "unschedule": (unschedule, why_not_unschedule),
    "cancel": (cancel_issue, why_not_cancel),
}


def a_draft(_issue):
    pass


def an_approved_one(issue):
    approve(issue)


def a_scheduled_one(issue):
    approve(issue)
    schedule_at(issue, TO_COME)


def a_changed_one(issue):
    approve(issue)
    Issue.objects.update(subject="By another way")


def a_cancelled_one(issue):
    cancel_issue(issue)


SITUATIONS = (a_draft, an_approved_one, a_scheduled_one, a_changed_one, a_cancelled_one)


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("who", ["ruth", "ann"])
def test_an_act_is_refused_with_the_sentence_that_its_page_shows(issue, by, request, act, situation, who):
    actor = request.getfixturevalue(who)
    situation(issue)
    issue.refresh_from_db()
    do, why_not = ACTS[act]
    sentence = by(actor, why_not, issue)
    if not sentence:
        by(actor, do, issue)
        return
    with pytest.raises(Refused) as refused:
        by(actor, do, issue)
    assert str(refused.value) == sentence
    assert "`newsletter" not in sentence


def test_an_editor_may_not_approve_and_an_approver_may_send_only_what_is_approved(issue, ruth, ann, by):
    assert "Only an approver" in by(ruth, why_not_approve, issue)
    assert by(ann, why_not_approve, issue) == ""
    assert "is not approved. Approve it first." in by(ann, why_not_send, issue)
    by(ann, approve, issue)
    assert by(ann, why_not_send, issue) == ""
