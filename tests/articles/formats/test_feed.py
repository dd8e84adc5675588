from datetime import UTC, datetime

import pytest

from newsletter.articles.choose_format import read_document
from newsletter.errors import Invalid
from newsletter.http.fetched_document import Document

AT = "https://charity.example/feed"
RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'


def feed(text, content_type="", encoding="utf-8"):
    return read_document(Document(data=text.encode(encoding), url=AT, content_type=content_type))


def rss(items, channel="", attributes=""):
    namespaces = (
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/"'
    )
    return (
        f'<?xml version="1.0"?><rss version="2.0" {namespaces} {attributes}><channel><title>Health &amp; hope</title>'
        f"<link>https://charity.example/</link>{channel}{items}</channel></rss>"
    )


def only(reading):
    assert len(reading.articles) == 1
    return reading.articles[0]


def test_an_rss_item_gives_all_that_it_says():
    reading = feed(
        rss(
            "<item><title>One</title><link>/one</link><guid isPermaLink='false'>id-1</guid>"
            "<pubDate>Mon, 01 Sep 2025 12:00:00 EST</pubDate><author>j@charity.example (Jane Doe)</author>"
            "<category>Cells</category><category>Uncategorized</category><description>Short.</description>"
            "<content:encoded><![CDATA[<p>Long <b>text</b></p>]]></content:encoded>"
            "<media:content url='/small.jpg' width='100' medium='image'/>"
            "<media:content url='/wide.jpg' width='900' height='600' medium='image'/></item>",
            channel="<language>en-gb</language>",
        )
    )
    entry = only(reading)
    assert (reading.kind, reading.title, reading.language) == ("feed", "Health & hope", "en-gb")
    assert (entry.url, entry.guid, entry.title) == ("https://charity.example/one", "id-1", "One")
    assert (entry.html, entry.summary_html) == ("<p>Long <b>text</b></p>", "Short.")
    assert entry.published_at == datetime(2025, 9, 1, 17, tzinfo=UTC)
    assert (entry.authors, entry.topics) == (("Jane Doe",), ("Cells",))
    assert (entry.image.url, entry.image.width, entry.image.height) == ("/wide.jpg", 900, 600)
    assert reading.well_formed
    assert not reading.complete


@pytest.mark.parametrize(
    "text",
    [
        '<rss version="0.91"><channel><title>x</title><item><title>One</title></item></channel></rss>',
        f'<rdf:RDF {RDF} xmlns="http://purl.org/rss/1.0/"><channel/><item><title>One</title></item></rdf:RDF>',
        f'<rdf:RDF {RDF} xmlns="http://my.netscape.com/rdf/simple/0.9/"><item><title>One</title></item></rdf:RDF>',
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>One</title></entry></feed>',
        '<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:title>One</a:title></a:entry></a:feed>',
        '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><title>One</title></entry></feed>',
    ],
    ids=["rss 0.91", "rss 1.0", "rss 0.9", "atom", "atom with a prefix", "atom 0.3"],
)
def test_every_dialect_of_feeds_is_read(text):
    assert only(feed(text)).title == "One"


def test_an_atom_entry_gives_all_that_it_says():
    reading = feed(
        """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="cy" xml:base="https://charity.example/news/">
        <author><name>The charity</name></author>
        <entry><id>tag:1</id><title>a &lt; b</title><link href="one.html"/><updated>2025-09-02T00:00:00Z</updated>
        <published>2025-09-01T10:00:00+02:00</published><category term="cells" label="Cells"/>
        <summary>5 &lt; 6</summary>
        <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Text <img src="a.png"/></p></div></content>
        </entry></feed>"""
    )
    entry = only(reading)
    assert (entry.url, entry.base_url) == (
        "https://charity.example/news/one.html",
        "https://charity.example/news/",
    )
    assert entry.published_at == datetime(2025, 9, 1, 8, tzinfo=UTC)
    assert (entry.authors, entry.topics, entry.language) == (("The charity",), ("Cells",), "cy")
    assert "<p>Text" in entry.html
    assert entry.summary_html == "<p>5 &lt; 6</p>"


def test_deleted_entries_are_named():
    reading = feed(
        """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0">
        <at:deleted-entry ref="tag:gone" when="2025-01-01T00:00:00Z"/><at:deleted-entry when="x" ref='tag:a&amp;b'/>
        <entry><id>tag:here</id></entry></feed>"""
    )
    assert reading.withdrawn == ("tag:gone", "tag:a&b")
    assert only(reading).guid == "tag:here"


def test_a_podcast_keeps_its_picture_and_not_its_sound():
    entry = only(
        feed(
            rss(
                '<item><title>Talk</title><enclosure url="/talk.mp3" type="audio/mpeg" length="1"/>'
                '<itunes:image href="https://charity.example/talk.jpg"/></item>',
                attributes='xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"',
            )
        )
    )
    assert entry.image.url == "https://charity.example/talk.jpg"


