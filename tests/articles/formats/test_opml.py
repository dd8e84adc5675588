import pytest

from newsletter.articles.choose_format import read_document
from newsletter.articles.formats.opml import ListedFeed, feeds_in, written_list
from newsletter.errors import Invalid
from newsletter.http.fetched_document import Document

LIST = """<?xml version="1.0"?><opml version="1.0"><head><title>Clubs</title>
<ownerEmail>ann@club.example</ownerEmail></head>
<body><outline text="Sailing"><outline text="A &amp; B" xmlUrl="https://a.example/feed?x=1&amp;y=2" type="rss"/>
<outline title='B' xmlUrl='https://b.example/feed'/><outline text="again" xmlUrl="https://b.example/feed"/>
<outline text="bad" xmlUrl="javascript:alert(1)"/></outline></body></opml>"""


def test_a_list_of_feeds_is_refused_as_a_source_and_says_how_to_add_them():
    with pytest.raises(Invalid, match=r"an OPML list of 2 feeds.*newsletter sources import") as refusal:
        read_document(Document(data=LIST.encode(), url="https://club.example/feeds.opml"))
    assert "ann@" not in str(refusal.value)


def test_the_feeds_of_a_list_are_read_each_once():
    assert feeds_in(LIST) == [
        ListedFeed("https://a.example/feed?x=1&y=2", "A & B"),
        ListedFeed("https://b.example/feed", "B"),
    ]


def test_a_list_that_was_written_is_read_again():
    feeds = [ListedFeed("https://a.example/?x=1&y=2", 'The "A" & <B>')]
    assert feeds_in(written_list("Ours", feeds)) == feeds


def test_a_feed_that_a_server_wrapped_into_a_page_is_read_as_a_feed():
    wrapped = (
        '<html><body><feed xmlns="http://www.w3.org/2005/Atom"><title>S</title><entry><title>One</title><id>1</id></entry>'
        "<entry><title>Two</title><id>2</id></entry></feed></body></html>"
    )
    reading = read_document(Document(data=wrapped.encode(), url="https://club.example/feed"))
    assert [article.title for article in reading.articles] == ["One", "Two"]
