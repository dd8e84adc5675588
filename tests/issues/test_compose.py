from datetime import timedelta

import pytest

from newsletter.errors import Invalid, Refused
from newsletter.issues.cancel_issue import cancel_issue
from newsletter.issues.compose import compose
from newsletter.issues.edit_issue_articles import drop
from newsletter.issues.item_order import sections_to_print
from newsletter.issues.models import Issue
from newsletter.issues.selection_rule import Selection


def test_the_newest_articles_come_first(weekly, write, noon, titles):
    write("Old", hours=50)
    write("New", hours=1)
    write("Middle", hours=5)
    assert titles(compose(weekly, now=noon)) == ["New", "Middle", "Old"]


def test_the_newest_article_with_an_image_leads(weekly, write, noon, titles):
    write("Newest", hours=1)
    write("Pictured", hours=2, image_url="https://example.org/a.png")
    write("Pictured too", hours=3, image_url="https://example.org/b.png")
    assert titles(compose(weekly, now=noon)) == ["Pictured", "Newest", "Pictured too"]


def test_an_article_is_carried_once(weekly, write, noon, later, titles):
    write("First")
    compose(weekly, now=noon)
    write("Second", at=later - timedelta(hours=1))
    assert titles(compose(weekly, now=later)) == ["Second"]


def test_an_article_is_carried_once_though_the_days_reach_back_to_it(weekly, write, noon, titles):
    write("First")
    compose(weekly, now=noon)
    write("Second")
    issue = compose(weekly, selection=Selection(since=30), now=noon + timedelta(hours=1))
    assert titles(issue) == ["Second"]


def test_an_article_comes_twice_when_asked(weekly, write, noon, titles):
    write("First")
    compose(weekly, now=noon)
    issue = compose(weekly, selection=Selection(since=30), again=True, now=noon + timedelta(hours=1))
    assert titles(issue) == ["First"]


def test_each_publication_counts_for_itself(weekly, make_publication, write, noon, titles):
    write("First")
    compose(weekly, now=noon)
    issue = compose(make_publication("monthly"), now=noon)
    assert titles(issue) == ["First"]
    assert issue.number == 1


def test_a_cancelled_issue_gives_its_articles_back_and_keeps_its_number(weekly, write, noon, titles):
    write("First")
    cancel_issue(compose(weekly, now=noon))
    issue = compose(weekly, now=noon)
    assert titles(issue) == ["First"]
    assert issue.number == 2


def test_an_article_dropped_from_one_issue_is_there_for_the_next(weekly, write, noon, later, titles):
    dropped = write("Dropped")
    write("Kept")
    drop(compose(weekly, now=noon), dropped.pk)
    assert titles(compose(weekly, now=later)) == ["Dropped"]


def test_what_must_not_be_mailed_is_left_out(weekly, write, noon, titles):
    write("Fine")
    write("Withdrawn", withdrawn_at=noon)
    write("Excluded", excluded=True)
    write("Tomorrow", hours=-24)
    assert titles(compose(weekly, now=noon)) == ["Fine"]


def test_articles_of_a_removed_source_are_left_out(weekly, source, write, noon):
    write("Removed")
    source.active = False
    source.save()
    with pytest.raises(Refused):
        compose(weekly, now=noon)


def test_an_article_that_was_found_late_is_still_news(weekly, write, noon, later, titles):
    write("First")
    compose(weekly, now=noon)
    write("Found late", hours=30, found=noon + timedelta(hours=1))
    assert titles(compose(weekly, now=later)) == ["Found late"]


def test_the_archive_of_a_new_source_is_no_news(weekly, write, noon, later, titles):
    write("First")
    compose(weekly, now=noon)
    write("From years ago", hours=20_000, found=noon + timedelta(hours=1))
    with pytest.raises(
        Refused, match="not find any new articles since issue 1, which was drafted on 9 November 2026"
    ):
        compose(weekly, now=later)


def test_an_article_without_a_date_is_dated_by_when_it_was_found(weekly, write, noon, titles):
    write("Dated", hours=1)
    write("Undated", undated=True, found=noon - timedelta(minutes=5))
    assert titles(compose(weekly, now=noon)) == ["Undated", "Dated"]


def test_too_few_articles_make_no_issue(weekly, write, noon):
    write("Only one")
    with pytest.raises(Refused) as refusal:
        compose(weekly, selection=Selection(at_least=2, topics=()), now=noon)
    assert str(refusal.value) == "We found only 1 new article. An issue needs at least 2 articles."
    assert not Issue.objects.exists()


def test_a_refusal_names_topics_sources_and_days(weekly, write, noon):
    write("Elsewhere")
    chosen = Selection(topics=("research",), sources=("site",), since=7)
    with pytest.raises(Refused) as refusal:
        compose(weekly, selection=chosen, now=noon)
    assert str(refusal.value) == (
        "We did not find any new articles on research from site in the last 7 days. An issue needs "
        "at least 1 article."
    )


def test_an_empty_press_says_what_to_do(weekly, noon):
    with pytest.raises(Refused, match="Add a source and fetch its articles"):
        compose(weekly, now=noon)


def test_an_unknown_source_is_named_with_those_there_are(weekly, write, noon):
    write()
    with pytest.raises(Invalid, match=r"a source called “sight”. The sources are site"):
        compose(weekly, selection=Selection(sources=("sight",)), now=noon)


def test_topics_are_matched_however_they_are_spelt(weekly, write, noon, titles):
    write("Spelt", topics=["Prostate-Cancer"])
    write("Other", topics=["bowel cancer"])
    write("None")
    assert titles(compose(weekly, selection=Selection(topics=("prostate cancer",)), now=noon)) == ["Spelt"]


def test_at_most_so_many_are_taken_after_the_topic_is_looked_at(weekly, write, noon, titles):
    for hours in range(1, 9):
        write(f"{hours}", hours=hours, topics=["even" if hours % 2 == 0 else "odd"])
    assert titles(compose(weekly, selection=Selection(topics=("even",), at_most=3), now=noon)) == [
        "2",
        "4",
        "6",
    ]


def test_sections_follow_the_publication_and_others_come_last(make_publication, write, noon):
    sections = [
        {"title": "Research", "topics": ["research"]},
        {"title": "Living", "topics": ["food", "sport"]},
    ]
    paper = make_publication(sections=sections)
    write("Lead", hours=1, topics=["food"])
    write("Unsorted", hours=2)
    write("Run", hours=3, topics=["Sport"])
    write("Trial", hours=4, topics=["food", "research"])
    lead, grouped = sections_to_print(compose(paper, now=noon))
    assert lead.article.title == "Lead"
    assert [(group.title, [item.article.title for item in group.items]) for group in grouped] == [
        ("Research", ["Trial"]),
        ("Living", ["Run"]),
        ("More", ["Unsorted"]),
    ]


def test_a_section_without_topics_takes_the_rest_in_its_own_place(make_publication, write, noon):
    paper = make_publication(
        sections=[{"title": "News", "topics": []}, {"title": "Trials", "topics": ["trial"]}]
    )
    write("Lead", hours=1)
    write("A trial", hours=2, topics=["trial"])
    write("Something", hours=3)
    _, grouped = sections_to_print(compose(paper, now=noon))
    assert [group.title for group in grouped] == ["News", "Trials"]


def test_composing_needs_few_queries_however_many_articles_there_are(
    weekly, write, noon, django_assert_max_num_queries
):
    for hours in range(1, 40):
        write(hours=hours)
    with django_assert_max_num_queries(23):
        issue = compose(weekly, selection=Selection(at_most=30), now=noon)
    assert issue.items.count() == 30
