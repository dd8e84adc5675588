"""A selection with more articles than places: sources take turns, and the maxima for source, section and topic hold."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.articles.models import Source
from newsletter.errors import Invalid, Refused
from newsletter.issues.article_mix import Candidate, Maxima, mix
from newsletter.issues.articles_left_out import articles_left_out
from newsletter.issues.compose import compose
from newsletter.issues.edit_issue_articles import add, drop, pin
from newsletter.issues.recompose import recompose_issue
from newsletter.issues.selection_rule import Selection, selection_from_json
from tests.issues.conftest import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def write_from(write):
    """Publish an article of another source: `write_from("museum", "A title", hours=2)`."""

    def write_it(name, title="", **fields):
        source, _new = Source.objects.get_or_create(
            name=name, defaults={"location": f"https://{name}.example.org/feed"}
        )
        return write(title, source=source, **fields)

    return write_it


def left_out(issue):
    return [(each.article.title, each.reason) for each in articles_left_out(issue)]


def test_one_busy_source_does_not_push_out_the_others(weekly, write_from, noon, titles):
    for number in range(12):
        write_from("busy", f"Busy {number}", hours=1 + number / 10)
    for number in range(8):
        write_from(f"quiet-{number}", f"Quiet {number}", hours=10 + number)
    issue = compose(weekly, selection=Selection(at_most=10), now=noon)
    assert titles(issue) == ["Busy 0", "Busy 1", *(f"Quiet {number}" for number in range(8))]
    assert left_out(issue) == [
        (f"Busy {number}", "the issue is full: at most 10 articles in an issue") for number in range(2, 12)
    ]


def test_all_articles_come_in_where_there_is_room(weekly, write_from, noon, titles):
    for number in range(12):
        write_from("busy", f"Busy {number}", hours=1 + number)
    write_from("quiet", "Quiet", hours=20)
    issue = compose(weekly, selection=Selection(at_most=13), now=noon)
    assert (len(titles(issue)), left_out(issue)) == (13, [])


def test_with_more_sources_than_places_the_newest_articles_win(weekly, write_from, noon, titles):
    for number in range(5):
        write_from(f"source-{number}", f"Piece {number}", hours=1 + number)
    assert titles(compose(weekly, selection=Selection(at_most=3), now=noon)) == [
        "Piece 0",
        "Piece 1",
        "Piece 2",
    ]


def test_an_old_article_of_a_silent_source_does_not_take_the_place_of_news(weekly, write_from, noon, titles):
    for number in range(4):
        write_from("busy", f"Busy {number}", hours=1 + number)
    write_from("silent", "Years ago", at=noon - timedelta(days=700))
    write_from("silent", "Long ago", at=noon - timedelta(days=400))
    assert "Long ago" not in titles(compose(weekly, selection=Selection(at_most=3), now=noon))
    issue = compose(weekly, selection=Selection(since=800, at_most=5), now=noon, again=True)
    assert titles(issue)[-1] == "Long ago"


def test_a_maximum_per_source_holds_even_where_places_stay_empty(weekly, write_from, noon, titles):
    for number in range(5):
        write_from("busy", f"Busy {number}", hours=1 + number)
    write_from("quiet", "Quiet", hours=9)
    issue = compose(weekly, selection=Selection(at_most_per_source=2), now=noon)
    assert titles(issue) == ["Busy 0", "Busy 1", "Quiet"]
    assert left_out(issue)[0] == ("Busy 2", "at most 2 articles from one source")


def test_a_maximum_per_topic_counts_every_topic_in_any_spelling(weekly, write, noon, titles):
    write("One", hours=1, topics=["Heart", "News"])
    write("Two", hours=2, topics=["heart"])
    write("Three", hours=3, topics=["news"])
    write("Four", hours=4, topics=["lungs"])
    write("Five", hours=5)
    issue = compose(weekly, selection=Selection(at_most_per_topic=1), now=noon)
    assert titles(issue) == ["One", "Four", "Five"]
    assert left_out(issue) == [
        ("Two", "at most 1 article on one topic"),
        ("Three", "at most 1 article on one topic"),
    ]


def test_a_maximum_per_section_counts_the_printed_section(make_publication, write, noon, titles):
    weekly = make_publication(
        sections=[
            {"title": "Research", "topics": ["heart", "lungs"]},
            {"title": "Events", "topics": ["events"]},
        ]
    )
    for number, topic in enumerate(["heart", "lungs", "heart", "events", "other"]):
        write(f"{topic} {number}", hours=1 + number, topics=[topic])
    issue = compose(weekly, selection=Selection(at_most_per_section=2), now=noon)
    assert titles(issue) == ["heart 0", "lungs 1", "events 3", "other 4"]
    assert left_out(issue) == [("heart 2", "at most 2 articles in one section")]


def test_what_an_editor_pinned_counts_when_articles_are_chosen_again(weekly, write_from, noon, titles):
    old = write_from("busy", "Pinned", hours=9)
    issue = compose(weekly, selection=Selection(at_most_per_source=1), now=noon)
    pin(issue, old.pk)
    write_from("busy", "Newer", hours=1)
    write_from("quiet", "Quiet", hours=2)
    recompose_issue(issue, now=noon)
    assert sorted(titles(issue)) == ["Pinned", "Quiet"]
    assert left_out(issue) == [("Newer", "at most 1 article from one source")]


def test_what_an_editor_adds_or_drops_is_not_named_twice(weekly, write, noon):
    first, second = write("First", hours=1), write("Second", hours=2)
    issue = compose(weekly, selection=Selection(at_most=1), now=noon)
    add(issue, second.pk)
    drop(issue, first.pk)
    assert left_out(issue) == []


def test_articles_of_a_changed_source_are_named(weekly, write, noon):
    write("Good", hours=1)
    write("Doubtful", hours=2, waiting_since=noon)
    assert left_out(compose(weekly, now=noon)) == [
        ("Doubtful", "waiting for somebody to check its source, which has changed")
    ]


def test_an_article_that_waits_is_not_named_if_the_selection_does_not_want_its_topics(weekly, write, noon):
    write("Good", hours=1, topics=["heart"])
    write("Doubtful heart", hours=2, topics=["Heart"], waiting_since=noon)
    write("Doubtful lungs", hours=3, topics=["lungs"], waiting_since=noon)
    issue = compose(weekly, selection=Selection(topics=("heart",)), now=noon)
    assert [title for title, _reason in left_out(issue)] == ["Doubtful heart"]


def test_an_article_that_waits_takes_no_place_and_is_named_before_a_hundred_without_one(
    weekly, write, noon, titles
):
    write("Good", hours=1)
    for number in range(100):
        write(f"Next {number}", hours=2)
    write("Doubtful", hours=3, waiting_since=noon)
    issue = compose(weekly, selection=Selection(at_most=1), now=noon)
    assert titles(issue) == ["Good"]
    named = left_out(issue)
    assert (named[0][0], len(named)) == ("Doubtful", 100)


def test_choosing_again_keeps_an_article_that_waits_now_if_an_editor_pinned_it(weekly, write, noon, titles):
    pinned = write("Pinned", hours=1)
    issue = compose(weekly, now=noon)
    pin(issue, pinned.pk)
    pinned.waiting_since = noon
    pinned.save()
    write("Newer", hours=1)
    recompose_issue(issue, now=noon)
    assert sorted(titles(issue)) == ["Newer", "Pinned"]
    assert left_out(issue) == []


def test_what_was_left_out_is_said_where_too_few_articles_remain(weekly, write, noon):
    write("Good", hours=1)
    write("Other", hours=2)
    write("Doubtful", hours=3, waiting_since=noon)
    with pytest.raises(Refused) as refusal:
        compose(weekly, selection=Selection(at_least=2, at_most_per_source=1), now=noon)
    assert str(refusal.value) == (
        "We found only 1 new article. An issue needs at least 2 articles. "
        "1 article is waiting for somebody to check its source, which has changed. "
        "The selection’s limits leave out 1 article."
    )


@pytest.mark.parametrize("value", [0, 201, "3", True])
def test_a_maximum_must_be_a_number(value):
    with pytest.raises(Invalid, match=r"selection\.at_most_per_source must be a whole number"):
        selection_from_json({"at_most_per_source": value})


def test_commands_take_the_maxima_and_say_what_was_left_out(weekly, write, cli):
    write("First", hours=1, topics=["heart"])
    write("Second", hours=2, topics=["heart"])
    result = cli("issues", "compose", "weekly", "--days", "3000", "--at-most-per-topic", "1")
    assert "Second" in result.out.partition("Left out")[2]
    assert "at most 1 article on one topic" in cli("issues", "show", "1").out
    assert '"at most 1 article on one topic"' in cli("issues", "show", "1", "--json").out
    cli("publications", "edit", "weekly", "selection.at_most_per_source=2")
    weekly.refresh_from_db()
    assert weekly.selection["at_most_per_source"] == 2
    assert (
        '"at_most_per_section": 3'
        in cli(
            "series", "add", "weekly", "every Tuesday at 07:30", "--at-most-per-section", "3", "--json"
        ).out
    )


candidates = st.lists(
    st.builds(
        lambda number, hours, source, topic: Candidate(
            NOON - timedelta(hours=hours), number, source, (topic,)
        ),
        st.integers(1, 10_000),
        st.integers(0, 2_000),
        st.integers(1, 5),
        st.sampled_from("abc"),
    ),
    max_size=40,
    unique_by=lambda it: it.article,
).map(lambda them: sorted(them, key=lambda it: it.order, reverse=True))


@given(candidates, st.integers(1, 20), st.none() | st.integers(1, 3), st.none() | st.integers(1, 3))
def test_a_mix_is_full_within_its_maxima_and_in_the_order_of_dates(them, places, per_source, per_topic):
    rule = Selection(at_most_per_source=per_source, at_most_per_topic=per_topic)
    found = mix(them, places=places, maxima=Maxima(rule, ()), recent=NOON - timedelta(days=31))
    chosen = [it for it in them if it.article in found.chosen]
    assert [it.article for it in chosen] == list(found.chosen)
    assert len(chosen) <= places
    again = Maxima(rule, ())
    for it in chosen:
        assert again.why_not(it) == ""
        again.count(it)
    if len(chosen) < places:
        assert all(again.why_not(it) for it in them if it not in chosen)
    if per_source is None and per_topic is None:
        recent = [it for it in them if it.date >= NOON - timedelta(days=31)]
        counts = {source: sum(it.source == source for it in chosen if it in recent) for source in range(1, 6)}
        waiting = {it.source for it in recent if it not in chosen}
        assert all(counts[source] >= max(counts.values()) - 1 for source in waiting)
