"""Articles that editors write in the desk."""

from dataclasses import replace

from pytest import fixture, mark, raises

from newsletter.accounts.actor import Actor, acting_as
from newsletter.articles.find_articles import latest_articles
from newsletter.articles.models import Article, Source
from newsletter.articles.search_articles import ArticleSearch, search_articles
from newsletter.articles.sources import active_sources
from newsletter.articles.write_article_in_desk import (
    WrittenText,
    text_version,
    write_article,
    written_text,
)
from newsletter.errors import InvalidFields, Refused
from newsletter.issues.change_articles_for_all_issues import change_article, edit_written

pytestmark = mark.django_db
TEXT = WrittenText(
    title="Our open day < 5 April",
    markdown="Come to the **harbour**.\n\n<script>alert(1)</script>\n\n[Book](javascript:alert(2))",
    author="Ann & Co",
)


@fixture
def written():
    return write_article(TEXT)


@mark.parametrize(
    ("typed", "topics"),
    [
        ("Tides, harbour seals", ["Tides", "harbour seals"]),
        (" tides ,, Tides\nTIDES", ["tides"]),
        ("R&D, <b>x</b>", ["R&D", "x"]),
        ("", []),
    ],
)
def test_topics_are_written_with_commas_and_kept_when_the_text_is_edited(typed, topics):
    written = write_article(replace(TEXT, topics=typed))
    assert list(written.topics) == topics
    edit_written(written.pk, replace(written_text(written), title="New"), seen=text_version(written))
    written.refresh_from_db()
    assert list(written.topics) == topics


@mark.parametrize("typed", ["x" * 101, ",".join(map(str, range(21)))])
def test_too_many_or_too_long_topics_are_refused(typed):
    with raises(InvalidFields, match="up to 20 topics of up to 100 characters"):
        write_article(replace(TEXT, topics=typed))


def test_a_written_article_is_safe_and_found_like_any_other(written):
    assert (written.title, written.authors) == ("Our open day < 5 April", ["Ann & Co"])
    assert "<strong>harbour</strong>" in written.body_html
    assert "<script" not in written.body_html
    assert "href" not in written.body_html
    assert written.standfirst.startswith("Come to the harbour.")
    assert written.source.kind == Source.Kind.WRITTEN
    assert search_articles(ArticleSearch(text="open day")).articles == [written]
    assert not active_sources().exists()
    assert list(latest_articles(source="written-here")) == [written]


def test_what_was_written_can_be_edited_as_it_was_typed(written):
    text = written_text(written)
    assert text.markdown == TEXT.markdown
    edit_written(written.pk, replace(text, title="Cancelled", standfirst="No."), seen=text_version(written))
    written.refresh_from_db()
    assert (written.title, written.standfirst) == ("Cancelled", "No.")
    assert written.edited_at is not None
    assert Article.objects.count() == 1


def test_two_editors_do_not_overwrite_each_other(written):
    seen = text_version(written)
    edit_written(written.pk, replace(TEXT, title="Hers"), seen=seen)
    with raises(Refused, match="Somebody else"):
        edit_written(written.pk, replace(TEXT, title="His"), seen=seen)


@mark.parametrize(
    ("field", "changes"),
    [
        ("title", {"title": " "}),
        ("title", {"title": "x" * 501}),
        ("markdown", {"markdown": " "}),
        ("markdown", {"markdown": "x" * 100_001}),
        ("url", {"url": "javascript:alert(1)"}),
        ("url", {"url": "https://"}),
    ],
)
def test_each_error_names_its_field_and_keeps_nothing(field, changes):
    with raises(InvalidFields) as error:
        write_article(replace(TEXT, **changes))
    assert list(error.value.fields) == [field]
    assert not Article.objects.exists()


def test_everything_that_is_wrong_is_said_at_once():
    wrong = replace(TEXT, title=" ", markdown=" ", url="", topics="x" * 101)
    with raises(InvalidFields) as error:
        write_article(wrong, wrong={"picture": "Choose another picture."})
    assert list(error.value.fields) == ["title", "markdown", "topics", "picture"]


def test_the_same_address_is_written_about_once():
    write_article(replace(TEXT, url="www.example.org/appeal"))
    with raises(InvalidFields, match="already have"):
        write_article(replace(TEXT, url="https://example.org/appeal/"))


def test_the_same_words_may_be_written_twice(written):
    assert write_article(TEXT).pk != written.pk


def test_written_articles_are_edited_and_not_changed_for_good(written):
    with raises(Refused, match="written in the desk"):
        change_article(written.pk, {"title": "x"}, seen="")
    with acting_as(Actor("sam")), raises(Refused, match="author role"):
        write_article(TEXT)
