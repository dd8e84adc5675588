"""Planning: all of it or nothing, everybody once, nobody who said no."""

import re

import pytest
from django.db import IntegrityError, transaction

from newsletter.errors import Refused
from newsletter.issues.models import Issue
from newsletter.scheduling.approval import approve
from newsletter.scheduling.release import release_now
from newsletter.sending.models import Batch, Mailing, Recipient
from newsletter.sending.plan import plan_mailing, plan_next_mailing
from newsletter.sending.recipient_counts import RecipientCounts, count_recipients
from newsletter.sending.stored_variants import emails_of
from tests.frozen_emails import mailed_email
from tests.sending.planned_mailing import planned_mailing


def planned_names(mailing):
    return {each.subscriber.first_name for each in Recipient.objects.filter(batch__mailing=mailing)}


def test_everybody_who_is_active_is_planned_once(issue, join, way_out):
    join("ana", "ben", "cem", "dora", "eve")
    mailing = planned_mailing(issue, planned_by="edda")
    assert planned_names(mailing) == {"Ana", "Ben", "Cem", "Dora", "Eve"}
    assert count_recipients(mailing) == RecipientCounts(audience=5, waiting=5)
    assert [batch.recipients.count() for batch in mailing.batches.all()] == [4, 1]
    issue.refresh_from_db()
    assert issue.state == Issue.State.SENDING


@pytest.mark.parametrize(
    ("people", "batches"), [(1, [1]), (4, [4]), (5, [4, 1]), (8, [4, 4]), (401, [4] * 100 + [1])]
)
def test_batches_are_full_but_the_last(issue, crowd, way_out, people, batches):
    crowd(people)
    mailing = planned_mailing(issue)
    assert [batch.recipients.count() for batch in mailing.batches.all()] == batches
    assert mailing.audience == people


def test_a_list_that_grows_while_it_is_planned_loses_nobody(issue, crowd, join, way_out, monkeypatch):
    crowd(4)
    real = Batch.objects.bulk_create

    def somebody_joins(batches, **options):
        join("late")
        return real(batches, **options)

    monkeypatch.setattr(Batch.objects, "bulk_create", somebody_joins)
    mailing = planned_mailing(issue)
    assert mailing.audience == 5
    assert count_recipients(mailing) == RecipientCounts(audience=5, waiting=5)


def test_the_letter_is_frozen_with_its_digest(issue, join, way_out):
    join("ana")
    mailing = planned_mailing(issue)
    assert emails_of(mailing).digest == mailing.digest
    issue.subject = "Changed afterwards"
    issue.save()
    assert "Changed" not in mailed_email(mailing)["subject"]


@pytest.mark.parametrize("state", [Issue.State.SENT, Issue.State.CANCELLED])
def test_an_issue_that_must_not_go_is_refused(issue, join, way_out, state):
    join("ana")
    Issue.objects.update(state=state)
    with pytest.raises(Refused, match=re.escape(issue.State(state).label.lower())):
        planned_mailing(issue)
    assert not Mailing.objects.exists()


def test_an_issue_is_planned_only_once(mailing, issue):
    with pytest.raises(Refused):
        planned_mailing(issue)
    assert Mailing.objects.count() == 1


def test_the_database_itself_refuses_a_second_recipient(mailing, issue):
    first = Recipient.objects.first()
    with pytest.raises(IntegrityError), transaction.atomic():
        Recipient.objects.create(mailing=mailing, issue=issue, batch=first.batch, subscriber=first.subscriber)


def test_an_empty_issue_is_refused_with_a_sentence(issue, join, way_out):
    join("ana")
    issue.items.all().delete()
    with pytest.raises(Refused, match="is empty"):
        planned_mailing(issue)
    issue.refresh_from_db()
    assert issue.state == Issue.State.DRAFT


def test_an_empty_list_is_refused_and_leaves_nothing_behind(issue, way_out):
    with pytest.raises(Refused, match=r"Nobody would receive .* “Readers”"):
        planned_mailing(issue)
    issue.refresh_from_db()
    assert issue.state == Issue.State.APPROVED
    assert not Mailing.objects.exists()
    assert not Batch.objects.exists()


def test_planning_neither_approves_nor_releases(issue, join, way_out):
    join("ana")
    for prepare in (lambda: None, lambda: approve(issue)):
        prepare()
        with pytest.raises(Refused, match="Start sending the issue first, or wait for its scheduled time"):
            plan_mailing(issue)
        assert not Mailing.objects.exists()


def test_what_a_schedule_released_is_planned(issue, join, way_out):
    join("ana")
    assert plan_next_mailing() is None
    approve(issue)
    release_now(issue)
    assert plan_next_mailing().issue == issue
    assert plan_next_mailing() is None


def test_what_cannot_be_planned_is_held_with_the_reason_and_holds_up_nothing_else(issue, way_out):
    approve(issue)
    release_now(issue)
    assert plan_next_mailing() is None
    issue.refresh_from_db()
    assert issue.state == Issue.State.BLOCKED
    assert "no active subscriber" in issue.blocked_reason


def test_planning_takes_no_more_queries_for_many_people(issue, crowd, way_out, django_assert_max_num_queries):
    crowd(2_000)
    way_out.batch_size = 1_000
    with django_assert_max_num_queries(110):
        planned_mailing(issue)
