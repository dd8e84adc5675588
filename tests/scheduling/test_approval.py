"""What was approved is what goes: any change ends the approval, and says what is other."""

from datetime import date, timedelta

import pytest

from newsletter.accounts.actor import Actor, Role
from newsletter.articles.models import Article
from newsletter.errors import Refused
from newsletter.issues.approvals import current_approval
from newsletter.issues.change_publications import edit_block, edit_publication
from newsletter.issues.edit_issue_blocks import add_block, remove_own_block
from newsletter.issues.edit_issue_texts import set_opening, set_subject
from newsletter.issues.issue_audit import entries
from newsletter.issues.models import Approval, AuditEntry, Issue, Publication, StandingBlock
from newsletter.rendering.email import Email
from newsletter.rendering.email_set import stored_emails
from newsletter.scheduling.approval import (
    approve,
    check_next_approval,
    why_not_approve,
    withdraw_approval,
)
from newsletter.scheduling.changes_since_approval import changes_since
from newsletter.scheduling.schedule import schedule_at, send_after_undo_window
from tests.frozen_emails import approved_email

pytestmark = pytest.mark.usefixtures("clock")


def acts(issue):
    return [entry.act for entry in entries(issue=issue)]


def test_approving_freezes_the_letter_and_says_who_did(issue, ann, by, state_of):
    approval = by(ann, approve, issue)
    assert state_of(issue) == Issue.State.APPROVED
    assert approval.approved_by == "ann"
    assert stored_emails(approval.emails, approval.digest).digest == approval.digest
    assert acts(issue) == ["approve"]


def test_approving_the_same_twice_makes_one_approval(issue, ann, by):
    omar = Actor("omar", frozenset({Role.APPROVER}), 3)
    first = by(ann, approve, issue)
    assert by(ann, approve, issue) == first
    assert acts(issue) == ["approve"]
    assert by(omar, approve, issue) != first, "Somebody else stands by it now."
    other_day = by(omar, approve, issue, day=first.day + timedelta(days=1))
    assert current_approval(issue) == other_day
    assert Approval.objects.count() == 3


def test_an_editor_does_not_approve(issue, ruth, by, state_of):
    with pytest.raises(Refused, match="Only an approver can"):
        by(ruth, approve, issue)
    assert state_of(issue) == Issue.State.DRAFT


@pytest.mark.parametrize(
    ("state", "words"),
    [("sending", "is being sent"), ("sent", "has been sent"), ("cancelled", "has been cancelled")],
)
def test_what_has_gone_or_was_given_up_is_not_approved(issue, state, words):
    Issue.objects.update(state=state)
    with pytest.raises(Refused, match=words):
        approve(issue)


def test_an_issue_without_articles_is_approved_once_it_has_a_block_or_an_introduction(issue, state_of):
    issue.items.all().delete()
    with pytest.raises(Refused, match="is empty"):
        approve(issue)
    assert "is empty" in why_not_approve(issue)
    key = add_block(issue, "appeal", title="The flood", body="Please help today.", data={})
    approve(issue)
    assert state_of(issue) == Issue.State.APPROVED
    remove_own_block(issue, key)
    assert state_of(issue) == Issue.State.DRAFT
    set_opening(issue, "The harbour is flooded.")
    assert "The harbour is flooded." in approve(issue).emails[0]["email"]["html"]


def test_an_edit_reopens_it_and_the_log_says_why(issue, ann, ruth, by, state_of):
    by(ann, approve, issue)
    by(ruth, set_subject, issue, "Ebb")
    assert state_of(issue) == Issue.State.DRAFT
    assert current_approval(issue) is None
    assert Approval.objects.get().withdrawn_reason == "Changed the subject."
    assert [(entry.actor, entry.act) for entry in entries(issue=issue)] == [
        ("ruth", "reopen"),
        ("ruth", "edit"),
        ("ann", "approve"),
    ]


def a_block(publication):
    edit_block(publication, "help", {"kind": "notice", "title": "Help us", "body": "We need a boat."})


def a_sender(publication):
    edit_publication(publication, {"sender_name": "Somebody else"})


def an_article(_publication):
    Article.objects.update(title="Tides corrected")


def a_withdrawal(_publication):
    from django.utils import timezone

    Article.objects.update(withdrawn_at=timezone.now())


def the_row_itself(_publication):
    Issue.objects.update(subject="By another way")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (a_block, "We need a boat."),
        (a_sender, "The sender's name changed from “Harbour” to “Somebody else”."),
        (an_article, "Tides corrected"),
        (a_withdrawal, "is empty"),
        (the_row_itself, "The subject changed from “Tides” to “By another way”."),
    ],
)
def test_whatever_changes_the_letter_reopens_it_by_itself_and_is_said(issue, change, said, state_of):
    approve(issue)
    assert check_next_approval() is False
    change(issue.publication)
    assert check_next_approval() is True
    assert state_of(issue) == Issue.State.DRAFT
    assert said in Approval.objects.get().withdrawn_reason
    assert check_next_approval() is False


def test_a_letter_that_was_tampered_with_is_not_what_was_approved(issue):
    approval = approve(issue)
    approved_email(approval)["html"] += "<p>One more line.</p>"
    assert changes_since(approval, approval.day) == ["The stored email is not the one that was approved."]


