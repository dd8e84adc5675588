"""Pages that announce several feeds: nobody's choice is guessed, and formats of one feed are one."""

from pytest import mark, raises

from newsletter.articles.add_source import add_source, feeds_at
from newsletter.articles.choose_format import find_feeds
from newsletter.articles.fetch_sources import fetch_named
from newsletter.articles.models import Source
from newsletter.articles.read_source import SeveralFeeds
from newsletter.http.fetched_document import Document
from tests.fakes.source import feed, item

HTML = {"Content-Type": "text/html"}
TWO = [("All news", "/feed.xml"), ("Events & talks", "/events.xml?a=1&b=2")]


def page(links, kind="application/rss+xml"):
    head = "".join(
        f'<link rel="alternate" type="{kind}" title="{title}" href="{href}">' for title, href in links
    )
    return f"<!doctype html><html><head><title>Charity</title>{head}</head><body><p>Hello.</p></body></html>".encode()


def found(links):
    document = Document(data=page(links), url="https://charity.example/")
    return [each.address.removeprefix("https://charity.example") for each in find_feeds(document)]


@mark.parametrize(
    ("links", "kept"),
    [
        ([("RSS", "/feed.xml"), ("Atom", "/atom.xml"), ("JSON Feed", "/feed.json")], ["/feed.xml"]),
        ([("", "/rss"), ("", "/atom")], ["/rss"]),
        ([("Blog", "/index.xml"), ("Blog (Atom)", "/blog.atom")], ["/index.xml"]),
        ([("", "/en/feed"), ("", "/fr/feed")], ["/en/feed", "/fr/feed"]),
        ([("Charity » Feed", "/feed/"), ("Charity » Comments Feed", "/comments/feed/")], ["/feed/"]),
        ([("Charité » Flux", "/feed/"), ("Charité » Flux des commentaires", "/fr/flux/")], ["/feed/"]),
        ([("", "/feeds/1/comments/default"), ("", "/feeds/posts/default")], ["/feeds/posts/default"]),
        ([("Comments on “Cells”", "/cells/feed/")], []),
        ([("News", "/a"), ("Research", "/b"), ("News", "/a")], ["/a", "/b"]),
        ([("News", "javascript:alert(1)"), ("Other", "http://u:p@charity.example:x/")], []),
    ],
)
def test_each_feed_is_offered_once_and_comments_never(links, kept):
    assert found(links) == kept


def test_a_password_in_the_address_of_an_announced_feed_is_left_out():
    assert found([("News", "https://ann:pw@charity.example/feed")]) == ["/feed"]


@mark.django_db
class TestAdding:
    def test_of_several_feeds_none_is_added_and_all_are_named(self, site):
        site.serve("/", page(TWO), headers=HTML)
        with raises(SeveralFeeds, match="offers 2 feeds") as several:
            add_source(site.url("/"))
        assert [each.title for each in several.value.feeds] == ["All news", "Events & talks"]
        assert f"All news ({site.url('/feed.xml')})" in str(several.value)
        assert not Source.objects.exists()
        assert list(several.value.feeds) == feeds_at(site.url("/"))

    def test_the_command_gives_the_commands_to_choose_from(self, site, cli):
        site.serve("/", page(TWO), headers=HTML)
        said = cli("sources", "add", site.url("/"), "--name", "charity")
        assert said.code == 1
        assert f"All news: newsletter sources add {site.url('/feed.xml')} --name charity" in said.err
        assert f"newsletter sources add '{site.url('/events.xml?a=1&b=2')}' --name charity" in said.err

    def test_a_fetch_of_such_a_page_names_its_feeds_too(self, site):
        site.serve("/", page(TWO), headers=HTML)
        (report,) = fetch_named([site.url("/")])
        assert "Events & talks" in report.error

    def test_two_formats_of_one_feed_need_no_choice(self, site):
        site.serve("/", page([("Charity RSS", "/feed.xml"), ("Charity Atom", "/atom.xml")]), headers=HTML)
        site.serve("/feed.xml", feed([item(1)]))
        assert add_source(site.url("/")).location == site.url("/feed.xml")

    def test_an_address_that_is_no_page_offers_no_feeds(self, site):
        site.serve("/feed.xml", feed([item(1)]))
        assert feeds_at(site.url("/feed.xml")) == []
