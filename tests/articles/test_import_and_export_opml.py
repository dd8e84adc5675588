"""Adding the sources of an OPML list, and writing one."""

from pytest import mark, raises

from newsletter.articles.add_source import add_source
from newsletter.articles.formats.opml import ListedFeed, feeds_in, written_list
from newsletter.articles.import_and_export_opml import exported_feeds, import_feeds
from newsletter.articles.models import Article
from newsletter.articles.sources import active_sources
from newsletter.errors import Invalid
from newsletter.issues.models import AuditEntry
from tests.fakes.source import feed, item

pytestmark = mark.django_db(transaction=True)


def test_the_feeds_of_a_list_become_sources_and_one_that_cannot_be_read_does_not(site):
    for place in ("/a", "/b"):
        site.serve(place, feed([item(1)]))
    known = add_source(site.url("/a"))
    addresses = [site.url(place) for place in ("/a", "/b", "/missing")]
    result = import_feeds(written_list("L", [ListedFeed(address, "A club") for address in addresses]))
    assert result.known == [known.name]
    assert [bool(report.error) for report in result.reports] == [False, True]
    assert {source.location for source in active_sources()} == {site.url("/a"), site.url("/b")}
    assert Article.objects.exists()
    added = AuditEntry.objects.filter(sentence__startswith="Added the source").count()
    assert added == active_sources().count()


def test_the_sources_are_written_as_a_list_without_passwords(site):
    site.serve("/a", feed([item(1)]))
    add_source(site.url("/a").replace("http://", "http://ann:swordfish@"))
    assert [each.address for each in feeds_in(exported_feeds())] == [site.url("/a")]
    assert "swordfish" not in exported_feeds()


def test_a_list_of_addresses_has_one_per_line():
    text = "https://a.example/feed\n\n  http://b.example/rss \nhttps://a.example/feed\n"
    assert [(each.address, each.title) for each in feeds_in(text)] == [
        ("https://a.example/feed", ""),
        ("http://b.example/rss", ""),
    ]


def test_a_file_that_is_no_list_of_feeds_is_refused():
    with raises(Invalid, match="not an OPML file"):
        import_feeds("<html></html>")
