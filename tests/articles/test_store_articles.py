"""What becomes of articles from one reading of their source to the next."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from django.db import transaction
from pytest import fixture, mark, raises

from newsletter.articles.incoming_article import Amendment, Citation, Image, IncomingArticle, Reading
from newsletter.articles.ingest import prepare
from newsletter.articles.ingest import store as store_prepared
from newsletter.articles.models import Article, Source
from newsletter.articles.sources import locked_source, remove_source
from newsletter.articles.store_articles import Counts
from newsletter.errors import NotFound
from newsletter.issues.exclude_articles import exclude_article

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
pytestmark = mark.django_db


def entry(number, **fields):
    usual = {
        "url": f"https://charity.example/{number}",
        "guid": f"guid-{number}",
        "title": f"Piece {number}",
        "html": f"<p>The words of piece {number}.</p>",
        "published_at": datetime(2026, 10, 1, tzinfo=UTC) + timedelta(days=number),
    }
    return IncomingArticle(**(usual | fields))


def reading(*entries, **fields):
    return Reading(kind="feed", articles=entries, **fields)


def newest_first(*numbers):
    return reading(*(entry(number) for number in sorted(numbers, reverse=True)))


def store(source, reading, *, now):
    """What became of the articles of a reading."""
    prepared = prepare(reading, source_language=source.language)
    with transaction.atomic():
        return store_prepared(locked_source(source), reading, prepared, now=now)


@fixture
def source():
    return Source.objects.create(name="charity", kind="feed", location="https://charity.example/feed")


@fixture
def second_source():
    return Source.objects.create(name="second", kind="feed", location="https://second.example/feed")


def the_article():
    return Article.objects.get()


def withdrawn():
    return set(Article.objects.filter(withdrawn_at__isnull=False).values_list("title", flat=True))


def test_what_a_source_gives_is_stored_once(source):
    given = newest_first(1, 2, 3)
    assert store(source, given, now=NOW) == Counts(added=3)
    assert store(source, given, now=LATER) == Counts(unchanged=3)
    assert Article.objects.count() == 3
    assert not Article.objects.exclude(edited_at=None, withdrawn_at=None).exists()
    assert set(Article.objects.values_list("found_at", flat=True)) == {NOW}


def test_an_edited_article_is_updated_and_shows_that_it_was(source):
    store(source, reading(entry(1)), now=NOW)
    assert store(source, reading(entry(1, html="<p>Other words.</p>")), now=LATER) == Counts(changed=1)
    assert the_article().edited_at == LATER
    assert the_article().body_html == "<p>Other words.</p>"


@mark.parametrize(
    "html", ["<p>The  words\n of piece 1.</p>", "<div><em>The words</em> of piece&#32;1.</div>"]
)
def test_other_markup_around_the_same_words_is_no_edit(source, html):
    store(source, reading(entry(1)), now=NOW)
    assert store(source, reading(entry(1, html=html)), now=LATER) == Counts(unchanged=1)
    assert the_article().edited_at is None


def test_another_image_is_a_change_but_no_edit(source):
    store(source, reading(entry(1)), now=NOW)
    shown = entry(1, image=Image(url="https://charity.example/a.png", alt="A door"))
    assert store(source, reading(shown), now=LATER) == Counts(changed=1)
    assert the_article().image_alt == "A door"
    assert the_article().edited_at is None


def test_a_new_address_of_an_article_is_kept_without_calling_it_a_change(source):
    store(source, reading(entry(1)), now=NOW)
    moved = entry(1, url="https://new.example/1", guid="other")
    assert store(source, reading(moved), now=LATER) == Counts(unchanged=1)
    assert the_article().url == "https://new.example/1"
    assert store(source, reading(moved), now=LATER) == Counts(unchanged=1)


def test_an_article_keeps_its_date_when_the_source_loses_it(source):
    store(source, reading(entry(1)), now=NOW)
    store(source, reading(entry(1, published_at=None)), now=LATER)
    assert the_article().published_at == entry(1).published_at


def test_references_and_corrections_come_and_change(source):
    study = Citation(kind="study", citation="Sun et al. 2012", doi="10.1038/nm.2890")
    reply = Citation(kind="response", citation="A comment", url="https://charity.example/comment")
    correction = Amendment(corrected_on=date(2026, 10, 3), text="The year was wrong.")
    store(source, reading(entry(1, references=(study,))), now=NOW)
    assert [it.doi for it in the_article().references.all()] == ["10.1038/nm.2890"]
    given = reading(entry(1, references=(reply, study), corrections=(correction,)))
    assert store(source, given, now=LATER) == Counts(changed=1)
    assert [it.kind for it in the_article().references.all()] == ["response", "study"]
    assert [it.text for it in the_article().corrections.all()] == ["The year was wrong."]
    assert the_article().edited_at is None
    assert store(source, given, now=LATER) == Counts(unchanged=1)


def test_a_correction_that_the_source_still_gives_stays_the_same(source):
    def given(*days):
        return reading(
            entry(
                1, corrections=tuple(Amendment(corrected_on=date(2026, 10, it), text=f"{it}") for it in days)
            )
        )

    store(source, given(7, 5), now=NOW)
    first = {it.text: it.pk for it in the_article().corrections.all()}
    assert store(source, given(7, 5), now=LATER) == Counts(unchanged=1)
    assert store(source, given(8, 7, 3), now=LATER) == Counts(changed=1)
    then = {it.text: it.pk for it in the_article().corrections.all()}
    assert list(then) == ["3", "7", "8"]
    assert then["7"] == first["7"]


def test_held_back_outlives_an_edit(source):
    store(source, reading(entry(1)), now=NOW)
    exclude_article(the_article().pk)
    store(source, reading(entry(1, title="Another title")), now=LATER)
    assert the_article().excluded
    assert the_article().title == "Another title"


def test_what_a_complete_reading_lacks_is_withdrawn_and_may_come_back(source):
    store(source, replace(newest_first(1, 2, 3), complete=True), now=NOW)
    assert store(source, replace(newest_first(3), complete=True), now=LATER) == Counts(
        unchanged=1, withdrawn=2
    )
    assert withdrawn() == {"Piece 1", "Piece 2"}
    assert store(source, replace(newest_first(1, 3), complete=True), now=LATER) == Counts(
        changed=1, unchanged=1
    )
    assert withdrawn() == {"Piece 2"}


def test_what_the_source_calls_deleted_is_withdrawn(source):
    store(source, newest_first(1, 2, 3), now=NOW)
    named = replace(newest_first(3), withdrawn=("http://www.charity.example/1", "guid-2", "guid-3"))
    assert store(source, named, now=LATER).withdrawn == 2
    assert withdrawn() == {"Piece 1", "Piece 2"}


def test_what_is_missing_between_newer_and_older_ones_is_withdrawn(source):
    store(source, newest_first(1, 2, 3, 4), now=NOW)
    assert store(source, newest_first(2, 4, 5), now=LATER) == Counts(added=1, unchanged=2, withdrawn=1)
    assert withdrawn() == {"Piece 3"}, "piece 1 has only left the window"


@mark.parametrize(
    "doubtful",
    [
        reading(),
        reading(complete=True),
        replace(newest_first(1, 4), well_formed=False),
        replace(newest_first(1, 4), well_formed=False, complete=True),
        reading(entry(1), entry(4)),
        reading(entry(4), entry(1, published_at=None)),
        reading(entry(9), entry(1)),
    ],
    ids=[
        "empty",
        "empty though complete",
        "broken",
        "broken though complete",
        "oldest first",
        "no date",
        "most missing",
    ],
)
def test_in_doubt_nothing_is_withdrawn(source, doubtful):
    store(source, newest_first(1, 2, 3, 4), now=NOW)
    assert store(source, doubtful, now=LATER).withdrawn == 0
    assert not withdrawn()


def test_a_source_never_withdraws_what_another_one_brought(source, second_source):
    store(source, newest_first(1, 2), now=NOW)
    store(second_source, replace(newest_first(7), complete=True), now=NOW)
    assert not withdrawn()


def test_the_same_piece_in_two_sources_belongs_to_the_first(source, second_source):
    store(source, reading(entry(1)), now=NOW)
    copied = entry(1, guid="elsewhere", html="<p>Shortened words.</p>")
    assert store(second_source, reading(copied), now=LATER) == Counts(unchanged=1)
    assert the_article().source == source
    assert the_article().body_html == "<p>The words of piece 1.</p>"


def test_a_commentary_that_links_to_an_article_is_a_piece_of_its_own(source, second_source):
    store(source, reading(entry(1)), now=NOW)
    comment = entry(2, url=entry(1).url)
    assert store(second_source, reading(comment), now=LATER) == Counts(added=1)
    assert store(second_source, reading(comment), now=LATER) == Counts(unchanged=1)


def test_a_new_article_at_an_address_and_with_words_that_others_once_had_is_added(source):
    long = f"<p>{'These words are many enough to be known by. ' * 6}</p>"
    bare = entry(2, url="", guid="", html=long)
    store(source, reading(entry(1), bare), now=NOW)
    moved = entry(1, url="https://charity.example/moved")
    store(source, reading(moved, replace(bare, html="<p>Other words.</p>")), now=NOW)
    again = entry(3, url=entry(1).url, title=bare.title, html=long)
    assert store(source, reading(again), now=LATER) == Counts(added=1)
    assert Article.objects.count() == 3


def test_a_removed_source_stores_nothing_more(source):
    remove_source(source.name)
    with raises(NotFound, match="removed"):
        store(source, reading(entry(1)), now=NOW)


def test_ten_thousand_and_one_articles_fit_one_reading(source):
    given = reading(*(entry(number, published_at=None) for number in range(10_001)))
    assert store(source, given, now=NOW) == Counts(added=10_001)
    assert store(source, given, now=LATER) == Counts(unchanged=10_001)


def test_hostile_text_fits_the_database(source):
    nasty = "\x00\ud800\u202e" + "x" * 5_000
    given = entry(1, title=nasty, guid=nasty, html=f"<p>{nasty}</p>", authors=(nasty,), topics=(nasty,))
    assert store(source, reading(given), now=NOW) == Counts(added=1)
    assert store(source, reading(given), now=LATER) == Counts(unchanged=1)
