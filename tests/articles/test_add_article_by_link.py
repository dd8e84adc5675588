"""One article is added by the address of its page."""

from pytest import fixture, mark, raises

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.articles.add_article_by_link import add_by_link
from newsletter.articles.add_source import add_source
from newsletter.articles.fetch_sources import fetch_sources
from newsletter.articles.models import Article, Source
from newsletter.articles.sources import active_sources
from newsletter.errors import Invalid, NewsletterError, Refused

pytestmark = mark.django_db
WORDS = (
    "The charity asked people who live with cancer what helps them most, and many said that a walk helps. "
    * 5
)
PAGE = f"""<!doctype html><html lang="en"><head><title>A walk helps</title>
<meta property="article:published_time" content="2026-11-01T08:00:00Z"></head>
<body><main><article><h1>A walk helps</h1><p>{WORDS}</p>
<script>alert(1)</script><img src="x" onerror="alert(2)"></article></main></body></html>"""
FEED = """<rss version="2.0"><channel><title>Site</title>
<item><title>A walk helps</title><link>{url}</link><guid>g-1</guid><description>Others.</description></item>
</channel></rss>"""


@fixture
def page(site):
    site.serve("/walk", PAGE.encode(), headers={"Content-Type": "text/html"})
    return site.url("/walk")


def test_a_link_brings_one_safe_article(page):
    added = add_by_link(f" {page} ")
    assert added.is_new
    article = Article.objects.get()
    assert added.article == article
    assert (article.title, article.source.kind) == ("A walk helps", Source.Kind.LINKS)
    assert article.published_at.isoformat().startswith("2026-11-01")
    assert "alert" not in article.body_html
    assert "onerror" not in article.body_html


def test_the_same_link_gives_the_same_article(page):
    first = add_by_link(page)
    again = add_by_link(page + "#comments")
    assert (again.article, again.is_new) == (first.article, False)
    assert Article.objects.count() == 1


def test_two_links_stay_two_articles_and_withdraw_nothing(page, site):
    add_by_link(page)
    site.serve("/swim", PAGE.replace("A walk", "A swim").replace("a walk", "a swim").encode())
    assert add_by_link(site.url("/swim")).is_new
    assert Article.objects.filter(withdrawn_at=None).count() == 2


def test_nothing_fetches_the_source_of_links(page):
    add_by_link(page)
    assert not active_sources().exists()


def test_a_feed_that_brings_the_article_later_takes_it_over(page, site):
    article = add_by_link(page).article
    site.serve("/feed", FEED.format(url=page).encode())
    source = add_source(site.url("/feed"))
    fetch_sources([source], force=True)
    article.refresh_from_db()
    assert (Article.objects.count(), article.source) == (1, source)


def test_a_feed_is_not_an_article(site):
    site.serve("/feed", FEED.format(url=site.url("/x")).encode())
    with raises(Invalid, match="source instead"):
        add_by_link(site.url("/feed"))
    assert not Article.objects.exists()


@mark.parametrize("address", ["", "lifeboats", "javascript:alert(1)", "/etc/passwd", "file:///etc/passwd"])
def test_what_is_no_address_is_refused(address):
    with raises(NewsletterError):
        add_by_link(address)


def test_an_address_inside_our_network_is_not_fetched(web):
    with raises(NewsletterError):
        add_by_link(web.url("/walk"))
    assert not Source.objects.exists()


def test_only_people_with_a_role_add_articles(page):
    with acting_as(Actor("visitor")), raises(Refused, match="author role"):
        add_by_link(page)
    with acting_as(Actor("edith", frozenset({Role.EDITOR}))):
        assert add_by_link(page).is_new