def test_an_enclosed_picture_is_the_image():
    entry = only(
        feed(rss('<item><title>x</title><enclosure url="/a.png" type="image/png" length="1"/></item>'))
    )
    assert entry.image.url == "/a.png"


def test_a_guid_that_is_no_address_is_not_taken_for_one():
    entry = only(feed(rss("<item><title>x</title><guid>number 1</guid></item>")))
    assert (entry.url, entry.guid) == ("", "number 1")


def test_a_permalink_stands_in_for_a_missing_link():
    assert (
        only(feed(rss("<item><guid>https://charity.example/1</guid></item>"))).url
        == "https://charity.example/1"
    )


@pytest.mark.parametrize(
    "text",
    [
        rss("<item><title>A & B <b>c</title><description>x &nbsp; y</description></item>"),
        rss("<item><title>A &amp; B</title></item><item><title>cut"),
        rss("<item><title>A &amp; B</title></item>") + "<script>late()</script>",
        "Warning: a slip in index.php on line 3\n" + rss("<item><title>A &amp; B</title></item>"),
        rss("<item><title>A &amp; B\x0b\x00</title></item>"),
        "\ufeff\n\n" + rss("<item><title>A &amp; B</title></item>"),
    ],
    ids=["unescaped", "cut off", "junk behind", "junk before", "control characters", "byte order mark"],
)
def test_a_broken_feed_still_gives_its_articles(text):
    assert feed(text).articles[0].title.startswith(("A & B", "A &amp; B"))


def test_a_broken_feed_is_said_to_be_broken():
    assert not feed(rss("<item><title>cut")).well_formed


@pytest.mark.parametrize(
    ("declaration", "gives"),
    [
        ('<!ENTITY a "ha"><!ENTITY b "&a;&a;"><!ENTITY c "&b;&b;">', "haha"),
        ('<!ENTITY c "' + "ha" * 50_000 + '">', "haha"),
        ('<!ENTITY c SYSTEM "file:///etc/passwd">', "root:"),
        ('<!ENTITY % p SYSTEM "http://127.0.0.1:9/x">%p;', "http://"),
    ],
    ids=["laughs", "long", "file", "parameter"],
)
def test_entities_of_a_document_are_neither_expanded_nor_fetched(declaration, gives):
    text = f'<?xml version="1.0"?><!DOCTYPE rss [{declaration}]>' + rss(
        f"<item><title>x{'&c;' * 1000}</title></item>"
    )
    entry = only(feed(text.replace('<?xml version="1.0"?><rss', "<rss")))
    assert gives not in entry.title
    assert len(entry.title) < 5000


@pytest.mark.parametrize(
    "items",
    [
        "<item><author>" + "a." * 100_000 + "</author></item>",
        "<item>" + "".join(f"<category>{number}</category>" for number in range(20_000)) + "</item>",
        "<item><title>x</title></item>"
        + "".join(f'<n{n}:x xmlns:n{n}="http://e/{n}"/>' for n in range(5_000)),
        "\n" * 200_000 + "<item><title>x</title></item>",
        "<item><description>" + "&lt;div&gt;" * 50_000 + "</description></item>",
    ],
    ids=["author", "topics", "namespaces", "white space", "nesting"],
)
def test_a_feed_made_to_cost_time_costs_little(items):
    began = datetime.now(UTC)
    only(feed(rss(items)))
    assert (datetime.now(UTC) - began).total_seconds() < 30


def test_too_many_entries_are_refused_in_one_sentence():
    with pytest.raises(Invalid, match="more than 10,000 entries"):
        feed(rss("<item/>" * 10_001))


def test_a_mail_address_with_a_long_ending_is_never_part_of_a_name():
    entry = only(
        feed(
            rss(
                "<item><title>One</title><author>ann@club.foundation (Ann Lee)</author>"
                "<dc:creator>Ann Lee</dc:creator></item>",
                attributes='xmlns:dc="http://purl.org/dc/elements/1.1/"',
            )
        )
    )
    assert set(entry.authors) == {"Ann Lee"}


@pytest.mark.parametrize(
    ("guid", "url"),
    [
        ("<guid>https://charity.example/one</guid>", "https://charity.example/one"),
        ("<guid isPermaLink='false'>https://charity.example/?p=1</guid>", ""),
        ("<guid>post-1</guid>", ""),
    ],
)
def test_a_guid_that_is_an_address_stands_in_for_an_empty_link(guid, url):
    assert only(feed(rss(f"<item><title>One</title><link/>{guid}</item>"))).url == url


@pytest.mark.parametrize(
    "element",
    [
        "<image><url>https://charity.example/a.jpg</url><title>One</title></image>",
        "<image>https://charity.example/a.jpg</image>",
        "<thumbnail>https://charity.example/a.jpg</thumbnail>",
        "<featuredImage>https://charity.example/a.jpg</featuredImage>",
    ],
)
def test_an_element_that_names_the_picture_of_an_entry_is_read(element):
    assert (
        only(feed(rss(f"<item><title>One</title>{element}</item>"))).image.url
        == "https://charity.example/a.jpg"
    )
