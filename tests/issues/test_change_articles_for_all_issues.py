"""What editors change of an article for all issues stays through fetches, and can be put back."""

from dataclasses import replace
from datetime import UTC, datetime

from django.db import transaction
from pytest import fixture, mark, raises

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.articles.incoming_article import Image, IncomingArticle, Reading
from newsletter.articles.ingest import prepare, store
from newsletter.articles.models import Article
from newsletter.articles.search_articles import ArticleSearch, search_articles
from newsletter.articles.sources import locked_source
from newsletter.errors import Invalid, Refused
from newsletter.issues.article_uses import edited_since_sent, issues_with, sent_articles, used_articles
from newsletter.issues.change_articles_for_all_issues import (
    add_to_issue,
    change_article,
    exclude_articles,
    include_articles,
    put_back_article,
    set_article_picture,
    take_from_issue,
    texts_version,
)
from newsletter.issues.compose import compose
from newsletter.issues.item_pictures import uploaded_picture
from newsletter.issues.models import AuditEntry, Issue
from newsletter.issues.unused_pictures import delete_unused_pictures
from newsletter.rendering.choose_pictures import EmailPictures
from tests.articles.pictures.drawing import photo, saved

NOW = datetime(2026, 11, 9, 12, tzinfo=UTC)
pytestmark = mark.django_db
ENTRY = IncomingArticle(
    url="https://example.org/1",
    guid="g-1",
    title="Aspirin and PSA",
    html="<p>The words of the site.</p>",
    summary_html="A summary of the site.",
    published_at=NOW,
    image=Image(url="https://example.org/1.jpg", alt="A ward", width=600, height=400),
)


@fixture
def fetch(source):
    """Store what the site says now, and give the article as it is afterwards."""

    def fetch(**fields):
        reading = Reading(kind="feed", articles=(replace(ENTRY, **fields),))
        with transaction.atomic():
            store(locked_source(source), reading, prepare(reading), now=NOW)
        return Article.objects.get()

    return fetch


def change(article, **texts):
    return change_article(article.pk, texts, seen=texts_version(article))


def test_an_editors_headline_stays_when_the_site_is_fetched_again(fetch):
    article = fetch()
    assert change(article, title="Does aspirin help?", standfirst="Our words.") == ["title", "standfirst"]
    article = fetch(title="Aspirin & PSA, corrected")
    assert (article.title, article.standfirst) == ("Does aspirin help?", "Our words.")
    assert article.edited_at == NOW
    assert [it.title for it in search_articles(ArticleSearch(text="does")).articles] == ["Does aspirin help?"]


def test_putting_back_gives_what_the_site_says_now(fetch):
    article = fetch()
    change(article, title="Ours", standfirst="Ours too")
    fetch(title="New at the site")
    assert put_back_article(article.pk, ["title"]) == ["title"]
    article.refresh_from_db()
    assert (article.title, article.standfirst) == ("New at the site", "Ours too")
    assert list(article.as_on_site) == ["standfirst"]
    put_back_article(article.pk, ["standfirst"])
    article.refresh_from_db()
    assert (article.standfirst, article.as_on_site) == ("A summary of the site.", None)
    assert fetch(title="Newer").title == "Newer"


@mark.parametrize("text", ["", "  ", "Aspirin and PSA"])
def test_an_empty_headline_or_that_of_the_site_puts_the_sites_back(fetch, text):
    article = fetch()
    change(article, title="Ours")
    article.refresh_from_db()
    assert change(article, title=text) == ["title"]
    article.refresh_from_db()
    assert (article.title, article.as_on_site) == ("Aspirin and PSA", None)


def test_a_site_that_moves_is_recognised_under_a_changed_headline(fetch):
    article = fetch()
    change(article, title="Ours")
    moved = fetch(url="https://new.example.org/1", guid="other", html="<p>Quite other words.</p>")
    assert (moved.pk, moved.title, moved.url) == (article.pk, "Ours", "https://new.example.org/1")


