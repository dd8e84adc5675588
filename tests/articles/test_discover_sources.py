"""What can be read at an address, shown before it is added."""

import pytest

from newsletter.articles.discover_sources import preview_sources
from newsletter.articles.models import Article, Source
from newsletter.errors import Invalid, NewsletterError
from tests.fakes.source import feed, item

pytestmark = [pytest.mark.django_db, pytest.mark.enable_socket]

PAGE = """<!doctype html><html><head><title>Charity</title>
<link rel="alternate" type="application/rss+xml" title="News" href="/news.xml">
<link rel="alternate" type="application/rss+xml" title="Stories" href="/stories.xml">
</head><body><p>Hello.</p></body></html>"""


def serve_page(site, html=PAGE):
    site.serve("/", html.encode(), headers={"Content-Type": "text/html"})


def test_a_feed_is_shown_with_its_newest_titles_first(site):
    items = [item(number, day=number) for number in (3, 9, 1, 7)]
    site.serve("/feed.xml", feed(items))
    [found] = preview_sources(site.url("/feed.xml"))
    assert (found.title, found.kind) == ("Charity news", "RSS or Atom feed")
    assert found.newest == ("Piece 9", "Piece 7", "Piece 3")


def test_a_site_with_one_feed_shows_that_feed(site):
    serve_page(site, "\n".join(line for line in PAGE.splitlines() if "stories" not in line))
    site.serve("/news.xml", feed([item(1)]))
    [found] = preview_sources(site.url("/"))
    assert found.newest == ("Piece 1",)


def test_a_site_with_several_feeds_shows_each_with_its_titles_or_why_it_cannot_be_read(site):
    serve_page(site)
    site.serve("/news.xml", feed([item(1)]))
    site.fail("/stories.xml", 500)
    news, stories = preview_sources(site.url("/"))
    assert (news.title, news.newest, news.error) == ("News", ("Piece 1",), "")
    assert (stories.title, stories.newest) == ("Stories", ())
    assert "500" in stories.error


def test_nothing_is_stored(site):
    site.serve("/feed.xml", feed([item(1)]))
    preview_sources(site.url("/feed.xml"))
    assert not Source.objects.exists()
    assert not Article.objects.exists()


@pytest.mark.parametrize("address", ["", "   "])
def test_no_address_is_a_sentence(address):
    with pytest.raises(Invalid, match="Enter the address"):
        preview_sources(address)


@pytest.mark.parametrize("address", ["/etc/passwd", "file:///etc/passwd", "~/feed.xml", "http://\0"])
def test_a_file_of_the_machine_is_never_read(address):
    with pytest.raises(NewsletterError):
        preview_sources(address)


@pytest.mark.parametrize(
    "address", ["/srv/articles", "~/articles", "./site", "C:\\site", "file:///srv/articles"]
)
def test_a_folder_is_said_to_be_added_on_the_server(address):
    with pytest.raises(Invalid, match="ask the person who runs the server"):
        preview_sources(address)


def test_titles_are_plain_text(site):
    site.serve("/feed.xml", feed([item(1, title="&lt;script&gt;x&lt;/script&gt;Tides &amp;amp; quays")]))
    [found] = preview_sources(site.url("/feed.xml"))
    assert found.newest == ("Tides & quays",)
