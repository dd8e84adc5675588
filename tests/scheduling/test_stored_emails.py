"""An email that was stored is read as it was, by later versions too; what cannot be read is said and stops no other."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from newsletter.articles.models import Article
from newsletter.errors import Invalid
from newsletter.issues.approvals import current_approval
from newsletter.issues.models import Approval, Issue, Item
from newsletter.rendering.email import Email
from newsletter.rendering.email_set import digest_of_set
from newsletter.scheduling.approval import approve, check_next_approval
from newsletter.scheduling.release import release_next_issue
from newsletter.scheduling.schedule import schedule_at
from newsletter.sending.batches import send_next_batch
from newsletter.sending.models import Mailing
from newsletter.sending.plan import plan_next_mailing
from tests.scheduling.test_release import tick
from tests.sending.planned_mailing import planned_mailing

pytestmark = pytest.mark.usefixtures("clock")


def as_an_older_version(row, *, without):
    """The row's email as a version stored it that did not have these fields."""
    stored = isinstance(row, Approval)
    (whole,) = row.emails if stored else [{"email": row.variants.get().email}]
    document = {name: value for name, value in whole["email"].items() if name not in without}
    type(row).objects.filter(pk=row.pk).update(digest=digest_of_set([{"email": document}]))
    if stored:
        Approval.objects.filter(pk=row.pk).update(emails=[{"email": document}])
    else:
        row.variants.update(email=document)


def second_issue(issue):
    other = Issue.objects.create(
        publication=issue.publication, number=2, subject="Ebb", composed_at=timezone.now()
    )
    Item.objects.create(issue=other, article=issue.items.get().article, lead=True)
    return other


def test_a_field_that_it_did_not_have_yet_has_its_default():
    stored = dict.fromkeys(
        ("subject", "preheader", "html", "text", "language", "sender_name", "sender_address"), "x"
    )
    email = Email.from_dict({**stored, "reply_to": "", "list_id": ""})
    assert (email.headers, email.links_to) == ({}, "")
    with pytest.raises(Invalid, match="list_id, reply_to"):
        Email.from_dict(stored)
    with pytest.raises(Invalid, match="colour"):
        Email.from_dict({**email.to_dict(), "colour": "x"})


def test_an_approval_of_an_older_version_stands_where_nothing_differs(issue, settings):
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"track_opens": False, "track_clicks": False})
    approval = approve(issue)
    as_an_older_version(approval, without=["tracked"])
    assert check_next_approval() is False
    assert current_approval(issue) is not None


def test_one_that_cannot_be_read_is_reopened_and_so_is_the_next_that_changed(issue, state_of):
    other = second_issue(issue)
    approve(issue)
    approve(other)
    as_an_older_version(Approval.objects.get(issue=issue), without=["html"])
    Issue.objects.filter(pk=other.pk).update(subject="Flood")
    assert check_next_approval()
    assert check_next_approval()
    assert check_next_approval() is False
    assert state_of(issue) == state_of(other) == Issue.State.DRAFT
    assert "html is missing" in Approval.objects.get(issue=issue).withdrawn_reason


def test_a_theme_that_cannot_be_read_holds_its_own_issues_and_says_why(
    issue, home, settings, join, way_out, state_of, clock
):
    join("ana")
    theme = home / "themes" / "own"
    shutil.copytree(Path(settings.TEMPLATES_DIR) / "email" / "plain", theme)
    issue.publication.theme = "own"
    issue.publication.save()
    approve(issue)
    schedule = schedule_at(issue, timezone.now() + timedelta(minutes=1))
    (theme / "body.txt").unlink()
    (theme / "body.txt").symlink_to("/proc/self/mem")  # whoever reads it gets an error, root too
    clock.move_to(schedule.due_at)
    tick()
    assert state_of(issue) == Issue.State.BLOCKED
    assert "we could not read a file in its theme" in issue.blocked_reason


class TestWhatIsSent:
    @pytest.fixture
    def planned(self, issue, join, way_out):
        join("ana", "ben")
        return planned_mailing(issue)

    def test_an_email_that_is_not_the_approved_one_is_not_sent(self, planned, way_out):
        variant = planned.variants.get()
        variant.email["subject"] = "Tampered"
        variant.save()
        assert send_next_batch() is None
        planned.refresh_from_db()
        assert planned.state == Mailing.State.PAUSED
        assert "not the one that was approved" in planned.pause_reason
        assert not way_out.taken

    def test_one_of_an_older_version_is_sent_all_the_same(self, planned, way_out):
        as_an_older_version(planned, without=["links_to", "tracked"])
        assert send_next_batch()
        assert len(way_out.taken) == 2

    def test_one_that_cannot_be_read_pauses_its_mailing_and_says_why(self, planned, way_out):
        as_an_older_version(planned, without=["subject"])
        assert send_next_batch() is None
        planned.refresh_from_db()
        assert "subject is missing" in planned.pause_reason


class TestBetweenReleaseAndPlanning:
    @pytest.fixture(autouse=True)
    def released(self, issue, join, way_out, clock):
        join("ana")
        approve(issue)
        clock.move_to(schedule_at(issue, timezone.now() + timedelta(minutes=1)).due_at)
        assert release_next_issue()

    def test_an_article_that_is_withdrawn_holds_the_issue(self, issue, state_of):
        Article.objects.update(withdrawn_at=timezone.now())
        assert plan_next_mailing() is None
        assert state_of(issue) == Issue.State.BLOCKED
        assert "is empty" in issue.blocked_reason
        assert current_approval(issue) is None
        assert check_next_approval() is False
        assert state_of(issue) == Issue.State.BLOCKED

    def test_without_a_change_it_is_planned(self):
        assert plan_next_mailing() is not None


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("base_url", "https://elsewhere.example.org", "web address for personal links"),
        ("track_clicks", True, "tracking by the provider changed from (none) to “clicks”"),
    ],
)
def test_a_setting_that_changes_what_readers_get_ends_the_approval(issue, settings, setting, value, said):
    from pydantic import HttpUrl

    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"track_opens": False, "track_clicks": False})
    approve(issue)
    new = HttpUrl(value) if setting == "base_url" else value
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={setting: new})
    assert check_next_approval()
    assert said in Approval.objects.get().withdrawn_reason
