"""What editors are told: each thing once, in words, and nothing that is old, over or known already."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.issues.approvals import reopen
from newsletter.issues.models import Approval, AuditEntry, Issue
from newsletter.notifications.models import EditorNotice
from newsletter.notifications.outbox import write_next_notice
from newsletter.scheduling.drafting import draft_next_occurrence
from newsletter.scheduling.occurrence_overrides import skip_date
from newsletter.scheduling.release import hold as hold_it
from newsletter.sending import controls
from newsletter.sending.batches import send_next_batch
from newsletter.sending.models import Decision, FailingWork
from newsletter.sending.outcomes import Outcome, Refused
from tests.sending.planned import planned_mailing

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
    [notice] = write()
    assert (notice.kind, notice.subject) == ("issue.drafted", "Drafted: issue 1 of Weekly")
    assert notice.text.startswith(
        "The series weekly drafted “Piece 1”. It will not be sent until somebody approves it."
    )
    assert notice.link == "/desk/issues/weekly/1/"
    assert write() == []


def test_a_draft_that_goes_once_it_is_approved_waits_for_you(tuesdays, publish, ring, write):
    tuesdays("approve", approve_by_minutes=60)
    publish(1)
    ring("2026-11-30T12:00")
    [notice] = write()
    assert (notice.kind, notice.subject) == ("issue.waiting", "Waiting for you: issue 1 of Weekly")
    assert (
        "It will be sent Tuesday 1 December at 07:30 GMT (Europe/London) if somebody approves it by"
        in notice.text
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
    [notice] = write()
    assert notice.kind == "issue.drafted"
    assert "It will be sent Tuesday 1 December at 07:30 GMT (Europe/London) to" in notice.text


def test_a_draft_that_came_too_late_is_told_as_held(tuesdays, publish, ring, write):
    tuesdays("approve")
    publish(1)
    ring("2026-12-01T08:00")
    held, drafted = write()
    assert (held.kind, drafted.kind) == ("issue.held", "issue.drafted")
    assert "nobody could approve it in time" in held.text
    assert drafted.text.endswith("Approve it, then send it or give it another time.")


def test_a_time_without_an_issue_is_told_with_its_reason(tuesdays, ring, write):
    tuesdays()
    ring("2026-12-01T07:30")
    [notice] = write()
    assert (notice.kind, notice.subject) == ("issue.skipped", "Skipped: an issue of Weekly")
    assert "Skipped Tuesday 1 December 2026" in notice.text
    assert notice.link == "/desk/publications/weekly/rhythm/"
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
    reopen(issue, "The subject was changed.")
    [notice] = write()
    assert (notice.kind, notice.subject) == ("issue.waiting", f"Waiting for you: {ISSUE}")
    assert "The subject was changed." in notice.text
    reopen(issue, "The opening was changed.")
    assert write() == []


def test_it_does_not_wait_if_somebody_approved_it_again_before_anybody_was_told(clock, issue, told):
    approve(issue)
    reopen(issue, "The subject was changed.")
    approve(issue)
    assert told() == []


def test_a_held_issue_is_told_with_the_reason_and_again_when_it_is_held_again(clock, issue, write):
    hold(issue, "It was not approved in time.")
    [notice] = write()
    assert (notice.kind, notice.subject) == ("issue.held", f"Held: {ISSUE}")
    assert "It was not approved in time." in notice.text
    assert write() == []
    hold(issue, "It was not approved in time.")
    assert len(write()) == 1


def test_an_issue_that_reached_nobody_is_told_again_when_a_retry_ends_the_same_way(
    clock, mailing, way_out, write
):
    way_out.plan = lambda post: [
        Outcome([each.recipient for each in post.envelopes], Refused("550 <ana@example.org> unknown"))
    ]
    while send_next_batch():
        pass
    [notice] = write()
    assert notice.subject == f"Held: {ISSUE}"
    assert "Nobody got it: of 5 people, 5 were refused and 0 left out" in notice.text
    assert write() == []
    clock.shift(timedelta(minutes=5))
    controls.retry(mailing.pk, retried_by="omar")
    while send_next_batch():
        pass
    assert [each.subject for each in write()] == [f"Held: {ISSUE}"]


def test_every_pause_by_the_press_is_told_once_with_its_reason(mailing, write):
    controls.pause(mailing.pk, "3 hard bounces of 100: clean the list.")
    [notice] = write()
    assert (notice.kind, notice.subject) == ("mailing.paused", f"Paused: {ISSUE}")
    assert "3 hard bounces of 100: clean the list." in notice.text
    assert write() == []
    controls.resume(mailing.pk, resumed_by="omar")
    controls.pause(mailing.pk, "9 complaints.")
    assert Decision.objects.filter(act="pause").count() == 2
    assert len(write()) == 1


def test_a_person_who_pauses_knows_it(mailing, told):
    with acting_as(Actor("omar", frozenset({Role.APPROVER}))):
        controls.pause(mailing.pk, "A wrong headline", paused_by="omar")
    assert told() == []


def test_figures_come_an_hour_and_a_day_after_a_mailing_ended(clock, mailing, write):
    clock.shift(timedelta(minutes=30))
    while send_next_batch():
        pass
    clock.shift(timedelta(minutes=59))
    assert write() == []
    clock.shift(timedelta(minutes=1))
    [hour] = write()
    assert (hour.kind, hour.subject) == ("mailing.figures", f"Sent: {ISSUE}, an hour after")
    assert hour.text.startswith("An hour after it was sent")
    assert (hour.facts["figures"]["accepted"], hour.facts["after_hours"]) == (5, 1)
    clock.shift(timedelta(hours=22, minutes=59))
    assert write() == []
    clock.shift(timedelta(minutes=1))
    [day] = write()
    assert day.text.startswith("A day after it was sent")
    clock.shift(timedelta(days=2))
    assert write() == []


def test_of_a_mailing_that_still_goes_they_count_from_its_first_post(clock, mailing, write):
    assert send_next_batch()
    clock.shift(timedelta(hours=1))
    [notice] = write()
    assert "it is still on its way" in notice.text
    assert notice.facts["figures"]["waiting"] == 1
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
    assert [each.facts["after_hours"] for each in write()] == [24]


def test_a_source_is_told_after_a_day_and_again_only_once_it_had_recovered(clock, failing_source, write):
    source = failing_source(23.9)
    assert write() == []
    clock.shift(timedelta(minutes=6))
    [notice] = write()
    assert (notice.kind, notice.subject) == ("source.failing", "Source failing: tides")
    assert "(404)" in notice.text
    clock.shift(timedelta(days=3))
    assert write() == []
    source.failing_since = timezone.now()
    source.save()
    clock.shift(timedelta(hours=24))
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
    assert told() == [("issue.held", f"Held: {ISSUE}")]


def test_addresses_in_what_others_said_are_left_out(mailing, write):
    controls.pause(mailing.pk, "The server said: 550 <ana@example.org>: no such user ben@example.org.")
    [notice] = write()
    assert "example.org" not in notice.text + str(notice.facts)
    assert "550 <(address)>: no such user (address)" in notice.text


def test_to_look_for_news_takes_few_statements_and_reads_no_letter(
    mailing, told, django_assert_max_num_queries
):
    told()
    with django_assert_max_num_queries(13) as queries:
        assert not write_next_notice()
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
    FailingWork.objects.filter(well_at=None).update(failed_at=timezone.now())


def test_however_much_fails_it_is_told_once_and_again_after_hours(clock, people, fails, write):
    for name in ("post", "fold", "plan"):
        fails(name)
    [notice] = write()
    assert (notice.kind, notice.subject) == ("work.failing", "Work fails: post")
    assert "fold: 9 times" in notice.text
    assert "No space left" in notice.text
    assert [mail.user.username for mail in notice.mails.all()] == ["boss"]
    for _ in range(5):
        go_on(clock, hours=1)
        assert write() == []
    go_on(clock, hours=1)
    assert [notice.kind for notice in write()] == ["work.failing"]


def test_that_all_of_it_is_well_is_told_once_when_it_has_lasted(clock, people, fails, told):
    fails("post")
    told()
    go_on(clock, minutes=5)
    FailingWork.objects.update(well_at=timezone.now())
    clock.shift(timedelta(minutes=5))
    assert told() == []
    clock.shift(timedelta(minutes=6))
    assert told() == [("work.well", "Work goes on: post")]
    clock.shift(timedelta(hours=9))
    assert told() == []


def test_work_that_nobody_tries_any_more_is_not_told_for_ever(clock, people, fails, told):
    fails("post")
    assert [kind for kind, _subject in told()] == ["work.failing"]
    clock.shift(timedelta(hours=13))
    assert "work.failing" not in [kind for kind, _subject in told()]


def test_one_kind_that_cannot_be_read_keeps_no_other_from_being_told(clock, fails, people, write):
    AuditEntry.objects.create(
        at=timezone.now(), actor="the press", act="skipped", sentence="Of no publication."
    )
    fails("post")
    with pytest.raises(AssertionError):
        write()
    assert EditorNotice.objects.filter(kind="work.failing").exists()
