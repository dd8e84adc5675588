import json
from datetime import UTC, datetime

import pytest

from newsletter.articles.choose_format import find_feeds, read_document
from newsletter.errors import Invalid
from newsletter.http.fetched_document import Document

AT = "https://charity.example/cells?ref=1"
PARAGRAPH = "<p>This paragraph has a <a href='/more'>link</a> and words enough to be taken for the text.</p>"
PAGE = f"""<!doctype html><html lang="en-GB"><head><title>Cells | The Charity</title>
<meta name="description" content="What was found, in cells."><meta name="author" content="Jane Doe">
<meta property="og:title" content="Cells"><meta property="og:image" content="https://charity.example/lead.jpg">
<meta property="og:image:width" content="1200"><meta property="og:image:height" content="630">
<meta property="og:image:alt" content="A cell"><link rel="canonical" href="https://charity.example/cells">
<meta property="article:published_time" content="2025-09-01T10:00:00+01:00">
<link rel="alternate" type="application/rss+xml" href="/comments/feed/">
<link rel="alternate" type="application/atom+xml" href="feed.atom">
</head><body><nav><a href="/">Home</a></nav><article><h1>Cells</h1>{PARAGRAPH * 4}
<script>alert(1)</script></article><footer>Copyright</footer></body></html>"""


def page(text=PAGE, **options):
    return read_document(Document(data=text.encode(), url=AT, content_type="text/html"), **options)


def test_a_page_gives_its_article():
    reading = page()
    (entry,) = reading.articles
    assert (reading.kind, entry.title, entry.language) == ("web_page", "Cells", "en-GB")
    assert entry.url == "https://charity.example/cells"
    assert entry.published_at == datetime(2025, 9, 1, 9, tzinfo=UTC)
    assert entry.authors == ("Jane Doe",)
    assert (entry.image.url, entry.image.alt) == ("https://charity.example/lead.jpg", "A cell")
    assert (entry.image.width, entry.image.height) == (1200, 630)
    assert entry.summary_html == "<p>What was found, in cells.</p>"
    assert "words enough" in entry.html
    assert "alert" not in entry.html
    assert "<h1>" not in entry.html


def test_a_canonical_address_on_another_site_is_not_believed():
    text = PAGE.replace('href="https://charity.example/cells"', 'href="https://thief.example/cells"')
    assert page(text).articles[0].url == AT


@pytest.mark.parametrize("kind", ["feed", "json_feed", "wordpress"])
def test_a_page_where_a_feed_was_is_one_sentence(kind):
    with pytest.raises(Invalid, match="sent a web page instead of"):
        page(expected_kind=kind)


@pytest.mark.parametrize(
    "text", ["<html></html>", "<html>" + "<div>" * 100_000, "<p>", "<!doctype html><title>x"]
)
def test_a_page_without_an_article_is_one_sentence(text):
    with pytest.raises(Invalid, match="feed"):
        page(text)


@pytest.mark.parametrize(
    "fault", ["502 Bad Gateway", "Error", "We are down for maintenance. Please come back later."]
)
def test_a_fault_that_is_answered_as_a_page_is_no_article(fault):
    page = f"<html><head><title>{fault}</title></head><body><h1>{fault}</h1><p>{fault}</p></body></html>"
    with pytest.raises(Invalid, match="We could not find an article"):
        read_document(Document(data=page.encode(), url=AT, content_type="text/html"))


def addresses(text):
    return [feed.address for feed in find_feeds(Document(data=text.encode(), url=AT))]


def test_the_feed_that_a_page_announces_is_found_and_that_of_its_comments_is_not():
    assert addresses(PAGE) == ["https://charity.example/feed.atom"]


def test_a_feed_of_comments_is_none():
    assert addresses(PAGE.replace('type="application/atom+xml"', 'type="text/css"')) == []


def test_a_json_feed_that_quotes_the_head_of_a_page_announces_no_other_feed():
    head = "<html><head><link rel='alternate' type='application/rss+xml' href='/other'></head><p>Words.</p>"
    quoted = json.dumps({"items": [{"content_html": head}]})
    assert addresses(quoted) == []


@pytest.mark.parametrize("data", [b"", b"<rss><channel/></rss>", b"{}", b"<html></html>", b"\x1f\x8bx"])
def test_where_nothing_is_announced_nothing_is_found(data):
    assert find_feeds(Document(data=data, url=AT)) == []
