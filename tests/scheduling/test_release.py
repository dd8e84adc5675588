"""On time, late within the grace, or not at all; once, whatever number of clocks ticks."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from newsletter.articles.models import Article
from newsletter.errors import Refused
from newsletter.issues.cancel_issue import cancel_issue
from newsletter.issues.edit_issue_texts import set_subject
from newsletter.issues.issue_audit import entries
from newsletter.issues.models import Approval, Issue, Item
from newsletter.scheduling.approval import approve, check_next_approval, withdraw_approval
from newsletter.scheduling.release import release_next_issue, release_now
from newsletter.scheduling.schedule import schedule_at
from newsletter.sending.batches import send_next_batch
from newsletter.sending.mailing_controls import pause_next_late_mailing, resume_mailing
from newsletter.sending.models import Mailing
from newsletter.sending.outcomes import NotSent
from newsletter.sending.outcomes import Rejected as AnswerRefused
from newsletter.sending.plan import plan_next_mailing
from newsletter.sending.reconcile_unknown_recipients import reconcile_mailings
from newsletter.sending.recover_abandoned_batches import recover_abandoned_batches
from newsletter.sending.retry_mailing import retry_mailing
from tests.frozen_emails import approved_email
from tests.full import every
from tests.sending.scripted_transport import answering, take_all

DUE = datetime(2026, 12, 1, 7, 30, tzinfo=UTC)


@pytest.fixture
def scheduled(clock, issue):
    approve(issue)
    schedule_at(issue, DUE)
    return issue


def tick():
    """What every clock does, until nothing is left."""
    tasks = (release_next_issue, plan_next_mailing, pause_next_late_mailing, send_next_batch)
    while sum(bool(task()) for task in tasks):
        pass


def test_nothing_goes_before_its_time(scheduled, clock, state_of):
    clock.move_to(DUE - timedelta(seconds=1))
    tick()
    assert state_of(scheduled) == Issue.State.SCHEDULED


@pytest.mark.parametrize("late", [timedelta(0), timedelta(minutes=1), timedelta(hours=1), timedelta(hours=2)])
def test_within_the_grace_it_goes_once(scheduled, clock, join, way_out, late, state_of):
    join("ana", "ben")
    clock.move_to(DUE + late)
    tick()
    tick()
    assert state_of(scheduled) == Issue.State.SENT
    assert sorted(way_out.taken.values()) == [1, 1]


@pytest.mark.parametrize("late", [timedelta(hours=2, seconds=1), timedelta(hours=3), timedelta(days=3)])
def test_later_than_the_grace_it_is_held_and_says_why(scheduled, clock, join, way_out, late, state_of):
    join("ana")
    clock.move_to(DUE + late)
    tick()
    assert state_of(scheduled) == Issue.State.BLOCKED
    assert "This issue was due at 07:30 on 1 December" in scheduled.blocked_reason
    assert "120 minutes" in scheduled.blocked_reason
    assert not way_out.taken


def test_a_grace_of_a_minute_is_said_in_the_singular(scheduled, clock, settings, join, way_out, state_of):
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"grace_minutes": 1})
    join("ana")
    clock.move_to(DUE + timedelta(minutes=2))
    tick()
    assert state_of(scheduled) == Issue.State.BLOCKED
    assert "until 07:32 on 1 December. That is more than 1 minute late (" in scheduled.blocked_reason


def test_the_grace_is_a_setting(scheduled, clock, settings, join, way_out, state_of):
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"grace_minutes": 600})
    join("ana")
    clock.move_to(DUE + timedelta(hours=9))
    tick()
    assert state_of(scheduled) == Issue.State.SENT


def test_a_held_issue_goes_when_a_person_says_so(scheduled, clock, join, way_out, state_of):
    join("ana")
    clock.move_to(DUE + timedelta(days=3))
    tick()
    release_now(scheduled)
    tick()
    assert state_of(scheduled) == Issue.State.SENT
    assert list(way_out.taken.values()) == [1]


def test_released_and_then_no_clock_for_days_it_is_held(scheduled, clock, join, way_out, state_of):
    join("ana")
    clock.move_to(DUE)
    assert release_next_issue()
    clock.shift(timedelta(days=3))
    tick()
    assert state_of(scheduled) == Issue.State.BLOCKED
    assert not way_out.taken


def test_planned_and_then_no_worker_for_days_it_pauses_until_somebody_resumes(
    scheduled, clock, join, way_out, state_of
):
    join("ana")
    clock.move_to(DUE)
    release_next_issue()
    plan_next_mailing()
    clock.shift(timedelta(days=3))
    assert send_next_batch() is None
    tick()
    mailing = Mailing.objects.get()
    assert mailing.state == Mailing.State.PAUSED
    assert "No emails were sent within the grace period" in mailing.pause_reason
    resume_mailing(mailing.pk, resumed_by="ann")
    tick()
    assert state_of(scheduled) == Issue.State.SENT


def test_what_has_begun_in_time_goes_on_however_long_it_takes(scheduled, clock, crowd, way_out, state_of):
    crowd(6)
    clock.move_to(DUE)
    release_next_issue()
    plan_next_mailing()
    assert send_next_batch()
    clock.shift(timedelta(days=3))
    tick()
    assert state_of(scheduled) == Issue.State.SENT
    assert len(way_out.taken) == 6


def test_an_issue_changed_after_approval_does_not_go(scheduled, clock, join, way_out, state_of):
    join("ana")
    Issue.objects.update(subject="By another way")
    clock.move_to(DUE)
    tick()
    assert state_of(scheduled) == Issue.State.BLOCKED
    assert "By another way" in scheduled.blocked_reason
    assert not way_out.taken
    with pytest.raises(Refused, match="Approve it first"):
        release_now(scheduled)


def test_a_letter_changed_behind_its_approval_does_not_go(scheduled, clock, join, way_out, state_of):
    join("ana")
    approval = Approval.objects.get()
    approved_email(approval)["html"] = approved_email(approval)["html"].replace("Tides", "Trades")
    approval.save()
    clock.move_to(DUE)
    tick()
    assert state_of(scheduled) == Issue.State.BLOCKED
    assert not way_out.taken


def test_not_approved_by_its_time_it_is_held(issue, clock, state_of):
    schedule_at(issue, DUE)
    clock.move_to(DUE)
    tick()
    assert state_of(issue) == Issue.State.BLOCKED
    assert "not approved in time" in issue.blocked_reason


def test_not_approved_by_the_deadline_it_is_held_before_its_time(issue, clock, state_of):
    schedule_at(issue, DUE, approve_by=DUE - timedelta(hours=1))
    clock.move_to(DUE - timedelta(hours=1, seconds=1))
    tick()
    assert state_of(issue) == Issue.State.DRAFT
    clock.shift(timedelta(seconds=1))
    tick()
    assert state_of(issue) == Issue.State.BLOCKED


def test_a_held_draft_can_be_worked_on_and_sent(issue, clock, join, way_out, state_of):
    join("ana")
    schedule_at(issue, DUE)
    clock.move_to(DUE)
    tick()
    set_subject(issue, "Ebb")
    tick()
    assert state_of(issue) == Issue.State.DRAFT
    approve(issue)
    release_now(issue)
    tick()
    assert state_of(issue) == Issue.State.SENT


def test_a_cancelled_issue_does_not_go(scheduled, clock, state_of):
    cancel_issue(scheduled)
    clock.move_to(DUE)
    tick()
    assert state_of(scheduled) == Issue.State.CANCELLED


def test_what_is_held_because_it_reached_nobody_is_retried_and_not_scheduled_anew(
    scheduled, clock, join, way_out, state_of
):
    join("ana")
    way_out.plan = answering(AnswerRefused("A wrong sender."))
    clock.move_to(DUE)
    tick()
    assert state_of(scheduled) == Issue.State.BLOCKED
    assert "retry" in scheduled.blocked_reason
    acts = (
        approve,
        withdraw_approval,
        cancel_issue,
        release_now,
        lambda issue: schedule_at(issue, DUE + timedelta(days=1)),
    )
    for act in (*acts, lambda issue: set_subject(issue, "Ebb")):
        with pytest.raises(Refused, match="is blocked, but its mailing did not reach anybody"):
            act(scheduled)
    Article.objects.update(title="Tides corrected")
    assert check_next_approval() is False
    way_out.plan = take_all
    retry_mailing(Mailing.objects.get().pk, retried_by="ann")
    tick()
    assert state_of(scheduled) == Issue.State.SENT


def test_approved_after_its_time_it_goes_within_the_grace(issue, clock, join, way_out, state_of):
    join("ana")
    schedule_at(issue, DUE)
    clock.move_to(DUE + timedelta(minutes=1))
    approve(issue)
    assert state_of(issue) == Issue.State.SCHEDULED
    tick()
    assert state_of(issue) == Issue.State.SENT


def test_approved_after_the_grace_it_is_held_and_not_forgotten(issue, clock, join, way_out, state_of):
    join("ana")
    schedule_at(issue, DUE)
    clock.move_to(DUE + timedelta(hours=3))
    approve(issue)
    tick()
    assert state_of(issue) == Issue.State.BLOCKED
    assert not way_out.taken


def test_what_the_way_out_puts_off_beyond_the_grace_has_not_begun(scheduled, clock, join, way_out):
    join("ana")
    way_out.plan = answering(NotSent("Fewer requests, please.", retry_after=3_600))
    clock.move_to(DUE)
    for _ in range(4):
        tick()
        clock.shift(timedelta(hours=1, minutes=20))
    way_out.plan = take_all
    tick()
    assert Mailing.objects.get().state == Mailing.State.PAUSED
    assert not way_out.taken


def test_a_fault_in_one_issue_keeps_no_other_from_going(scheduled, clock, publication, join, way_out):
    join("ana")
    other = Issue.objects.create(publication=publication, number=2, subject="Ebb", composed_at=DUE)
    Item.objects.create(issue=other, article=scheduled.items.get().article, lead=True)
    approve(other)
    schedule_at(other, DUE + timedelta(minutes=1))
    Approval.objects.filter(issue=scheduled).update(emails=[{"email": {"of": "another time"}}])
    clock.move_to(DUE + timedelta(minutes=1))
    tick()
    other.refresh_from_db()
    assert other.state == Issue.State.SENT
    scheduled.refresh_from_db()
    assert scheduled.state == Issue.State.BLOCKED
    assert "We could not read this stored email" in scheduled.blocked_reason


def test_sent_by_hand_on_a_later_day_it_is_dated_so(issue, clock):
    approve(issue)
    clock.shift(timedelta(days=3))
    release_now(issue)
    assert "3 December 2026" in approved_email(Approval.objects.get())["text"]


def test_of_several_that_are_due_each_goes(scheduled, clock, publication, join, way_out):
    join("ana")
    other = Issue.objects.create(publication=publication, number=2, subject="Ebb", composed_at=DUE)
    Item.objects.create(issue=other, article=scheduled.items.get().article, lead=True)
    approve(other)
    schedule_at(other, DUE + timedelta(minutes=1))
    clock.move_to(DUE + timedelta(minutes=1))
    tick()
    assert {each.state for each in Issue.objects.all()} == {Issue.State.SENT}


def test_the_log_tells_the_whole_story(scheduled, clock, join, way_out):
    join("ana")
    clock.move_to(DUE)
    tick()
    told = [(entry.actor, entry.act) for entry in entries(issue=scheduled)]
    assert told == [("the system", act) for act in ("mailing-plan", "release", "date", "schedule", "approve")]


class Killed(BaseException):
    """The process ends here: nothing of ours catches it."""


def kill_at(number):
    """Kill whoever runs the statement of that number. What is open then, the database takes back by itself."""
    left = iter(range(number))
    dead = []

    def run(execute, sql, params, many, context):
        taken_back = dead and sql.startswith(("ROLLBACK", "RELEASE"))
        if not taken_back and next(left, None) is None:
            dead.append(sql)
            raise Killed
        return execute(sql, params, many, context)

    return connection.execute_wrapper(run)


def test_killed_at_any_statement_of_a_release_it_goes_once(scheduled, clock, join, way_out, state_of):
    join("ana", "ben", "cem", "dora", "eve")
    clock.move_to(DUE)
    for number in every(7):
        with transaction.atomic():
            try:
                with kill_at(number):
                    tick()
            except Killed:
                killed = True
            else:
                killed = False
            clock.shift(timedelta(minutes=2))
            recover_abandoned_batches()
            reconcile_mailings()
            tick()
            assert state_of(scheduled) == Issue.State.SENT, number
            assert sorted(way_out.taken.values()) == [1] * 5, number
            assert [entry.act for entry in entries(issue=scheduled)].count("release") == 1
            transaction.set_rollback(True)
        way_out.taken.clear()
        clock.move_to(DUE)
        if not killed:
            break
    assert number > 50
