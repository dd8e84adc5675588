"""The rules of identity: any feed may change its GUIDs, schemes and order; an article stays one article."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from newsletter.articles.incoming_article import IncomingArticle, Reading
from newsletter.articles.ingest import prepare
from newsletter.articles.load_known_articles import StoredArticle
from newsletter.articles.recognise_articles import new_identity, recognise
from newsletter.articles.steps.identity_keys import add_keys, without_repeats

FIRST_DAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
LONG = "This is told at such length that nobody would say the very same by chance. " * 5


def entry(number, **fields):
    usual = {
        "url": f"https://charity.example/news/{number}",
        "guid": f"guid-{number}",
        "title": f"Piece {number}",
        "html": f"<p>{number}. {LONG}</p>",
        "published_at": FIRST_DAY + timedelta(days=number),
    }
    return IncomingArticle(**(usual | fields))


def pieces_of(entries, source_id=1):
    prepared = prepare(Reading(kind="feed", articles=tuple(entries)))
    for article in prepared:
        add_keys(article, source_id)
    return without_repeats(prepared)


def known_from(pieces):
    return [
        StoredArticle(
            article_id=number,
            source_id=1,
            owned=True,
            url_key=piece.url_key,
            guid_key=piece.guid_key,
            title_key=piece.title_key,
            content_hash=piece.content_hash,
            fingerprint=piece.fingerprint,
            published_at=piece.published_at,
            withdrawn_at=None,
        )
        for number, piece in enumerate(pieces, 1)
    ]


def new_among(before, after, *, source_id=1):
    """How many of the later entries are new to one who knows the earlier ones."""
    found = recognise(pieces_of(after, source_id), known_from(pieces_of(before)))
    return found.count(None)


def http(entry):
    return replace(entry, url=entry.url.replace("https:", "http:"))


def www(entry):
    return replace(entry, url=entry.url.replace("//", "//www."))


def slash(entry):
    return replace(entry, url=entry.url + "/")


def tracked(entry):
    return replace(entry, url=entry.url + "?utm_source=rss&utm_medium=feed#xtor=RSS-1")


def other_guid(entry):
    return replace(entry, guid=f"https://charity.example/?p={entry.guid}")


def no_guid(entry):
    return replace(entry, guid="")


def moved(entry):
    return replace(
        entry, url=entry.url.replace("charity.example/news", "new.example/stories"), guid=f"new-{entry.guid}"
    )


def spaced(entry):
    return replace(entry, html=f"<div>\n  {entry.html.replace(' ', '  ')}</div>")


HARMLESS = [http, www, slash, tracked, other_guid, no_guid, moved, spaced]
feeds = st.lists(st.integers(0, 200), min_size=1, max_size=12, unique=True).map(
    lambda them: [entry(it) for it in them]
)


@given(feeds, st.data())
def test_nothing_is_new_in_any_order_with_any_harmless_change(before, data):
    after = data.draw(st.permutations(before))
    for change in data.draw(st.lists(st.sampled_from(HARMLESS), max_size=5, unique=True)):
        after = [change(it) for it in after]
    assert new_among(before, after) == 0


@given(feeds, st.data())
def test_it_makes_no_difference_if_only_some_entries_change(before, data):
    after = [
        data.draw(st.sampled_from([*HARMLESS, lambda it: it]))(it)
        for it in data.draw(st.permutations(before))
    ]
    assert new_among(before, after) == 0


@given(feeds, st.sampled_from(HARMLESS), st.integers(201, 300))
def test_what_is_really_new_is_new_whatever_else_changes(before, change, number):
    assert new_among(before, [entry(number), *(change(it) for it in before)]) == 1


@given(feeds)
def test_the_same_pieces_in_a_second_source_are_not_new(before):
    assert new_among(before, before, source_id=2) == 0


@given(st.integers(2, 12), st.booleans())
def test_pieces_that_share_one_link_stay_apart(count, front_page):
    link = "https://charity.example/" if front_page else "https://charity.example/links"
    before = [entry(number, url=link) for number in range(count)]
    assert len(pieces_of(before)) == count
    assert new_among(before, before) == 0
    assert new_among(before, [http(it) for it in reversed(before)]) == 0
    assert new_among(before, [entry(99, url=link), *before]) == 1


def test_one_new_piece_at_a_time_behind_the_front_page_is_new_each_time():
    link = "https://charity.example"
    assert new_among([entry(1, url=link)], [entry(2, url=link)]) == 1


def test_a_page_that_shows_another_piece_every_day_has_another_piece_every_day():
    link = "https://charity.example/today"
    assert new_among([entry(1, url=link)], [entry(2, url=link)]) == 1


def test_a_guid_that_is_used_again_for_another_piece_is_a_new_article():
    assert new_among([entry(1)], [entry(2, guid="guid-1")]) == 1


def test_a_guid_that_all_entries_have_tells_nothing():
    before = [entry(number, guid="the same") for number in range(5)]
    assert len(pieces_of(before)) == 5
    assert new_among(before, [entry(9, guid="the same"), *before]) == 1


def test_an_edited_article_is_the_same_by_its_address_or_its_guid():
    assert new_among([entry(1)], [entry(1, html="<p>Other words.</p>")]) == 0
    assert new_among([entry(1)], [entry(1, html="<p>Other words.</p>", guid="other")]) == 0
    assert new_among([entry(1)], [entry(1, html="<p>Other words.</p>", url="")]) == 0
    assert (
        new_among([entry(1)], [entry(1, html="<p>Other words.</p>", url="https://charity.example/slug")]) == 0
    )


def test_without_link_and_guid_the_words_decide():
    bare = [entry(number, url="", guid="") for number in range(4)]
    assert len(pieces_of(bare)) == 4
    assert new_among(bare, list(reversed(bare))) == 0
    assert new_among(bare, [entry(9, url="", guid=""), *bare]) == 1
    assert new_among(bare, [entry(1, url="", guid="", html="<p>Edited.</p>")]) == 0


def test_few_words_are_the_same_only_on_the_same_day():
    short = entry(1, title="Closed", html="<p>Closed today.</p>")
    assert new_among([short], [moved(short)]) == 0
    later = replace(moved(short), published_at=FIRST_DAY + timedelta(days=90))
    assert new_among([short], [later]) == 1


def test_entries_with_the_same_words_in_one_document_are_several_articles():
    monthly = [entry(number, title="Report", html=f"<p>{LONG}</p>") for number in range(3)]
    assert len(pieces_of(monthly)) == 3
    assert new_among(monthly, monthly) == 0


def test_an_entry_that_a_document_says_twice_is_one():
    assert (
        len(pieces_of([entry(1), entry(1), entry(1, html="<p>An older version.</p>"), http(entry(1))])) == 1
    )


@given(st.lists(st.integers(0, 5), max_size=20), st.booleans())
def test_no_two_articles_get_one_identity(numbers, shared):
    taken = set()
    for piece in (pieces_of([entry(number)])[0] for number in numbers):
        taken.add(new_identity(piece, shared=shared, taken=taken))
    assert len(taken) == len(numbers)


def test_two_readings_at_the_same_time_arrive_at_one_identity():
    (piece,) = pieces_of([entry(1)])
    (other_source,) = pieces_of([entry(1)], source_id=2)
    assert new_identity(piece, shared=False, taken=set()) == new_identity(
        other_source, shared=False, taken=set()
    )


def test_a_new_piece_behind_a_shared_link_is_no_edit_of_one_that_left_the_feed():
    link = "https://charity.example/links"
    before = [entry(number, url=link, guid="") for number in range(4)]
    assert new_among(before, [entry(99, url=link, guid=""), *before[1:]]) == 1
