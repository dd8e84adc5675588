"""What a new issue would contain, and drafts that are empty or like an earlier issue."""

from datetime import timedelta

import pytest

from newsletter.accounts.actor import Actor, acting_as
from newsletter.errors import Refused
from newsletter.issues.compose import draft_issue
from newsletter.issues.draft_new_issue import articles_to_come, compose_like, draft_empty, known_topics
from newsletter.issues.edit_issue_texts import set_opening, set_subject
from newsletter.issues.models import AuditEntry, Issue
from newsletter.issues.recompose import recompose_issue
from newsletter.issues.selection_rule import Selection


def titles(articles):
    return [article.title for article in articles]


def test_what_would_come_in_is_what_comes_in(weekly, write, noon):
    for number in range(5):
        write(f"Piece {number}", hours=number + 1, topics=["research"] if number % 2 else ["news"])
    selection = Selection(topics=("news",), at_most=2)
    shown = articles_to_come(weekly, selection, now=noon)
    assert titles(shown) == ["Piece 0", "Piece 2"]
    assert not Issue.objects.exists()
    issue = draft_issue(weekly, selection=selection, now=noon)
    assert {item.article_id for item in issue.items.all()} == {article.pk for article in shown}


def test_the_source_of_each_article_is_read_with_one_query(weekly, write, noon, django_assert_num_queries):
    for number in range(9):
        write(f"Piece {number}")
    found = articles_to_come(weekly, Selection(), now=noon)
    with django_assert_num_queries(0):
        assert {article.source.name for article in found} == {"site"}


def test_an_empty_issue_has_a_number_and_a_subject_and_no_article(weekly, write, noon):
    write("A piece")
    issue = draft_empty(weekly, now=noon)
    assert (issue.number, issue.state, issue.items.count()) == (1, Issue.State.DRAFT, 0)
    assert issue.subject == "Weekly 1"
    assert AuditEntry.objects.get(act="compose").issue_id == issue.pk


def test_an_empty_issue_between_two_others_takes_no_article_away_from_the_next(weekly, write, noon, later):
    write("Old news")
    draft_issue(weekly, now=noon)
    write("News before the appeal", at=noon + timedelta(days=1))
    appeal = draft_empty(weekly, now=noon + timedelta(days=2))
    assert titles(articles_to_come(weekly, Selection(), now=later)) == ["News before the appeal"]
    recompose_issue(appeal, now=noon + timedelta(days=2))
    assert titles(articles_to_come(weekly, Selection(), now=later)) == []


def test_an_issue_like_an_earlier_one_has_its_rule_and_introduction_and_new_articles(
    weekly, write, noon, later
):
    write("Old news", topics=["news"])
    earlier = draft_issue(weekly, selection=Selection(topics=("news",), at_most=1), now=noon)
    set_opening(earlier, "Dear readers")
    set_subject(earlier, "A subject of its own")
    write("New news", topics=["news"], at=later)
    write("New research", topics=["research"], at=later)
    issue = compose_like(earlier, now=later)
    assert [item.article.title for item in issue.items.all()] == ["New news"]
    assert (issue.number, issue.opening, issue.subject) == (2, "Dear readers", "New news")
    assert issue.selection == earlier.selection


def test_an_issue_like_an_earlier_one_is_drafted_without_articles_if_none_is_new(weekly, write, noon, later):
    write("Old news")
    earlier = draft_issue(weekly, now=noon)
    assert compose_like(earlier, now=later).items.count() == 0


def test_an_issue_that_is_gone_is_a_sentence(weekly, write, noon):
    write("Old news")
    earlier = draft_issue(weekly, now=noon)
    Issue.objects.all().delete()
    with pytest.raises(Refused, match="no longer exists"):
        compose_like(earlier)


def test_nobody_without_a_role_drafts(weekly, write, noon):
    write("Old news")
    earlier = draft_issue(weekly, now=noon)
    with acting_as(Actor("sam")):
        for act in (lambda: draft_empty(weekly), lambda: compose_like(earlier)):
            with pytest.raises(Refused, match="editor"):
                act()
    assert Issue.objects.count() == 1


def test_topics_come_by_how_often_they_are_used_and_once_however_they_are_spelt(write):
    for topics in (["Research"], ["research", "News"], ["news"], ["research"]):
        write("A piece", topics=topics)
    assert [topic.casefold() for topic in known_topics()] == ["research", "news"]
