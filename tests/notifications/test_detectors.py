"""What editors are told: each thing once, in words, and nothing that is old, over or known already."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.articles.models import Source
from newsletter.issues.approvals import reopen_issue
from newsletter.issues.edit_issue_texts import set_subject
from newsletter.issues.models import Approval, AuditEntry, Issue
from newsletter.notifications.models import Notification
from newsletter.notifications.write_notifications import write_next_notification
from newsletter.scheduling import approval
from newsletter.scheduling.draft_occurrences import draft_next_occurrence
from newsletter.scheduling.occurrence_overrides import skip_date
from newsletter.scheduling.release import block_issue as hold_it
from newsletter.sending import mailing_controls, retry_mailing
from newsletter.sending.batches import send_next_batch
from newsletter.sending.models import Decision, FailingWork
from newsletter.sending.outcomes import RecipientsOutcome, Rejected
from tests.sending.planned_mailing import planned_mailing

pytestmark = pytest.mark.django_db
ISSUE = "issue 1 of The Harbour Letter"


@pytest.fixture
def mailing(clock, issue, join, way_out):
    join("ana", "ben", "cem", "dora", "eve")
    return planned_mailing(issue)


@pytest.fixture
def ring(clock):
    """Set the clock, in UTC, and let series draft until nothing is left: `ring("2026-12-01T07:30")`."""

    def until_nothing_is_left(text):
        clock.move_to(datetime.fromisoformat(text).replace(tzinfo=UTC))
        while draft_next_occurrence():
            pass

    return until_nothing_is_left


def hold(issue, because):
    with transaction.atomic():
        hold_it(issue, because)


def approve(issue):
    Approval.objects.create(
        issue=issue, emails=[], digest="", day=timezone.now(), approved_by="omar", approved_at=timezone.now()
    )
    issue.state = Issue.State.APPROVED
    issue.save()


def test_nothing_happened_and_nothing_is_told(clock, issue, told):
    assert told() == []


def test_a_draft_of_a_series_is_told_once(tuesdays, publish, ring, write):
    tuesdays()
    publish(1)
    ring("2026-12-01T07:30")
    [notification] = write()
    assert (notification.kind, notification.subject) == ("issue.drafted", "Drafted: issue 1 of Weekly")
    assert notification.text.startswith(
        "An issue has been drafted for the recurring issue “weekly”: “Piece 1”. "
        "This issue will not be sent until somebody approves it."
    )
    assert notification.link == "/desk/issues/weekly/1/"
    assert write() == []


def test_a_draft_that_goes_once_it_is_approved_waits_for_you(tuesdays, publish, ring, write):
    tuesdays("approve", approve_by_minutes=60)
    publish(1)
    ring("2026-11-30T12:00")
    [notification] = write()
    assert (notification.kind, notification.subject) == (
        "issue.waiting",
        "Needs approval: issue 1 of Weekly",
    )
    assert (
        "This issue will be sent on Tuesday 1 December at 07:30 GMT (Europe/London) if somebody approves it by"
        in notification.text
    )


def test_what_was_approved_meanwhile_does_not_wait(tuesdays, publish, ring, write):
    tuesdays("approve")
    publish(1)
    ring("2026-11-30T12:00")
    approve(Issue.objects.get())
    assert [each.kind for each in write()] == ["issue.drafted"]


def test_what_goes_by_itself_says_when(tuesdays, publish, ring, write):
    tuesdays("send")
    publish(1)
    ring("2026-12-01T07:20")
    [notification] = write()
    assert notification.kind == "issue.drafted"
    assert (
        "This issue will be sent on Tuesday 1 December at 07:30 GMT (Europe/London) to" in notification.text
    )


def test_a_draft_that_came_too_late_is_told_as_held(tuesdays, publish, ring, write):
    tuesdays("approve")
    publish(1)
    ring("2026-12-01T08:00")
    held, drafted = write()
    assert (held.kind, drafted.kind) == ("issue.blocked", "issue.drafted")
    assert "too late to be approved in time" in held.text
    assert drafted.text.endswith("Approve it, then send it or choose another time.")


def test_a_time_without_an_issue_is_told_with_its_reason(tuesdays, ring, write):
    tuesdays()
    ring("2026-12-01T07:30")
    [notification] = write()
    assert (notification.kind, notification.subject) == ("issue.skipped", "Skipped: an issue of Weekly")
    assert "Skipped Tuesday 1 December 2026" in notification.text
    assert notification.link == "/desk/publications/weekly/series/"
    assert write() == []


def test_times_that_no_clock_kept_are_told_when_one_runs_again(tuesdays, publish, ring, told):
    tuesdays()
    publish(1)
    assert told() == []
    ring("2026-12-17T09:00")
    assert told() == [
        ("issue.drafted", "Drafted: issue 1 of Weekly"),
        ("issue.skipped", "Missed: an issue of Weekly"),
        ("issue.skipped", "Missed: an issue of Weekly"),
    ]


def test_who_leaves_a_time_out_knows_it(tuesdays, publish, ring, told):
    skip_date(tuesdays())
    publish(1)
    ring("2026-12-01T07:30")
    assert told() == []


def test_an_issue_whose_approval_ended_waits_for_you(clock, issue, write):
    approve(issue)
    reopen_issue(issue, "The subject was changed.")
    [notification] = write()
    assert (notification.kind, notification.subject) == ("issue.waiting", f"No longer approved: {ISSUE}")
    assert "The subject was changed." in notification.text
    reopen_issue(issue, "The opening was changed.")
    assert write() == []


def test_it_does_not_wait_if_somebody_approved_it_again_before_anybody_was_told(clock, issue, told):
    approve(issue)
    reopen_issue(issue, "The subject was changed.")
    approve(issue)
    assert told() == []


def test_an_approval_that_another_replaced_is_not_told_when_the_last_one_ends(clock, issue, write):
    for number in (1, 2):
        with acting_as(Actor(f"approver {number}", frozenset({Role.APPROVER}), number)):
            approval.approve(issue)
    with acting_as(Actor("ruth", frozenset({Role.EDITOR}), 3)):
        set_subject(issue, "Another subject")
    assert AuditEntry.objects.filter(act="reopen").count() == 2
    [notification] = write()
    assert "approved again" not in notification.text
    assert write() == []


def test_a_held_issue_is_told_with_the_reason_and_again_when_it_is_held_again(clock, issue, write):
    hold(issue, "It was not approved in time.")
    [notification] = write()
    assert (notification.kind, notification.subject) == ("issue.blocked", f"Blocked: {ISSUE}")
    assert "It was not approved in time." in notification.text
    assert write() == []
    hold(issue, "It was not approved in time.")
    assert len(write()) == 1


def test_an_issue_that_reached_nobody_is_told_again_when_a_retry_ends_the_same_way(
    clock, mailing, way_out, write
):
    way_out.plan = lambda post: [
        RecipientsOutcome(
            [each.recipient for each in post.envelopes], Rejected("550 <ana@example.org> unknown")
        )
    ]
    while send_next_batch():
        pass
    [notification] = write()
    assert notification.subject == f"Blocked: {ISSUE}"
    assert "Nobody received this issue. Recipients: 5. Rejected: 5. Left out: 0" in notification.text
    assert write() == []
    clock.shift(timedelta(minutes=5))
    retry_mailing.retry_mailing(mailing.pk, retried_by="omar")
    while send_next_batch():
        pass
    assert [each.subject for each in write()] == [f"Blocked: {ISSUE}"]


def test_every_pause_by_the_press_is_told_once_with_its_reason(mailing, write):
    mailing_controls.pause_mailing(mailing.pk, "3 hard bounces of 100: clean the list.")
    [notification] = write()
    assert (notification.kind, notification.subject) == ("mailing.paused", f"Sending paused: {ISSUE}")
    assert "3 hard bounces of 100: clean the list." in notification.text
    assert write() == []
    mailing_controls.resume_mailing(mailing.pk, resumed_by="omar")
    mailing_controls.pause_mailing(mailing.pk, "9 complaints.")
    assert Decision.objects.filter(act="pause").count() == 2
    assert len(write()) == 1


def test_a_person_who_pauses_knows_it(mailing, told):
    with acting_as(Actor("omar", frozenset({Role.EDITOR, Role.APPROVER, Role.SENDER}))):
        mailing_controls.pause_mailing(mailing.pk, "A wrong headline", paused_by="omar")
    assert told() == []


def test_figures_come_an_hour_and_a_day_after_a_mailing_ended(clock, mailing, write):
    clock.shift(timedelta(minutes=30))
    while send_next_batch():
        pass
    clock.shift(timedelta(minutes=59))
    assert write() == []
    clock.shift(timedelta(minutes=1))
    [hour] = write()
    assert (hour.kind, hour.subject) == ("mailing.figures", f"Sent: {ISSUE}, figures after an hour")
    assert "an hour after it was sent" in hour.text
    assert (hour.data["figures"]["accepted"], hour.data["after_hours"]) == (5, 1)
    clock.shift(timedelta(hours=22, minutes=59))
    assert write() == []
    clock.shift(timedelta(minutes=1))
    [day] = write()
    assert "a day after it was sent" in day.text
    clock.shift(timedelta(days=2))
    assert write() == []


def test_of_a_mailing_that_still_goes_they_count_from_its_first_post(clock, mailing, write):
    assert send_next_batch()
    clock.shift(timedelta(hours=1))
    [notification] = write()
    assert "It is still being sent" in notification.text
    assert notification.data["figures"]["waiting"] == 1
    while send_next_batch():
        pass
    clock.shift(timedelta(hours=2))
    assert write() == []


def test_a_mailing_of_which_nothing_has_gone_has_no_figures(clock, mailing, told):
    clock.shift(timedelta(hours=2))
    assert told() == []


def test_a_day_late_the_figures_of_the_first_hour_are_no_news(clock, mailing, write):
    while send_next_batch():
        pass
    clock.shift(timedelta(hours=30))
    assert [each.data["after_hours"] for each in write()] == [24]


def test_a_source_is_told_after_a_day_and_again_only_once_it_had_recovered(clock, failing_source, write):
    source = failing_source(23.9)
    assert write() == []
    clock.shift(timedelta(minutes=6))
    [notification] = write()
    assert (notification.kind, notification.subject) == ("source.failing", "Source failing: tides")
    assert "(404)" in notification.text
    clock.shift(timedelta(days=3))
    assert write() == []
    source.failing_since = timezone.now()
    source.save()
    clock.shift(timedelta(hours=24))
    assert len(write()) == 1


def test_a_changed_source_is_told_once_and_again_when_it_changes_again(
    clock, people, send, write, mailoutbox
):
    source = Source.objects.create(
        name="tides",
        location="https://tides.example.org/feed",
        change="Most entries no longer have any text.",
        changed_since=timezone.now(),
    )
    [notification] = write()
    assert (notification.kind, notification.subject) == ("source.changed", "Source changed: tides")
    assert "no longer have any text" in notification.text
    send()
    assert {mail.to[0] for mail in mailoutbox} == {"boss@example.org", "ruth@example.org"}
    clock.shift(timedelta(days=3))
    assert write() == []
    Source.objects.filter(pk=source.pk).update(changed_since=timezone.now())
    assert len(write()) == 1


def test_a_source_that_was_removed_fails_nobody(clock, failing_source, told):
    source = failing_source(30)
    source.active = False
    source.save()
    assert told() == []


def test_what_was_old_when_telling_began_is_not_told(clock, issue, mailing, failing_source, told):
    while send_next_batch():
        pass
    failing_source(30)
    hold(issue, "A wrong headline.")
    clock.shift(timedelta(days=4, hours=1))
    assert told() == []


def test_what_happened_while_the_clock_stood_still_is_told_when_it_goes_again(clock, issue, told):
    assert told() == []
    hold(issue, "It was late.")
    clock.shift(timedelta(days=10))
    assert told() == [("issue.blocked", f"Blocked: {ISSUE}")]


def test_addresses_in_what_others_said_are_left_out(mailing, write):
    mailing_controls.pause_mailing(
        mailing.pk, "The server said: 550 <ana@example.org>: no such user ben@example.org."
    )
    [notification] = write()
    assert "example.org" not in notification.text + str(notification.data)
    assert "550 <(address)>: no such user (address)" in notification.text


def test_to_look_for_news_takes_few_statements_and_reads_no_letter(
    mailing, told, django_assert_max_num_queries
):
    told()
    # At least one for each detector.
    with django_assert_max_num_queries(25) as queries:
        assert not write_next_notification()
    assert "newsletter_variant" not in str(queries.captured_queries)


@pytest.fixture
def fails(clock):
    """Work fails from now on: `fails("post")`."""

    def write_down(name):
        now = timezone.now()
        FailingWork.objects.create(
            name=name, since=now, failed_at=now, times=9, error="OSError: No space left"
        )

    return write_down


def go_on(clock, **time):
    """Let time pass while all that fails goes on failing."""
    clock.shift(timedelta(**time))
    FailingWork.objects.filter(recovered_at=None).update(failed_at=timezone.now())


def test_however_much_fails_it_is_told_once_and_again_after_hours(clock, people, fails, write):
    for name in ("post", "fold", "plan"):
        fails(name)
    [notification] = write()
    assert (notification.kind, notification.subject) == ("work.failing", "Task failing: post")
    assert "fold (9 times)" in notification.text
    assert "No space left" in notification.text
    assert [mail.user.username for mail in notification.mails.all()] == ["boss"]
    for _ in range(5):
        go_on(clock, hours=1)
        assert write() == []
    go_on(clock, hours=1)
    assert [notification.kind for notification in write()] == ["work.failing"]


def test_that_all_of_it_is_well_is_told_once_when_it_has_lasted(clock, people, fails, told):
    fails("post")
    told()
    go_on(clock, minutes=5)
    FailingWork.objects.update(recovered_at=timezone.now())
    clock.shift(timedelta(minutes=5))
    assert told() == []
    clock.shift(timedelta(minutes=6))
    assert told() == [("work.well", "Working again: post")]
    clock.shift(timedelta(hours=9))
    assert told() == []


def test_work_that_nobody_tries_any_more_is_not_told_for_ever(clock, people, fails, told):
    fails("post")
    assert [kind for kind, _subject in told()] == ["work.failing"]
    clock.shift(timedelta(hours=13))
    assert "work.failing" not in [kind for kind, _subject in told()]


def test_one_kind_that_cannot_be_read_keeps_no_other_from_being_told(clock, fails, people, write):
    AuditEntry.objects.create(
        at=timezone.now(), actor="the system", act="skipped", sentence="Of no publication."
    )
    fails("post")
    with pytest.raises(AssertionError):
        write()
    assert Notification.objects.filter(kind="work.failing").exists()
