"""What the checks find in an issue, the most serious first, each with the place where it can be mended."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.articles.models import Article
from newsletter.articles.pictures.models import OriginalPicture
from newsletter.articles.pictures.store_pictures import key_of
from newsletter.issues.locked_draft import open_draft
from newsletter.issues.models import Issue, Item
from newsletter.preflight.all_checks import check_issue, check_now
from newsletter.preflight.approval_steps import Step, steps_before_sending
from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.finding import Level, Place
from newsletter.rendering.delivered_html_size import delivered_bytes
from newsletter.rendering.email_set import EmailSet, EmailVariant
from newsletter.scheduling.approval import approve, withdraw_approval
from newsletter.scheduling.schedule import schedule_at
from newsletter.sending.send_test_emails import current_emails
from newsletter.sending.send_test_emails_once import request_test_emails
from subscribers.models import Subscription
from tests.sending.test_send_test_emails_once import all_rows, changed_models, key  # noqa: F401 - a fixture


@pytest.fixture
def ready(issue, join, way_out, key):  # noqa: F811
    """An issue about which there is nothing to say: complete, tested, approved, with a reader."""
    issue.preheader, issue.opening = "What the moon does", "Dear reader"
    issue.save()
    join("ana")
    approve(issue)
    request_test_emails(issue, ["edda@desk.example.net"], key=key)
    return issue


def said(issue, word):
    """The only finding about an issue that has this word."""
    [found] = [each for each in check_now(issue) if word in each.what]
    return found


def steps(issue):
    return steps_before_sending(CheckedIssue(issue))


def step(issue, word):
    """The only thing to do for an issue that has this word."""
    [found] = [each for each in steps(issue) if word in each.sentence]
    return found


def test_nothing_is_said_about_an_issue_that_is_ready(ready):
    assert check_now(ready) == []
    assert steps(ready) == []


def test_the_checks_change_no_row(ready):
    Issue.objects.update(subject="Changed")
    before = all_rows()
    assert not check_now(Issue.objects.get())
    assert steps(Issue.objects.get())
    assert changed_models(before) == set()


def test_the_most_serious_comes_first(issue):
    Issue.objects.update(subject=" ")
    levels = [list(Level).index(each.level) for each in check_now(Issue.objects.get())]
    assert levels == sorted(levels)
    assert len(set(levels)) > 1
    assert levels[0] == 0


def test_an_audience_of_nobody_is_said(ready):
    Subscription.objects.all().delete()
    found = said(
        ready, "Nobody would receive this issue, because the list “Readers” has no active subscribers."
    )
    assert (found.level, found.place) == (Level.WARNING, Place("review", "audience"))


def test_an_issue_with_nothing_in_it_stops_sending(ready):
    ready.items.all().delete()
    Issue.objects.update(opening="")
    first = check_now(Issue.objects.get())[0]
    assert (first.level, first.place) == (Level.ERROR, Place("contents"))
    assert "is empty" in first.what


def test_an_email_that_cannot_be_created_stops_sending(ready):
    Issue.objects.update(opening="{{ nonsense }}")
    first = check_now(Issue.objects.get())[0]
    assert (first.level, first.place) == (Level.ERROR, Place("contents"))


def test_a_missing_approval_stops_sending(issue):
    assert step(issue, "Nobody has approved") == Step(
        "Nobody has approved this issue yet.", Place("send", "approve")
    )


def test_a_stale_approval_is_said_with_what_changed(ready):
    Issue.objects.update(subject="Floods")
    found = step(Issue.objects.get(), "has changed since")
    assert found.stops
    assert "Floods" in found.sentence


def test_an_approval_that_was_withdrawn_is_said_with_the_reason(ready):
    with acting_as(Actor("amir", frozenset({Role.EDITOR, Role.APPROVER, Role.SENDER}))):
        withdraw_approval(ready)
    assert (
        "amir withdrew the approval. Approve the issue again."
        in step(Issue.objects.get(), "withdrew").sentence
    )


def test_somebody_who_worked_on_the_issue_learns_that_another_person_must_approve_it(issue):
    issue.publication.four_eyes = True
    issue.publication.save()
    with acting_as(Actor("ruth", frozenset({Role.EDITOR, Role.APPROVER, Role.SENDER}), account=1)):
        with open_draft(issue, "Changed the subject."):
            pass
        assert step(issue, "second person").place == Place("send", "approve")


def test_a_send_time_without_an_approval_is_said(issue):
    schedule_at(issue, timezone.now() + timedelta(days=1))
    assert step(issue, "before its send time").stops


@pytest.mark.parametrize(
    ("field", "level"),
    [("preheader", Level.ADVICE), ("opening", Level.ADVICE), ("subject", Level.ERROR)],
)
def test_an_empty_field_leads_to_the_field(ready, field, level):
    Issue.objects.update(**{field: " "})
    name = "introduction" if field == "opening" else field
    found = said(Issue.objects.get(), f"The {name} is empty")
    assert (found.level, found.place) == (level, Place("details", field))


def test_an_email_that_gmail_would_cut_off_is_said(ready):
    Issue.objects.update(opening="word " * 22_000)
    assert said(Issue.objects.get(), "Gmail").level is Level.ERROR


def test_an_article_that_its_source_withdrew_is_said(ready):
    article = Article.objects.get()
    Article.objects.update(withdrawn_at=timezone.now())
    found = said(ready, "was withdrawn at its source")
    assert found.place == Place("contents", article=article.pk)


def test_an_article_that_was_edited_since_the_draft_is_said_and_more_so_beside_a_text_of_ours(ready):
    Article.objects.update(edited_at=timezone.now() + timedelta(minutes=1))
    assert said(ready, "was changed at its source").level is Level.ADVICE
    ready.items.update(blurb="Our own words")
    assert said(ready, "still fits").level is Level.WARNING


def test_a_picture_that_did_not_come_is_said_with_the_reason(ready):
    url = "https://harbour.example.org/quay.jpg"
    Article.objects.update(image_url=url)
    assert said(ready, "has not been fetched").place.part == "contents"
    OriginalPicture.objects.create(
        key=key_of(url),
        url=url,
        state=OriginalPicture.State.FAILED,
        reason="The server did not answer.",
        used_at=timezone.now(),
    )
    assert said(ready, "The server did not answer.").place.article == Article.objects.get().pk


def test_a_picture_without_a_description_is_said(ready):
    Issue.objects.get().publication.__class__.objects.update(hotlink_pictures=True)
    Article.objects.update(
        image_url="https://harbour.example.org/quay.jpg", image_width=600, image_height=400
    )
    assert said(Issue.objects.get(), "has no description").level is Level.WARNING
    Article.objects.update(image_alt="Boats at the quay")
    assert not [each for each in check_now(Issue.objects.get()) if "no description" in each.what]


def test_what_is_true_of_several_articles_is_one_sentence_with_a_list(ready):
    """Ten warnings in a row, one a picture, would hide the one that matters."""
    first = Article.objects.get()
    second = Article.objects.create(
        source=first.source,
        url="https://harbour.example.org/b",
        identity="b",
        title="Waves",
        found_at=timezone.now(),
    )
    Item.objects.create(issue=ready, article=second, position=2)
    articles = [first.pk, second.pk]
    Article.objects.update(edited_at=timezone.now() + timedelta(minutes=1))
    found = said(ready, "changed at their sources")
    assert found.what.startswith("2 articles were changed")
    assert sorted(each.place.article for each in found.things) == sorted(articles)
    ready.publication.hotlink_pictures = True
    ready.publication.save()
    Article.objects.update(
        image_url="https://harbour.example.org/quay.jpg", image_width=600, image_height=400
    )
    found = said(Issue.objects.get(), "no description")
    assert found.what == "2 pictures have no description for readers who cannot see them."
    assert {each.place for each in found.things} == {Place("contents", "alt", each) for each in articles}
    Article.objects.update(withdrawn_at=timezone.now())
    assert said(Issue.objects.get(), "2 articles were withdrawn").things[0].title


def test_a_language_without_words_is_said_once(ready):
    ready.publication.language = "he"
    ready.publication.save()
    assert said(Issue.objects.get(), "We have no Hebrew translation").place.part == "settings"


def test_a_version_that_nobody_tested_is_said(ready):
    Issue.objects.update(subject="Floods")
    assert step(Issue.objects.get(), "test email").place == Place("send", "test")
    assert current_emails(Issue.objects.get())


def test_the_largest_variant_of_the_email_is_measured_once(ready):
    main = current_emails(ready).main
    long = replace(main, html=main.html.replace("</body>", f"{'x' * 100_000}</body>"))
    longer = replace(main, html=main.html.replace("</body>", f"{'x' * 110_000}</body>"))
    emails = EmailSet(
        (
            EmailVariant(email=long, language="de", readers="language is de"),
            EmailVariant(email=longer, language="pl", readers="language is pl"),
            EmailVariant(email=main),
        )
    )
    [found] = [
        each for each in check_issue(CheckedIssue(ready, emails=emails)) if each.rule == "size.clipped"
    ]
    assert f"{delivered_bytes(longer) // 1_000} KB" in found.what
