"""What a search of the articles finds, page by page, and what it costs."""

from datetime import UTC, datetime, timedelta

from pytest import fixture, mark

from newsletter.articles import search_index
from newsletter.articles.models import Article, ArticleListing, Source
from newsletter.articles.search_articles import ArticleSearch, State, search_articles, topics_in_use
from subscribers.database import is_postgres

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
pytestmark = mark.django_db


@fixture
def source():
    return Source.objects.create(name="charity", kind="feed", location="https://charity.example/feed")


@fixture
def add(source):
    def add(title, number=1, **fields):
        usual = {"source": source, "published_at": NOW - timedelta(days=number), "found_at": NOW}
        return Article.objects.create(title=title, identity=title[:32], content_hash="x", **(usual | fields))

    return add


def titles(text="", **search):
    return [it.title for it in search_articles(ArticleSearch(text=text, **search)).articles]


def test_a_search_finds_the_beginnings_of_words_in_any_order_and_case(add):
    add("A trial of radiotherapy for prostate cancer")
    add("Walking with friends")
    assert titles("PROST radio") == ["A trial of radiotherapy for prostate cancer"]
    assert titles("radio walking") == []
    assert titles("state") == []


@mark.postgresql
@mark.parametrize("few", [0, 2])
def test_postgresql_finds_the_same_in_many_articles_as_in_few(add, monkeypatch, few):
    monkeypatch.setattr(search_index, "FEW", few)
    for number in (1, 2, 3):
        add(f"Tides {number}", number)
    add("Storms", 2)
    assert titles("tid") == ["Tides 1", "Tides 2", "Tides 3"]
    assert titles("tid", before=NOW - timedelta(days=1)) == ["Tides 2", "Tides 3"]
    assert titles("storm") == ["Storms"]
    assert titles("calm") == []


def test_a_search_looks_at_standfirst_authors_and_topics_too(add):
    add("One", standfirst="About the lifeboat of Hythe.", authors=["Zoë Łukasz"], topics=["Living well"])
    add("Two")
    for text in ("lifeboat", "zoe", "lukasz", "Łukasz", "living"):
        assert titles(text) == ["One"]


def test_a_search_works_in_languages_without_spaces_and_with_accents(add):
    add("前立腺がんの新しい治療")
    add("Über Prostatakrebs und Höhenangst")
    assert titles("治療") == ["前立腺がんの新しい治療"]
    assert titles("hohen") == titles("HÖHEN") == ["Über Prostatakrebs und Höhenangst"]


@mark.parametrize(
    "text", ['"', "' OR 1=1 --", "NEAR(", "a* AND", "&|!:*", "\\", "*", "%", "(((", "x:y", "\x00", "^"]
)
def test_no_text_breaks_the_search(add, text):
    add("Nothing of the kind")
    assert titles(text) == []


def test_a_pasted_address_finds_its_article(add):
    from newsletter.articles.article_keys import key_of
    from newsletter.http.web_addresses import url_key

    address = "https://charity.example/news/1/"
    add("One", url=address, url_key=key_of(url_key(address)))
    add("Two")
    assert titles("http://www.charity.example/news/1?utm_source=mail") == ["One"]


def test_topics_are_compared_as_the_selection_of_issues_compares_them(add):
    add("One", topics=["Prostate-Cancer", "News"])
    add("Two", topics=["prostate"])
    assert titles(topic="prostate cancer") == ["One"]
    assert titles("one", topic="News") == ["One"]
    assert titles("two", topic="News") == []
    assert set(topics_in_use()) == {"Prostate-Cancer", "News", "prostate"}


def test_sources_dates_and_states_narrow_a_search(add):
    other = Source.objects.create(name="other", location="https://other.example/feed")
    add("Old", 30)
    add("Undated", published_at=None, found_at=NOW - timedelta(days=3))
    add("Theirs", 2, source=other)
    add("Gone", 1, withdrawn_at=NOW, edited_at=NOW)
    add("Unwanted", 0, excluded=True)
    assert titles() == ["Unwanted", "Gone", "Theirs", "Undated", "Old"]
    assert titles(source="other") == ["Theirs"]
    assert titles(source="nothing") == []
    assert titles(since=NOW - timedelta(days=5), before=NOW - timedelta(days=2)) == ["Undated"]
    assert titles(state=State.USABLE) == ["Theirs", "Undated", "Old"]
    assert titles(state=State.WITHDRAWN) == titles(state=State.EDITED) == ["Gone"]
    assert titles(state=State.EXCLUDED) == ["Unwanted"]


def test_pages_follow_each_other_without_gaps_even_when_dates_are_equal(add):
    for number in range(7):
        add(f"Piece {number}", 1)
    seen, cursor = [], ""
    for _page in range(4):
        page = search_articles(ArticleSearch(text="piece"), after=cursor, at_most=2)
        seen += [it.title for it in page.articles]
        cursor = page.next_cursor
    assert seen == [f"Piece {number}" for number in reversed(range(7))]
    assert cursor == ""


@mark.parametrize("cursor", ["", "x", "-", "1e99-1", "nan-3", "5-x"])
def test_a_cursor_that_nobody_gave_shows_the_first_page(add, cursor):
    add("One")
    assert [it.title for it in search_articles(ArticleSearch(), after=cursor).articles] == ["One"]


def test_the_index_follows_changes_and_removals(add):
    article = add("Lifeboats")
    article.title = "Bicycles"
    article.save(update_fields=["title"])
    assert (titles("lifeboats"), titles("bicycles")) == ([], ["Bicycles"])
    article.delete()
    assert titles("bicycles") == []
    assert not ArticleListing.objects.exists()


@mark.parametrize("number", [1, 60])
def test_a_search_takes_the_same_queries_for_one_article_and_for_many(add, django_assert_num_queries, number):
    for each in range(number):
        add(f"Piece {each}")
    # PostgreSQL is asked first whether the articles are few.
    with django_assert_num_queries(3 if is_postgres() else 2):
        for article in search_articles(ArticleSearch(text="piece", state=State.USABLE)).articles:
            assert article.source.name == "charity"
