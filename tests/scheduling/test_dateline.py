"""The day that an issue is for: its dateline, its blocks and whose pause is over, in every send window."""

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from newsletter.articles.models import Article
from newsletter.issues.approvals import current_approval
from newsletter.issues.edit_issue_texts import set_opening
from newsletter.issues.issue_audit import entries
from newsletter.issues.models import Approval, Issue, StandingBlock
from newsletter.scheduling.approval import approve, check_next_approval
from newsletter.scheduling.dateline import changes_on_another_day
from newsletter.scheduling.schedule import schedule_at
from newsletter.sending.models import Mailing, Recipient
from newsletter.sending.recipient_counts import count_recipients
from subscribers.models import Subscriber, Subscription
from tests.frozen_emails import approved_email, mailed_email
from tests.scheduling.test_release import tick

FRIDAY = datetime(2026, 12, 4, 7, 30, tzinfo=UTC)
ZONES = {"auckland": "Pacific/Auckland", "london": "Europe/London", "honolulu": "Pacific/Honolulu"}

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def readers(join):
    """One person in each zone, by name."""
    for name, zone in ZONES.items():
        (subscription,) = join(name)
        Subscriber.objects.filter(pk=subscription.subscriber_id).update(zone=zone)


@pytest.fixture
def block(issue):
    """Make a standing block that is shown on some days."""

    def make(body, **days):
        return StandingBlock.objects.create(
            publication=issue.publication, name="open-day", kind="notice", body=body, **days
        )

    return make


def pause(name, until):
    Subscription.objects.filter(subscriber__first_name=name.title()).update(paused_until=until)


def go(clock, until):
    """Tick at every quarter of an hour until then."""
    while datetime.now(UTC) < until:
        clock.shift(timedelta(minutes=15))
        tick()


def accepted():
    rows = Recipient.objects.filter(state=Recipient.State.ACCEPTED)
    return {name.lower() for name in rows.values_list("subscriber__first_name", flat=True)}


class TestInReadersTime:
    def test_the_email_has_the_day_that_every_reader_has(self, issue, clock, readers, block, way_out):
        block("Open day on Friday.", starts_on=FRIDAY.date(), ends_on=FRIDAY.date())
        schedule = schedule_at(issue, FRIDAY, readers_time=True)
        assert schedule.due_at.date() == date(2026, 12, 3)
        approval = approve(issue)
        assert approval.day == FRIDAY.date()
        assert "4 December 2026" in approved_email(approval)["text"]
        assert "Open day on Friday." in approved_email(approval)["text"]
        assert check_next_approval() is False
        clock.move_to(FRIDAY - timedelta(days=1))
        go(clock, datetime(2026, 12, 4, 18, tzinfo=UTC))
        assert accepted() == set(ZONES)
        assert mailed_email(Mailing.objects.get()) == approved_email(approval)

    def test_a_pause_ends_on_the_day_of_the_readers_own_window(self, issue, clock, readers, way_out):
        schedule_at(issue, FRIDAY, readers_time=True)
        approve(issue)
        pause("auckland", FRIDAY.date())
        pause("honolulu", FRIDAY.date() + timedelta(days=1))
        clock.move_to(FRIDAY - timedelta(days=1))
        go(clock, datetime(2026, 12, 4, 18, tzinfo=UTC))
        assert accepted() == {"auckland", "london"}

    def test_a_pause_after_planning_counts_by_the_readers_own_day(self, issue, clock, readers, way_out):
        evening = FRIDAY.replace(hour=20)  # Honolulu's evening is Saturday in London
        schedule_at(issue, evening, readers_time=True)
        approve(issue)
        clock.move_to(FRIDAY - timedelta(hours=2))
        go(clock, FRIDAY + timedelta(hours=1))
        assert accepted() == {"auckland"}
        pause("london", FRIDAY.date())
        pause("honolulu", FRIDAY.date() + timedelta(days=1))
        go(clock, FRIDAY + timedelta(days=1))
        assert accepted() == {"auckland", "london"}
        assert count_recipients(Mailing.objects.get()).skipped == 1


class TestAnotherDay:
    def test_dates_that_people_wrote_stay(self, issue, state_of):
        Article.objects.update(published_at=datetime(2026, 11, 30, 8, tzinfo=UTC), authors=["Ada"])
        set_opening(issue, "We met on 30 November 2026 on the quay.")
        before = approve(issue)
        assert approved_email(before)["text"].count("30 November 2026") == 3
        schedule_at(issue, datetime(2026, 12, 1, 7, 30, tzinfo=UTC))
        assert state_of(issue) == Issue.State.SCHEDULED
        text = approved_email(current_approval(issue))["text"]
        assert text.count("30 November 2026") == 2
        assert text.count("1 December 2026") == 1
        assert "We met on 30 November 2026" in text
        assert (
            entries(issue=issue)
            .filter(sentence="Changed the date in the email from 30 November 2026 to 1 December 2026.")
            .exists()
        )

    def test_it_is_said_beforehand_what_another_day_changes(self, issue, block):
        approval = approve(issue)
        said = (
            "The approved email is dated 30 November 2026. "
            "If you send the issue on a different day, only the date in the email changes."
        )
        assert changes_on_another_day(approval) == said
        block("Only today.", ends_on=date(2026, 12, 1))
        assert changes_on_another_day(approve(issue)) == (
            f"{said} From 2 December 2026, the email will need approval again "
            "because it will not show the block “open-day”."
        )

    def test_a_theme_that_prints_more_on_another_day_needs_approval(self, issue, home, settings, state_of):
        theme = home / "themes" / "weekday"
        shutil.copytree(Path(settings.TEMPLATES_DIR) / "email" / "plain", theme)
        (theme / "subject.txt").write_text('{{ subject }}{% if date == "3 December 2026" %}!{% endif %}')
        issue.publication.theme = "weekday"
        issue.publication.save()
        approve(issue)
        schedule_at(issue, datetime(2026, 12, 3, 7, 30, tzinfo=UTC))
        assert state_of(issue) == Issue.State.DRAFT
        assert "“Tides!”" in Approval.objects.get().withdrawn_reason


class TestLateOverMidnight:
    @pytest.fixture(autouse=True)
    def due_before_midnight(self, issue, join, way_out):
        join("ana")
        schedule_at(issue, datetime(2026, 12, 1, 23, 30, tzinfo=UTC))

    def test_it_is_dated_with_the_day_on_which_it_goes(self, issue, clock, state_of):
        approve(issue)
        clock.move_to(datetime(2026, 12, 2, 0, 30, tzinfo=UTC))
        tick()
        assert state_of(issue) == Issue.State.SENT
        assert "2 December 2026" in mailed_email(Mailing.objects.get())["text"]

    def test_it_does_not_go_with_a_block_of_the_day_before(self, issue, clock, block, state_of):
        block("Book until tonight.", ends_on=date(2026, 12, 1))
        approve(issue)
        clock.move_to(datetime(2026, 12, 2, 0, 30, tzinfo=UTC))
        tick()
        assert state_of(issue) == Issue.State.BLOCKED
        assert "Removed: “Book until tonight.”" in issue.blocked_reason