def test_a_description_goes_with_the_picture_that_it_describes(fetch):
    article = fetch()
    change(article, image_alt="Nurses at a bed")
    assert fetch().image_alt == "Nurses at a bed"
    other = fetch(image=Image(url="https://example.org/2.jpg", alt="A boat", width=600, height=400))
    assert (other.image_alt, other.as_on_site) == ("A boat", None)


def test_an_uploaded_picture_is_shown_in_every_issue_and_never_deleted(fetch, weekly, noon):
    article = fetch()
    picture = uploaded_picture(saved(photo(), "JPEG"))
    with raises(Invalid, match="Describe"):
        set_article_picture(article.pk, picture, " ")
    set_article_picture(article.pk, picture, "A harbour")
    assert fetch(image=Image(url="https://example.org/2.jpg", alt="Boat")).picture_id == picture.pk
    assert not delete_unused_pictures(datetime(2030, 1, 1, tzinfo=UTC))
    (item,) = compose(weekly).items.select_related("article")
    shown = EmailPictures(weekly, [item], []).of_item(item, "lead")
    assert (shown.alt, "/media/" in shown.url) == ("A harbour", True)
    put_back_article(article.pk, ["picture"])
    article.refresh_from_db()
    assert (article.picture, article.image_alt) == (None, "Boat")


def test_nobody_overwrites_what_a_colleague_has_just_changed(fetch):
    article = fetch()
    seen = texts_version(article)
    change(article, title="Hers")
    with raises(Refused, match="Somebody else"):
        change_article(article.pk, {"title": "His"}, seen=seen)
    assert Article.objects.get().title == "Hers"


def test_a_change_is_work_on_the_open_issues_that_have_the_article(fetch, weekly):
    article = fetch()
    issue = compose(weekly)
    change(article, title="Ours")
    entry = AuditEntry.objects.filter(issue=issue, act="article").get()
    assert entry.changes == {"title": ["Aspirin and PSA", "Ours"]}


def test_only_editors_change_articles(fetch):
    article = fetch()
    with acting_as(Actor("sam")):
        for act in (
            lambda: change(article, title="x"),
            lambda: put_back_article(article.pk, ["title"]),
            lambda: exclude_articles([article.pk]),
        ):
            with raises(Refused, match=r"(author|editor) role"):
                act()
    with acting_as(Actor("ruth", frozenset({Role.EDITOR}))):
        assert change(article, title="x") == ["title"]


def test_a_headline_that_is_too_long_is_refused_in_words(fetch):
    article = fetch()
    with raises(Invalid, match="The headline"):
        change(article, title="x" * 501)


def test_a_selection_is_excluded_and_only_what_changed_comes_back(write):
    one, two, three = write("One"), write("Two", excluded=True), write("Three")
    assert exclude_articles([one.pk, two.pk]) == [one.pk]
    assert include_articles([one.pk, three.pk]) == [one.pk]
    assert list(Article.objects.filter(excluded=True)) == [two]
    with raises(Refused, match="Choose"):
        exclude_articles([])


def test_a_selection_goes_into_a_draft_and_comes_out_again(weekly, write):
    write("Old")
    issue = compose(weekly)
    new, gone = write("New", hours=-1), write("Gone", withdrawn_at=NOW)
    added = add_to_issue(issue, [new.pk, gone.pk])
    assert added.numbers == [new.pk]
    assert "withdrawn" in added.refused[0]
    assert [it.issue.number for it in issues_with([new])[new.pk]] == [issue.number]
    take_from_issue(issue, added.numbers)
    assert issues_with([new]) == {}


def test_uses_tell_sent_articles_from_drafted_ones_and_from_those_edited_since(weekly, write):
    sent, unsent = write("Sent"), write("Never")
    issue = compose(weekly)
    unsent.items.all().delete()
    assert (list(used_articles()), list(sent_articles())) == ([sent], [])
    Issue.objects.filter(pk=issue.pk).update(state=Issue.State.SENT, sent_at=NOW)
    assert list(sent_articles(weekly)) == [sent]
    assert list(edited_since_sent()) == []
    Article.objects.update(edited_at=datetime(2027, 1, 1, tzinfo=UTC))
    assert list(edited_since_sent()) == [sent]
    found = search_articles(ArticleSearch(), besides=used_articles())
    assert found.articles == [unsent]
