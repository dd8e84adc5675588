from datetime import timedelta

import pytest

from newsletter.errors import Refused
from newsletter.issues import edit_issue_articles
from newsletter.issues.compose import compose
from newsletter.issues.models import Issue
from newsletter.issues.recompose import recompose_issue
from newsletter.issues.selection_rule import Selection


@pytest.fixture
def issue(weekly, write, noon):
    for hours, title in enumerate("ABCD", start=1):
        write(title, hours=hours)
    return compose(weekly, selection=Selection(at_most=4), now=noon)


def key(issue, title):
    return issue.items.get(article__title=title).article_id


def test_newer_articles_push_out_the_oldest(issue, write, noon, titles):
    write("New", hours=-1)
    recompose_issue(issue, now=noon + timedelta(hours=2))
    assert titles(issue) == ["New", "A", "B", "C"]


def test_pinned_reworded_and_dropped_items_stay_what_they_are(issue, write, noon, titles):
    edit_issue_articles.pin(issue, key(issue, "D"))
    edit_issue_articles.set_headline(issue, key(issue, "C"), "Own words")
    edit_issue_articles.drop(issue, key(issue, "A"))
    write("New", hours=-1)
    write("Newer", hours=-2)
    recompose_issue(issue, now=noon + timedelta(hours=3))
    assert sorted(titles(issue)) == ["C", "D", "New", "Newer"]
    assert issue.items.get(article__title="C").headline == "Own words"
    assert issue.items.get(article__title="A").dropped


def test_the_lead_that_an_editor_chose_still_leads(issue, write, noon, titles):
    edit_issue_articles.make_lead(issue, key(issue, "C"))
    write("New", hours=-1, image_url="https://example.org/a.png")
    recompose_issue(issue, now=noon + timedelta(hours=2))
    assert titles(issue)[0] == "C"


def test_the_order_that_an_editor_gave_is_kept(issue, noon, titles):
    edit_issue_articles.move(issue, key(issue, "D"), to=2)
    recompose_issue(issue, now=noon + timedelta(hours=2))
    assert titles(issue) == ["A", "D", "B", "C"]


def test_composing_again_without_news_changes_nothing(issue, noon, titles):
    before = (issue.subject, issue.preheader, titles(issue))
    recompose_issue(issue, now=noon + timedelta(minutes=1))
    assert (issue.subject, issue.preheader, titles(issue)) == before


def test_too_few_leave_the_draft_as_it_was(issue, noon, titles):
    with pytest.raises(Refused):
        recompose_issue(issue, selection=Selection(at_least=9), now=noon)
    assert titles(issue) == ["A", "B", "C", "D"]


def test_only_what_has_not_gone_is_composed_again(issue):
    Issue.objects.update(state="sent")
    with pytest.raises(Refused, match="Only an issue that has not been sent"):
        recompose_issue(issue)