def test_approving_anew_leaves_one_approval_standing(issue):
    approve(issue)
    set_opening(issue, "Dear reader")
    approve(issue)
    assert Approval.objects.count() == 2
    assert "Dear reader" in Email.from_dict(approved_email(current_approval(issue))).text


def test_an_approval_can_be_taken_back(issue, ann, ruth, by, state_of):
    by(ann, approve, issue)
    with pytest.raises(Refused, match="approver role"):
        by(ruth, withdraw_approval, issue)
    by(ann, withdraw_approval, issue)
    assert state_of(issue) == Issue.State.DRAFT
    with pytest.raises(Refused, match="no approval"):
        by(ann, withdraw_approval, issue)


def test_scheduled_for_another_day_only_its_date_changes(issue, clock, state_of):
    today = approve(issue)
    assert "30 November 2026" in approved_email(today)["text"]
    schedule_at(issue, clock_now() + timedelta(days=3))
    assert state_of(issue) == Issue.State.SCHEDULED
    approval = current_approval(issue)
    assert approval.day == date(2026, 12, 3)
    assert "3 December 2026" in approved_email(approval)["text"]
    assert "30 November 2026" not in approved_email(approval)["html"]
    assert check_next_approval() is False


def test_scheduled_for_a_day_on_which_a_block_is_gone_it_must_be_approved_anew(issue, state_of):
    StandingBlock.objects.create(
        publication=issue.publication,
        name="appeal",
        kind="notice",
        body="Only this week: open day.",
        ends_on=date(2026, 12, 1),
    )
    approve(issue)
    schedule_at(issue, clock_now() + timedelta(days=3))
    assert state_of(issue) == Issue.State.DRAFT
    assert "Removed: “Only this week: open day.”" in Approval.objects.get().withdrawn_reason
    approve(issue)
    assert state_of(issue) == Issue.State.SCHEDULED


def clock_now():
    from django.utils import timezone

    return timezone.now()


class TestASecondPerson:
    @pytest.fixture(autouse=True)
    def asked_for(self, issue):
        Publication.objects.update(four_eyes=True)
        issue.publication.refresh_from_db()

    def test_whoever_changed_it_does_not_approve_it(self, issue, ann, by, state_of):
        by(ann, set_subject, issue, "Ebb")
        with pytest.raises(Refused, match="ann worked on issue 1"):
            by(ann, approve, issue)
        assert state_of(issue) == Issue.State.DRAFT

    def test_whoever_composed_it_does_not_either(self, issue, ann, by):
        from newsletter.issues.compose import compose

        Article.objects.create(
            source=Article.objects.get().source, identity="b", title="Second", found_at=clock_now()
        )
        second = by(ann, compose, issue.publication)
        with pytest.raises(Refused, match="somebody else must approve this one"):
            by(ann, approve, second)

    def test_somebody_else_does(self, issue, ann, ruth, by, state_of):
        by(ruth, set_subject, issue, "Ebb")
        by(ann, approve, issue)
        assert state_of(issue) == Issue.State.APPROVED

    def test_what_stands_in_every_issue_is_work_on_each(self, issue, ann, ruth, by, state_of):
        by(ann, edit_block, issue.publication, "help", {"kind": "notice", "title": "Help", "body": "A boat."})
        with pytest.raises(Refused, match="ann worked on"):
            by(ann, approve, issue)

    def test_asked_for_only_since_then_an_approval_of_ones_own_no_longer_stands(
        self, issue, ann, by, state_of
    ):
        Publication.objects.update(four_eyes=False)
        by(ann, set_subject, issue, "Ebb")
        by(ann, approve, issue)
        Publication.objects.update(four_eyes=True)
        issue.publication.refresh_from_db()
        with pytest.raises(Refused, match="A second person must approve this issue"):
            by(ann, send_after_undo_window, issue)
        assert check_next_approval()
        assert state_of(issue) == Issue.State.DRAFT

    def test_a_new_name_is_no_second_person(self, issue, ann, by):
        from dataclasses import replace

        by(ann, set_subject, issue, "Ebb")
        with pytest.raises(Refused, match="worked on"):
            by(replace(ann, name="bea"), approve, issue)

    def test_nor_are_the_press_and_whoever_has_the_shell(self, issue):
        from newsletter.cli.command_actor import at_the_machine

        with pytest.raises(Refused, match="we need to know who you are"):
            approve(issue)
        from newsletter.accounts.actor import acting_as

        with acting_as(at_the_machine()):
            for act in (lambda: approve(issue), lambda: set_subject(issue, "x")):
                with pytest.raises(Refused, match="--as NAME"):
                    act()

    def test_sending_is_no_way_around(self, issue, join, way_out, ann, by, state_of):
        from tests.sending.planned_mailing import planned_mailing

        join("ana")
        by(ann, set_subject, issue, "Ebb")
        with pytest.raises(Refused, match="ann worked on"):
            by(ann, planned_mailing, issue)
        with pytest.raises(Refused, match="need to know who you are"):
            planned_mailing(issue)
        assert state_of(issue) == Issue.State.DRAFT


def test_the_log_is_only_added_to(issue):
    approve(issue)
    entry = AuditEntry.objects.get()
    entry.sentence = "Nothing happened."
    with pytest.raises(Refused, match="cannot be changed"):
        entry.save()
    with pytest.raises(Refused, match="cannot be removed"):
        entry.delete()
