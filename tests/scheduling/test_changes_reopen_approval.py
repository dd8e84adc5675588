"""The doors by which an approved email could change: each reopens it, stops it, or changes nothing that is sent."""

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.utils import timezone
from pydantic import HttpUrl

from newsletter.articles.models import Article, Correction, Reference
from newsletter.issues import edit_issue_articles, edit_issue_blocks, edit_issue_texts, exclude_articles
from newsletter.issues.change_publications import edit_block, edit_publication, remove_block
from newsletter.issues.item_pictures import remove_picture, set_picture_alt
from newsletter.issues.models import Approval, Issue, Item, Publication, StandingBlock
from newsletter.issues.move_in_order import move_before
from newsletter.issues.recompose import recompose_issue
from newsletter.rendering.email_set import digest_of_set
from newsletter.scheduling.approval import approve, check_next_approval
from newsletter.scheduling.release import release_next_issue
from newsletter.scheduling.schedule import schedule_at
from newsletter.sending.models import Mailing, Recipient, Variant
from newsletter.sending.plan import plan_next_mailing
from subscribers.lists import edit_list
from subscribers.models import List, Subscriber
from tests.frozen_emails import approved_email
from tests.scheduling.test_release import tick

DUE = datetime(2026, 12, 1, 7, 30, tzinfo=UTC)
REOPENED, SENT, PAUSED = "reopened", "sent as approved", "paused"


@pytest.fixture
def world(issue, home, settings, clock, join, way_out):
    """An approved and scheduled issue with all that an email can show, and a theme of the installation's own."""
    join("ana", "ben")
    theme = home / "themes" / "own"
    shutil.copytree(Path(settings.TEMPLATES_DIR) / "email" / "plain", theme)
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"track_opens": True, "track_clicks": False})
    publication = issue.publication
    publication.theme = "own"
    publication.save()
    first = Article.objects.get()
    first.authors, first.published_at, first.standfirst = ["Ada"], timezone.now(), "Why the sea rises."
    first.image_url, first.image_width, first.image_height = "https://harbour.example.org/a.jpg", 600, 400
    first.save()
    second = Article.objects.create(
        source=first.source,
        identity="b",
        url="https://harbour.example.org/b",
        title="Second",
        found_at=timezone.now(),
    )
    Item.objects.create(issue=issue, article=second, position=2)
    Reference.objects.create(article=first, citation="A study", url="https://study.example.org/")
    edit_block(publication, "help", {"kind": "notice", "title": "Help", "body": "We need a boat."})
    approved = approve(issue)
    schedule_at(issue, DUE)
    return SimpleNamespace(
        issue=issue,
        publication=publication,
        first=first,
        second=second,
        theme=theme,
        settings=settings,
        approved=approved,
    )


def row(thing, **values):
    """A door that writes a row itself, as no function of ours does."""

    def write(world):
        chosen = getattr(world, thing)
        type(chosen).objects.filter(pk=chosen.pk).update(**values)

    return write


def setting(**values):
    def change(world):
        world.settings.NEWSLETTER = world.settings.NEWSLETTER.model_copy(update=values)

    return change


def publication(**changes):
    return lambda world: edit_publication(world.publication, changes)


def theme_file(name, before, after):
    def change(world):
        path = world.theme / name
        text = path.read_text()
        assert before in text
        path.write_text(text.replace(before, after, 1))

    return change


def words_of_the_theme(world):
    path = world.theme / "theme.toml"
    path.write_text(f'{path.read_text()}\n[words.en]\nread_online = "Read it in a browser"\n')
    import os

    os.utime(path, ns=(1, path.stat().st_mtime_ns + 1_000_000))


def a_correction_of_an_earlier_issue(world):
    earlier = Issue.objects.create(
        publication=world.publication,
        number=900,
        state=Issue.State.SENT,
        composed_at=timezone.now() - timedelta(days=7),
        sent_at=timezone.now() - timedelta(days=7),
    )
    Issue.objects.filter(pk=world.issue.pk).update(number=901)
    old = Article.objects.create(
        source=world.first.source, identity="old", title="Old", found_at=timezone.now() - timedelta(days=8)
    )
    Item.objects.create(issue=earlier, article=old, lead=True)
    Correction.objects.create(article=old, corrected_on=date(2026, 11, 29), text="It was two boats.")


def another_list_of_the_same_name(world):
    world.publication.mailing_list = List.objects.create(slug="others", name="Readers")
    world.publication.save()


def stored_email(*, digest):
    """A door into the stored approval itself; with the digest, as somebody who writes both."""

    def change(_world):
        approval = Approval.objects.get()
        email = approved_email(approval)
        email["html"] = email["html"].replace("Why the sea rises.", "Buy now.")
        if digest:
            approval.digest = digest_of_set(approval.emails)
        approval.save()

    return change


