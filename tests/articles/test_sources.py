"""Adding, finding and removing sources."""

from datetime import UTC, datetime

from pytest import mark, raises

from newsletter.articles.add_source import add_source
from newsletter.articles.fetch_sources import fetch_sources
from newsletter.articles.models import Article, Source
from newsletter.articles.sources import active_sources, find_source, remove_source
from newsletter.errors import Invalid, NewsletterError, NotFound, Refused
from newsletter.issues.models import Issue, Item, Publication
from subscribers.models import List
from tests.fakes.source import feed, item

BODY = feed([item(1), item(2)])
PAGE = """<!doctype html><html><head><title>Charity</title>
<link rel="alternate" type="application/rss+xml" href="{href}"></head><body><p>Hello.</p></body></html>"""
pytestmark = mark.django_db


def page(href):
    return PAGE.format(href=href).encode()


def test_a_feed_is_recognised_by_reading_it(site):
    site.serve("/feed", BODY)
    source = add_source(site.url("/feed"))
    assert (source.kind, source.title, source.name, source.language) == (
        "feed",
        "Charity news",
        "charity-news",
        "en-gb",
    )
    assert not Article.objects.exists()


def test_behind_a_page_its_feed_is_added(site):
    site.serve("/", page("/feed.xml"), headers={"Content-Type": "text/html"})
    site.serve("/feed.xml", BODY)
    assert add_source(site.url("/")).location == site.url("/feed.xml")


def test_behind_a_page_a_feed_inside_the_private_network_is_not_read(site, web_ipv6):
    web_ipv6.answers.serve("/feed", BODY)
    site.serve("/", page(web_ipv6.url("/feed")), headers={"Content-Type": "text/html"})
    try:
        add_source(site.url("/"))
    except NewsletterError:
        assert not Source.objects.exists()
    assert not web_ipv6.answers.requests


def test_a_path_needs_this_machine(tmp_path):
    path = tmp_path / "feed.xml"
    path.write_bytes(BODY)
    for text in (str(path), path.as_uri(), f"~{path}"):
        with raises(Invalid, match="is a file or folder, not a web address"):
            add_source(text)
    assert not Source.objects.exists()
    source = add_source(str(path), from_this_machine=True)
    assert source.location == str(path)
    assert find_source(str(path)) == source


def test_a_folder_of_markdown_is_a_source_of_this_machine(tmp_path):
    (tmp_path / "one.md").write_text("---\ntitle: One\ndate: 2026-10-01\n---\nWords.\n", encoding="utf-8")
    source = add_source(str(tmp_path), from_this_machine=True)
    assert source.kind == "markdown"
    assert fetch_sources([source])[0].counts.added == 1


def test_a_path_that_somebody_wrote_into_the_database_is_not_read(tmp_path):
    path = tmp_path / "feed.xml"
    path.write_bytes(BODY)
    smuggled = Source.objects.create(name="smuggled", kind="feed", location=str(path))
    (report,) = fetch_sources([smuggled])
    assert "address that starts with http" in report.error
    assert not Article.objects.exists()


def test_a_source_is_added_once_in_whatever_spelling(site):
    site.serve("/feed", BODY)
    site.serve("/", page("/feed"), headers={"Content-Type": "text/html"})
    add_source(site.url("/feed"))
    for text in (site.url("/feed"), site.url("/feed/"), site.url("/feed?utm_source=x"), site.url("/")):
        with raises(Refused, match="charity-news"):
            add_source(text)
    assert Source.objects.count() == 1


def test_names_are_made_apart_and_checked(site):
    for path in ("/a", "/b"):
        site.serve(path, BODY)
        add_source(site.url(path))
    assert set(Source.objects.values_list("name", flat=True)) == {"charity-news", "charity-news-2"}
    site.serve("/c", BODY)
    with raises(Refused, match="source called charity-news already exists"):
        add_source(site.url("/c"), name="charity-news")
    with raises(Invalid, match="cannot be the name"):
        add_source(site.url("/c"), name="a name")
    # The last two are the sources of articles that editors add one by one, which nothing fetches.
    for kind in ("newspaper", "links", "written"):
        with raises(Invalid, match=f"{kind} is not a kind of source"):
            add_source(site.url("/c"), kind=kind)


