"""Where a second person is asked for, there is no side door: whatever shapes an email counts as work on it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.accounts.actor import Actor, Role
from newsletter.articles.models import Article
from newsletter.articles.write_article_in_desk import WrittenText, text_version, write_article
from newsletter.cli.command_actor import at_the_machine
from newsletter.errors import Refused
from newsletter.issues.change_articles_for_all_issues import edit_written
from newsletter.issues.change_publications import edit_block, edit_publication, remove_block
from newsletter.issues.compose import compose
from newsletter.issues.edit_issue_blocks import edit_block as edit_issue_block
from newsletter.issues.edit_issue_blocks import hide_block
from newsletter.issues.edit_issue_texts import set_subject
from newsletter.issues.exclude_articles import exclude_article, include_article
from newsletter.issues.four_eyes import approvable_among, why_not_approver, worked_on
from newsletter.issues.issue_audit import entries, record
from newsletter.issues.models import AuditEntry, Issue, Publication
from newsletter.issues.recompose import recompose_issue
from newsletter.issues.selection_rule import Selection
from newsletter.scheduling.add_or_change_series import SeriesChange, add_series, change_series
from newsletter.scheduling.approval import approve, check_next_approval
from newsletter.scheduling.pause_or_remove_series import pause_series
from newsletter.scheduling.release import release_now
from subscribers.lists import edit_list
from subscribers.models import List
from tests.sending.planned_mailing import planned_mailing

pytestmark = pytest.mark.usefixtures("clock")

BLOCK = {"kind": "notice", "title": "Help", "body": "We need a boat."}


@pytest.fixture
def bea():
    """Another approver."""
    return Actor("bea", frozenset({Role.EDITOR, Role.APPROVER, Role.SENDER}), 3)


@pytest.fixture
def root():
    """An administrator with an account."""
    return Actor("root", frozenset({Role.ADMINISTRATOR}), 9)


@pytest.fixture(autouse=True)
def asked_for(issue):
    Publication.objects.update(four_eyes=True)
    issue.publication.refresh_from_db()


@pytest.fixture
def article(issue):
    """Add an article that is in no issue yet."""

    def make(name):
        return Article.objects.create(
            source=Article.objects.first().source, identity=name, title=name, found_at=timezone.now()
        )

    return make


@pytest.fixture
def two(issue, article):
    """The issue with two articles."""
    second = article("Second")
    issue.items.create(article=second, position=2)
    return issue


def refused(by, actor, issue):
    with pytest.raises(Refused, match=f"{actor.name} worked on"):
        by(actor, approve, issue)


@pytest.mark.parametrize("act", [exclude_article, include_article])
def test_excluding_or_including_an_article_is_work_on_the_issues_that_have_it(two, ann, bea, by, act):
    second = Article.objects.get(title="Second")
    Article.objects.filter(pk=second.pk).update(excluded=act is include_article)
    by(ann, act, second.pk)
    refused(by, ann, two)
    entry = entries(issue=two).get(act="article")
    assert entry.changes == {"excluded": [act is include_article, act is exclude_article]}
    assert entry.actor == "ann"
    by(bea, approve, two)


def test_what_was_excluded_stays_work_after_another_chose_the_articles_again(two, ann, ruth, by):
    by(ann, exclude_article, Article.objects.get(title="Second").pk)
    by(ruth, recompose_issue, two)
    refused(by, ann, two)


def test_excluding_an_article_needs_a_known_person(two, by):
    number = Article.objects.get(title="Second").pk
    with pytest.raises(Refused, match="we need to know who you are"):
        by(at_the_machine(), exclude_article, number)
    assert not Article.objects.filter(excluded=True).exists()


def test_an_article_of_no_open_issue_is_no_work_on_one(issue, article, ann, by):
    by(ann, exclude_article, article("Elsewhere").pk)
    by(ann, approve, issue)


class TestAnArticleThatWasWrittenHere:
    """The words of an article are in an email even if no issue had it when they were written."""

    TEXT = WrittenText(title="Open day", markdown="Come to the harbour.")

    def edit(self, article):
        article.refresh_from_db()
        return edit_written(article.pk, replace(self.TEXT, title="Closed day"), seen=text_version(article))

    def test_to_edit_it_is_work_on_the_issues_that_have_it(self, issue, ann, bea, ruth, by):
        written = by(ruth, write_article, self.TEXT)
        issue.items.create(article=written, position=2)
        by(ann, self.edit, written)
        refused(by, ann, issue)
        assert entries(issue=issue).get(act="article").changes["title"] == ["Open day", "Closed day"]
        by(bea, approve, issue)

    @pytest.mark.parametrize("is_edited", [True, False])
    def test_to_write_or_edit_it_before_is_work_on_the_issue_that_takes_it_later(
        self, issue, ann, bea, ruth, by, is_edited
    ):
        written = by(ruth if is_edited else ann, write_article, self.TEXT)
        if is_edited:
            by(ann, self.edit, written)
        issue.items.create(article=written, position=2)
        refused(by, ann, issue)
        by(bea, approve, issue)

    def test_until_an_email_with_it_was_sent_that_another_approved(
        self, issue, article, ann, bea, ruth, by, clock, join, way_out
    ):
        join("ana")
        seen, unseen = by(ann, write_article, self.TEXT), by(ann, write_article, self.TEXT)
        issue.items.create(article=seen, position=2)
        clock.shift(timedelta(minutes=1))
        by(bea, approve, issue)
        by(bea, planned_mailing, issue)
        article("Third")
        later = by(ruth, compose, issue.publication)
        later.items.all().delete()
        later.items.create(article=seen, position=1)
        assert not worked_on(later, ann)
        later.items.create(article=unseen, position=2)
        refused(by, ann, later)

    def test_somebody_without_a_role_there_cannot_change_what_another_publication_is_about_to_send(
        self, issue, by
    ):
        written = write_article(self.TEXT)
        issue.items.create(article=written, position=2)
        elsewhere = Actor(
            "eve", account=7, publication_roles=frozenset({(issue.publication_id + 1, Role.EDITOR)})
        )
        with pytest.raises(Refused, match="Only an author for this publication can change an article"):
            by(elsewhere, self.edit, written)
        written.refresh_from_db()
        assert written.title == "Open day"

    def test_to_add_an_article_by_its_link_is_no_work(self, issue, ann, by):
        number = issue.items.get().article_id
        by(ann, record, "article", "Added.", thing=f"article {number}", changes={"title": [None, "Title"]})
        assert not worked_on(issue, ann)


class TestWhatStandsInEveryIssue:
    def test_a_block_is_work_also_after_another_chose_the_articles_again(self, issue, ann, ruth, by, clock):
        by(ann, edit_block, issue.publication, "help", BLOCK)
        clock.shift(timedelta(minutes=1))
        by(ruth, recompose_issue, issue)
        refused(by, ann, issue)

    def test_and_on_an_issue_that_is_composed_later(self, issue, article, ann, ruth, by, clock):
        by(ann, edit_block, issue.publication, "help", BLOCK)
        clock.shift(timedelta(days=1))
        article("Third")
        refused(by, ann, by(ruth, compose, issue.publication))

    @pytest.mark.parametrize(("starts_on", "counts"), [("", False), ("2026-12-24", True)])
    def test_until_an_email_with_it_was_sent_that_another_approved(
        self, issue, article, ann, bea, ruth, by, clock, join, way_out, starts_on, counts
    ):
        join("ana")
        by(ann, edit_block, issue.publication, "help", {**BLOCK, "starts_on": starts_on})
        clock.shift(timedelta(minutes=1))
        by(bea, approve, issue)
        by(bea, planned_mailing, issue)
        article("Third")
        later = by(ruth, compose, issue.publication)
        if counts:  # the email that was sent did not show the block yet
            refused(by, ann, later)
        else:
            by(ann, approve, later)

    @pytest.mark.parametrize("hidden", [True, False])
    def test_a_block_that_the_sent_issue_hid_or_changed_was_not_seen_there(
        self, issue, article, ann, bea, ruth, by, clock, join, way_out, hidden
    ):
        join("ana")
        by(ann, edit_block, issue.publication, "help", BLOCK)
        if hidden:
            by(ruth, hide_block, issue, "help")
        else:
            by(ruth, edit_issue_block, issue, "help", title="Other", body="", data={})
        clock.shift(timedelta(minutes=1))
        by(bea, approve, issue)
        by(bea, planned_mailing, issue)
        article("Third")
        refused(by, ann, by(ruth, compose, issue.publication))

    def test_removing_a_block_is_work(self, issue, ann, ruth, by):
        by(ruth, edit_block, issue.publication, "help", BLOCK)
        by(ann, remove_block, issue.publication, "help")
        refused(by, ann, issue)

    def test_the_name_of_the_list_is_work(self, issue, root, by):
        readers = List.objects.get()
        by(root, edit_list, readers, name="Harbour readers")
        refused(by, root, issue)
        entry = AuditEntry.objects.get(act="list")
        assert entry.changes == {"name": ["Readers", "Harbour readers"]}

    def test_what_a_series_chooses_is_work_and_pausing_it_is_not(self, issue, root, by):
        weekly = by(
            root, add_series, issue.publication, "every Tuesday at 07:30", SeriesChange(mode="approve")
        )
        by(root, pause_series, weekly)
        assert not worked_on(issue, root)
        by(root, change_series, weekly, SeriesChange(selection=Selection(at_most=3)))
        refused(by, root, issue)

    def test_what_is_not_in_an_email_is_no_work(self, issue, root, by):
        by(root, edit_publication, issue.publication, {"undo_minutes": "7"})
        by(root, approve, issue)

    def test_a_publication_saved_without_a_change_is_no_work(self, issue, root, by):
        by(root, edit_publication, issue.publication, {"tagline": issue.publication.tagline})
        assert not entries(publication=issue.publication).exists()
        by(root, approve, issue)


class TestTheRuleSwitchedOff:
    def switch(self, by, root, publication, to):
        by(root, edit_publication, publication, {"four_eyes": to})
        publication.refresh_from_db()

    def test_an_issue_that_was_begun_under_the_rule_keeps_it(self, issue, root, ann, by, clock):
        by(root, set_subject, issue, "Mine")
        clock.shift(timedelta(minutes=1))
        self.switch(by, root, issue.publication, "no")
        with pytest.raises(Refused, match="This rule has since been turned off, but it still applies"):
            by(root, approve, issue)
        with pytest.raises(Refused):
            by(root, planned_mailing, issue)
        entry = entries(publication=issue.publication).filter(act="publication").first()
        assert entry.changes == {"four_eyes": [True, False]}
        by(ann, approve, issue)

    def test_also_after_choosing_again_and_off_and_on(self, issue, root, by, clock, article):
        by(root, set_subject, issue, "Mine")
        self.switch(by, root, issue.publication, "no")
        clock.shift(timedelta(minutes=1))
        article("Third")
        by(root, recompose_issue, issue)
        refused(by, root, issue)
        self.switch(by, root, issue.publication, "yes")
        refused(by, root, issue)

    def test_an_issue_that_is_composed_later_does_not_have_it(self, issue, root, by, clock, article):
        self.switch(by, root, issue.publication, "no")
        clock.shift(timedelta(minutes=1))
        article("Third")
        by(root, approve, by(root, compose, issue.publication))

    def test_an_approval_of_ones_own_ends_when_it_is_switched_on(self, issue, root, by, clock, state_of):
        Publication.objects.update(four_eyes=False)
        issue.publication.refresh_from_db()
        by(root, set_subject, issue, "Mine")
        by(root, approve, issue)
        clock.shift(timedelta(minutes=1))
        self.switch(by, root, issue.publication, "yes")
        assert check_next_approval()
        assert state_of(issue) == Issue.State.DRAFT

    def test_a_new_name_does_not_help(self, issue, root, by, clock):
        by(root, set_subject, issue, "Mine")
        clock.shift(timedelta(minutes=1))
        self.switch(by, root, issue.publication, "no")
        refused(by, replace(root, name="other"), issue)
        with pytest.raises(Refused):
            by(root, release_now, issue)


@pytest.mark.parametrize("rule", ["on", "off", "turned off since"])
def test_which_issues_somebody_may_approve_is_the_same_asked_one_by_one_and_all_at_once(
    issue, ann, bea, ruth, root, by, rule
):
    publication = issue.publication
    by(root, edit_publication, publication, {"four_eyes": "yes"})
    if rule == "off":
        Publication.objects.update(four_eyes=False)
    by(ann, set_subject, issue, "Ann's subject")
    if rule == "turned off since":
        by(root, edit_publication, publication, {"four_eyes": "no"})
    fresh = Issue.objects.select_related("publication").get()
    for actor in (ann, bea, ruth):
        expected = set() if by(actor, why_not_approver, fresh) else {fresh.pk}
        assert by(actor, approvable_among, [fresh]) == expected, actor
    assert by(ann, approvable_among, [fresh]) == ({fresh.pk} if rule == "off" else set())
    assert by(bea, approvable_among, []) == set()