DOORS = {
    "subject": (lambda w: edit_issue_texts.set_subject(w.issue, "Ebb"), REOPENED),
    "preheader": (lambda w: edit_issue_texts.set_preheader(w.issue, "Other"), REOPENED),
    "opening": (lambda w: edit_issue_texts.set_opening(w.issue, "Dear reader"), REOPENED),
    "headline": (lambda w: edit_issue_articles.set_headline(w.issue, w.second.pk, "Other"), REOPENED),
    "blurb": (lambda w: edit_issue_articles.set_blurb(w.issue, w.second.pk, "Other"), REOPENED),
    "dropped article": (lambda w: edit_issue_articles.drop(w.issue, w.second.pk), REOPENED),
    "other lead": (lambda w: edit_issue_articles.make_lead(w.issue, w.second.pk), REOPENED),
    "chosen again": (lambda w: recompose_issue(w.issue), REOPENED),
    "excluded article": (lambda w: exclude_articles.exclude_article(w.second.pk), REOPENED),
    "row of the issue": (row("issue", subject="Other"), REOPENED),
    "number": (row("issue", number=7), REOPENED),
    "title": (row("second", title="Other"), REOPENED),
    "standfirst": (row("first", standfirst="Other"), REOPENED),
    "address of an article": (row("second", url="https://harbour.example.org/c"), REOPENED),
    "author": (row("first", authors=["Eve"]), REOPENED),
    "day of an article": (row("first", published_at=datetime(2026, 11, 3, tzinfo=UTC)), REOPENED),
    "withdrawn article": (row("second", withdrawn_at=datetime(2026, 11, 30, tzinfo=UTC)), REOPENED),
    "language of an article": (row("second", language="de"), REOPENED),
    "a study": (lambda w: Reference.objects.update(citation="Another"), REOPENED),
    "a correction": (a_correction_of_an_earlier_issue, REOPENED),
    "new block": (
        lambda w: edit_block(w.publication, "b", {"kind": "notice", "title": "B", "body": "B"}),
        REOPENED,
    ),
    "hidden block": (lambda w: edit_issue_blocks.hide_block(w.issue, "help"), REOPENED),
    "moved block": (
        lambda w: move_before(w.issue, "block:help", f"article:{w.second.pk}"),
        REOPENED,
    ),
    "block changed in one issue": (
        lambda w: edit_issue_blocks.edit_block(w.issue, "help", title="Help", body="A ship!", data={}),
        REOPENED,
    ),
    "block of one issue": (
        lambda w: edit_issue_blocks.add_block(w.issue, "notice", title="B", body="B", data={}),
        REOPENED,
    ),
    "no picture": (lambda w: remove_picture(w.issue, w.first.pk), REOPENED),
    "description of a picture": (lambda w: set_picture_alt(w.issue, w.first.pk, "Other"), REOPENED),
    "text of a block": (lambda w: edit_block(w.publication, "help", {"body": "A boat!"}), REOPENED),
    "no block": (lambda w: remove_block(w.publication, "help"), REOPENED),
    "block that ends": (lambda w: StandingBlock.objects.update(ends_on=date(2026, 11, 30)), REOPENED),
    "name": (publication(name="The Tide"), REOPENED),
    "tagline": (publication(tagline="Other"), REOPENED),
    "website": (publication(website="https://other.example.org"), REOPENED),
    "sender's name": (publication(sender_name="Other"), REOPENED),
    "sender's address": (publication(sender_address="other@harbour.example.org"), REOPENED),
    "reply address": (publication(reply_to="other@harbour.example.org"), REOPENED),
    "postal address": (publication(postal_address="2 Quay Street"), REOPENED),
    "reason": (publication(reason="Because."), REOPENED),
    "language": (publication(language="de"), REOPENED),
    "fallback name": (publication(first_name_fallback="friend"), REOPENED),
    "slug": (row("publication", slug="tide"), REOPENED),
    "colour": (publication(accent_colour="#a01010"), REOPENED),
    "other theme": (publication(theme="classic"), REOPENED),
    "HTML of the theme": (
        theme_file("body.html", 'footer.html" %}', 'footer.html" %}<p>Other</p>'),
        REOPENED,
    ),
    "text of the theme": (theme_file("body.txt", "{% include", "Other\n{% include"), REOPENED),
    "a remark in the theme": (theme_file("body.txt", "{% include", "{# other #}{% include"), SENT),
    "colour of the theme": (theme_file("theme.toml", "#1d2126", "#000000"), REOPENED),
    "words of the theme": (words_of_the_theme, REOPENED),
    "no theme": (lambda w: shutil.rmtree(w.theme), REOPENED),
    "name of the list": (lambda w: edit_list(List.objects.get(), name="Other"), REOPENED),
    "list of the same name": (another_list_of_the_same_name, REOPENED),
    "base URL": (setting(base_url=HttpUrl("https://other.example.org")), REOPENED),
    "tracked clicks": (setting(track_clicks=True), REOPENED),
    "untracked opens": (setting(track_opens=False), REOPENED),
    "second person": (lambda w: Publication.objects.update(four_eyes=True), REOPENED),
    "stored email": (stored_email(digest=False), REOPENED),
    "stored email and hash": (stored_email(digest=True), REOPENED),
    # What changes nothing in the email.
    "logo, which this theme does not show": (
        publication(logo_url="https://harbour.example.org/l.png", logo_width="90", logo_height="30"),
        SENT,
    ),
    "undo window": (publication(undo_minutes="9"), SENT),
    "subject pattern": (publication(subject_pattern="{name}: {lead}"), SENT),
    "selection": (publication(**{"selection.at_most": "3"}), SENT),
    "sections": (publication(sections='[{"title": "Research", "topics": ["research"]}]'), SENT),
    "names of readers": (lambda w: Subscriber.objects.update(last_name="Other"), SENT),
    "new article": (
        lambda w: Article.objects.create(
            source=w.first.source, identity="n", title="New", found_at=timezone.now()
        ),
        SENT,
    ),
    "body of an article": (row("first", body_html="<p>Other</p>"), SENT),
}
# One of each kind always runs; the others where all tests are asked for.
ALWAYS = {"subject", "excluded article", "withdrawn article", "name of the list", "base URL"}
ALWAYS |= {"stored email and hash", "words of the theme", "undo window"}
NAMES = [name if name in ALWAYS else pytest.param(name, marks=pytest.mark.full) for name in DOORS]


