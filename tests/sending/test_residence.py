"""From a database that was copied or restored nothing goes, and a person who asks for it gets a sentence."""

import json

import pytest
from django.utils import timezone

from newsletter.errors import Refused
from newsletter.instance import guard
from newsletter.issues.models import Issue
from newsletter.notifications.email import mail_next_notice
from newsletter.notifications.models import EditorNotice, NoticeMail
from newsletter.scheduling.approval import approve
from newsletter.scheduling.drafting import draft_next_occurrence
from newsletter.scheduling.models import Schedule, Series
from newsletter.scheduling.release import release_next_issue, release_now
from newsletter.sending import controls
from newsletter.sending.batches import send_batch, send_next_batch
from newsletter.sending.engines.local import LocalEngine
from newsletter.sending.models import Mailing
from newsletter.sending.pending_sends import what_would_go
from newsletter.sending.plan import plan_next_mailing
from tests.sending.planned import planned_mailing


@pytest.fixture
def moved(home):
    """`moved()`: from now on this is a restored copy."""
    yield guard.leave
    guard.forget_what_was_seen()


def test_nothing_is_planned(issue, join, way_out, moved):
    join("ana")
    moved()
    with pytest.raises(Refused, match="newsletter residence"):
        planned_mailing(issue)
    Issue.objects.update(state=Issue.State.SENDING)
    assert plan_next_mailing() is None
    assert not Mailing.objects.exists()


def test_a_schedule_that_is_due_is_not_released_until_it_is_taken(issue, join, way_out, moved):
    join("ana")
    approve(issue)
    Schedule.objects.create(
        issue=issue,
        wall="2026-12-01T07:30",
        zone="Europe/London",
        due_at=timezone.now(),
        scheduled_at=timezone.now(),
    )
    Issue.objects.update(state=Issue.State.SCHEDULED)
    moved()
    assert release_next_issue() is False
    with pytest.raises(Refused, match="newsletter residence"):
        release_now(issue)
    assert [(each.what, each.people, each.is_due) for each in what_would_go()] == [(str(issue), 1, True)]
    guard.take()
    assert release_next_issue() is True
    assert plan_next_mailing() is not None


def test_nothing_is_posted_until_it_is_taken(mailing, way_out, moved, states):
    moved()
    assert send_next_batch() is None
    assert send_batch(mailing.batches.first().pk, way_out) is None
    assert set(states().values()) == {"waiting"}
    guard.take()
    while send_next_batch():
        pass
    assert set(states().values()) == {"accepted"}


def test_a_person_who_sends_resumes_or_retries_is_told(mailing, moved):
    moved()
    with pytest.raises(Refused, match="newsletter residence"):
        LocalEngine(mailing.pk).run()
    controls.pause(mailing.pk, "A wrong headline.")
    with pytest.raises(Refused, match="newsletter residence"):
        controls.resume(mailing.pk, resumed_by="edda")
    controls.stop(mailing.pk, stopped_by="edda")
    with pytest.raises(Refused, match="newsletter residence"):
        controls.retry(mailing.pk, retried_by="edda")


def test_no_date_of_a_series_is_drafted_and_no_editor_told(
    publication, issue, join, moved, django_user_model
):
    join("ana", "ben")
    now = timezone.now()
    Series.objects.create(
        publication=publication, name="weekly", rrule="FREQ=WEEKLY;BYDAY=TU", zone="Europe/London", time="07:30",
        starts_on="2026-11-01", mode=Series.Mode.SEND, counts_from=now, look_at=now,
    )  # fmt: skip
    notice = EditorNotice.objects.create(key="a", kind="issue.held", subject="Held", made_at=now)
    NoticeMail.objects.create(
        notice=notice, user=django_user_model.objects.create(username="edda"), due_at=now
    )
    moved()
    assert draft_next_occurrence() is False
    assert mail_next_notice() is False
    [going] = what_would_go()
    assert ("weekly" in going.what, going.people, going.is_due) == (True, 2, True)
    guard.take()
    assert mail_next_notice() is True


def test_what_would_go_is_told_with_numbers(mailing, moved, cli):
    moved()
    assert [(each.what, each.people, each.is_due) for each in what_would_go()] == [(str(mailing), 10, True)]
    assert json.loads(cli("residence", "--json").out)["would_go"][0]["people"] == 10
    controls.pause(mailing.pk, "A wrong headline.")
    assert what_would_go() == []