def test_what_cannot_be_read_is_not_added(site):
    site.fail("/gone", 404)
    with raises(NewsletterError, match="404"):
        add_source(site.url("/gone"))
    site.serve("/binary", b"\x00\x01\x02" * 50)
    with raises(NewsletterError):
        add_source(site.url("/binary"))
    assert not Source.objects.exists()


def test_a_source_is_found_by_name_and_by_any_spelling_of_its_address(site):
    site.serve("/feed", BODY)
    source = add_source(site.url("/feed"), name="charity")
    assert find_source("charity") == find_source(site.url("/feed/")) == source
    with raises(NotFound, match="sources list"):
        find_source("nobody")


def test_a_removed_source_takes_its_articles_along(site):
    site.serve("/feed", BODY)
    fetch_sources([add_source(site.url("/feed"), name="charity")])
    assert remove_source("charity") == 0
    assert not Source.objects.exists()
    assert not Article.objects.exists()


def in_an_issue(article):
    readers = List.objects.create(slug="readers", name="Readers")
    publication = Publication.objects.create(
        slug="news", name="News", organisation="C", website="https://c.example", mailing_list=readers
    )
    issue = Issue.objects.create(
        publication=publication, number=1, composed_at=datetime(2026, 11, 2, tzinfo=UTC)
    )
    Item.objects.create(issue=issue, article=article)


def test_articles_that_an_issue_used_stay_and_are_known_when_the_source_returns(site):
    site.serve("/feed", BODY)
    fetch_sources([add_source(site.url("/feed"), name="charity")])
    used = Article.objects.get(title="Piece 1")
    in_an_issue(used)
    assert remove_source("charity") == 1
    assert list(Article.objects.all()) == [used]
    assert not active_sources().exists()
    with raises(NotFound):
        find_source("charity")
    returned = add_source(site.url("/feed"), name="charity")
    (report,) = fetch_sources([returned])
    assert (report.counts.added, report.counts.unchanged) == (1, 1)
    assert Article.objects.get(title="Piece 1") == used


def test_a_piece_of_a_removed_source_goes_to_the_next_one_that_has_it(site):
    site.serve("/a", BODY)
    site.serve("/b", feed([item(2)]))
    first = add_source(site.url("/a"), name="first")
    second = add_source(site.url("/b"), name="second")
    fetch_sources([first, second])
    fetch_sources([first, second])
    remove_source("first")
    fetch_sources(active_sources())
    assert list(Article.objects.values_list("title", "source__name")) == [("Piece 2", "second")]


POSTS = b"""[{"id": 7, "date_gmt": "2026-10-01T09:00:00", "link": "https://charity.example/seven",
"guid": {"rendered": "https://charity.example/?p=7"}, "title": {"rendered": "Seven"},
"content": {"rendered": "<p>Words of seven.</p>"}, "excerpt": {"rendered": "<p>Seven in short.</p>"}}]"""


def test_behind_a_wordpress_site_without_a_feed_are_its_posts(site):
    path = "/wp-json/wp/v2/posts?per_page=100&_embed=1"
    site.serve(path, POSTS, headers={"Content-Type": "application/json"})
    link = f'<link rel="https://api.w.org/" href="{site.url("/wp-json/")}" />'
    site.serve(
        "/",
        f"<!doctype html><html><head>{link}</head><body></body></html>".encode(),
        headers={"Content-Type": "text/html"},
    )
    source = add_source(site.url("/"), name="found")
    assert (source.kind, source.location) == ("wordpress", site.url(path))
    assert fetch_sources([source])[0].counts.added == 1
    remove_source("found")
    assert add_source(site.url("/"), kind="wordpress").location == site.url(path)
