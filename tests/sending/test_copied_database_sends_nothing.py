"""From a database that was copied or restored nothing goes, and a person who asks for it gets a sentence."""

import json

import pytest
from django.utils import timezone

from newsletter.errors import Refused
from newsletter.instance import guard
from newsletter.issues.models import Issue
from newsletter.notifications.models import Notification, NotificationMail
from newsletter.notifications.notification_mails import mail_next_notification
from newsletter.scheduling.approval import approve
from newsletter.scheduling.draft_occurrences import draft_next_occurrence
from newsletter.scheduling.models import Schedule, Series
from newsletter.scheduling.release import release_next_issue, release_now
from newsletter.sending import mailing_controls, retry_mailing
from newsletter.sending.batches import send_batch, send_next_batch
from newsletter.sending.engines.local import LocalEngine
from newsletter.sending.models import Mailing
from newsletter.sending.pending_sends import pending_sends
from newsletter.sending.plan import plan_next_mailing
from tests.sending.planned_mailing import planned_mailing


@pytest.fixture
def moved(home):
    """`moved()`: from now on this is a restored copy."""
    yield guard.require_adoption
    guard.clear_cached_status()


def test_nothing_is_planned(issue, join, way_out, moved):
    join("ana")
    moved()
    with pytest.raises(Refused, match="newsletter instance status"):
        planned_mailing(issue)
    Issue.objects.update(state=Issue.State.SENDING)
    assert plan_next_mailing() is None
    assert not Mailing.objects.exists()


def test_a_schedule_that_is_due_is_not_released_until_it_is_taken(issue, join, way_out, moved):
    join("ana")
    approve(issue)
    Schedule.objects.create(
        issue=issue,
        local_time="2026-12-01T07:30",
        zone="Europe/London",
        due_at=timezone.now(),
        scheduled_at=timezone.now(),
    )
    Issue.objects.update(state=Issue.State.SCHEDULED)
    moved()
    assert release_next_issue() is False
    with pytest.raises(Refused, match="newsletter instance status"):
        release_now(issue)
    assert [(each.what, each.people, each.is_due) for each in pending_sends()] == [(str(issue), 1, True)]
    guard.adopt()
    assert release_next_issue() is True
    assert plan_next_mailing() is not None


def test_nothing_is_posted_until_it_is_taken(mailing, way_out, moved, states):
    moved()
    assert send_next_batch() is None
    assert send_batch(mailing.batches.first().pk, way_out) is None
    assert set(states().values()) == {"waiting"}
    guard.adopt()
    while send_next_batch():
        pass
    assert set(states().values()) == {"accepted"}


def test_a_person_who_sends_resumes_or_retries_is_told(mailing, moved):
    moved()
    with pytest.raises(Refused, match="newsletter instance status"):
        LocalEngine(mailing.pk).run()
    mailing_controls.pause_mailing(mailing.pk, "A wrong headline.")
    with pytest.raises(Refused, match="newsletter instance status"):
        mailing_controls.resume_mailing(mailing.pk, resumed_by="edda")
    mailing_controls.stop_mailing(mailing.pk, stopped_by="edda")
    with pytest.raises(Refused, match="newsletter instance status"):
        retry_mailing.retry_mailing(mailing.pk, retried_by="edda")


def test_no_date_of_a_series_is_drafted_and_no_editor_told(
    publication, issue, join, moved, django_user_model
):
    join("ana", "ben")
    now = timezone.now()
    Series.objects.create(
        publication=publication, name="weekly", rrule="FREQ=WEEKLY;BYDAY=TU", zone="Europe/London", time="07:30",
        starts_on="2026-11-01", mode=Series.Mode.SEND, counts_from=now, next_check_at=now,
    )  # fmt: skip
    notice = Notification.objects.create(key="a", kind="issue.blocked", subject="Held", made_at=now)
    NotificationMail.objects.create(
        notification=notice, user=django_user_model.objects.create(username="edda"), due_at=now
    )
    moved()
    assert draft_next_occurrence() is False
    assert mail_next_notification() is False
    [going] = pending_sends()
    assert ("weekly" in going.what, going.people, going.is_due) == (True, 2, True)
    guard.adopt()
    assert mail_next_notification() is True


def test_what_would_go_is_told_with_numbers(mailing, moved, cli):
    moved()
    assert [(each.what, each.people, each.is_due) for each in pending_sends()] == [(str(mailing), 10, True)]
    assert json.loads(cli("instance", "status", "--json").out)["pending_sends"][0]["people"] == 10
    mailing_controls.pause_mailing(mailing.pk, "A wrong headline.")
    assert pending_sends() == []