def what_came_of_it(world, way_out):
    """How it ended, after making sure that whatever was sent is what was approved."""
    world.issue.refresh_from_db()
    for post in way_out.posts:
        assert post.email.to_dict() == {**approved_email(world.approved), **redated(world)}
    if world.issue.state == Issue.State.SENT:
        assert len(way_out.taken) == 2
        return SENT
    assert not way_out.posts
    if Mailing.objects.filter(state=Mailing.State.PAUSED).exists():
        return PAUSED
    assert world.issue.state in {Issue.State.DRAFT, Issue.State.BLOCKED}
    assert not Approval.objects.filter(withdrawn_at=None).exists()
    assert all(each.withdrawn_reason for each in Approval.objects.all())
    return REOPENED


def redated(world):
    """The approved email as it is dated for the day of its time, which was set after it was approved."""
    day = "30 November 2026", "1 December 2026"
    return {name: approved_email(world.approved)[name].replace(*day, 1) for name in ("html", "text")}


@pytest.mark.parametrize("name", NAMES)
def test_a_change_between_approval_and_its_time(world, way_out, clock, name):
    change, ends = DOORS[name]
    change(world)
    check_next_approval()
    clock.move_to(DUE)
    tick()
    assert what_came_of_it(world, way_out) == ends


@pytest.mark.parametrize("name", sorted(ALWAYS))
def test_a_change_in_the_last_moment_without_the_look_between(world, way_out, clock, name):
    change, ends = DOORS[name]
    clock.move_to(DUE)
    change(world)
    tick()
    assert what_came_of_it(world, way_out) == ends


@pytest.mark.parametrize(
    "name", ["title", "withdrawn article", "text of a block", "stored email", "base URL"]
)
def test_a_change_between_release_and_planning(world, way_out, clock, name):
    change, ends = DOORS[name]
    clock.move_to(DUE)
    assert release_next_issue()
    change(world)
    tick()
    assert what_came_of_it(world, way_out) == ends


def test_a_change_of_the_planned_email_pauses_its_mailing(world, way_out, clock):
    clock.move_to(DUE)
    assert release_next_issue()
    assert plan_next_mailing()
    variant = Variant.objects.get()
    variant.email["subject"] = "Tampered"
    variant.save()
    tick()
    assert what_came_of_it(world, way_out) == PAUSED
    assert not Recipient.objects.filter(state=Recipient.State.ACCEPTED).exists()


@pytest.mark.parametrize("name", ["title", "text of a block", "sender's name", "words of the theme"])
def test_what_changes_once_it_is_planned_changes_nothing_of_what_is_sent(world, way_out, clock, name):
    clock.move_to(DUE)
    assert release_next_issue()
    assert plan_next_mailing()
    DOORS[name][0](world)
    tick()
    assert what_came_of_it(world, way_out) == SENT
