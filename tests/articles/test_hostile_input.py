"""Whatever comes in, articles or one sentence come out, and nothing that runs is left in them."""

import json
from html.parser import HTMLParser

from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.articles.choose_format import find_feeds, read_document
from newsletter.articles.incoming_article import IncomingArticle
from newsletter.articles.ingest import pass_steps
from newsletter.errors import Invalid
from newsletter.http.fetched_document import Document

FORBIDDEN = {
    "script",
    "style",
    "iframe",
    "object",
    "embed",
    "form",
    "input",
    "svg",
    "math",
    "link",
    "meta",
    "base",
}
FOLLOWED = ("http://", "https://", "mailto:", "tel:")
FRAGMENTS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<a href="java\tscript:alert(1)">',
    "<svg/onload=alert(1)>",
    '<p onclick="alert(1)" style="x">',
    "<b onmouseover=alert(1)><td onfocus=x>",
    "&lt;script&gt;",
    "<p><b><table><td>",
    "<a><table><a>",
    "</p></div>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<style>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<math><mi><mglyph><style><img src=x onerror=alert(1)>",
    "&#0;&#8;&#xD800;",
    "</item><item>",
    "<content:encoded>",
    "<title>",
    '<link href="http://[::1/"/>',
    '<x xml:base="javascript:alert(1)//">',
    "<pubDate>99</pubDate>",
    '"',
    "'",
    "<",
    "&",
    "\0",
    "\u202e",
)
markup = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=12), max_size=12).map("".join)
FEED = (
    '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
    "<channel><title>{0}</title><link>https://charity.example/</link><item><title>{1}</title><link>/a</link>"
    "<description>{2}</description></item><item><title>Two</title><content:encoded><![CDATA[{1}{2}]]></content:encoded>"
    "</item></channel></rss>"
)


class Witness(HTMLParser):
    """A parser that shares nothing with the sanitiser, and complains."""

    def handle_starttag(self, tag, attrs):
        assert tag not in FORBIDDEN
        for name, value in attrs:
            assert not name.startswith("on")
            assert name not in {"style", "srcset", "data-src", "formaction", "srcdoc"}
            if name in {"href", "src", "cite"}:
                assert value.lower().startswith(FOLLOWED)


def assert_harmless(cleaned):
    Witness().feed(cleaned.body_html)
    texts = (
        cleaned.title,
        cleaned.standfirst,
        cleaned.body_html,
        cleaned.url,
        cleaned.guid,
    )
    image = (cleaned.image.url, cleaned.image.alt) if cleaned.image else ()
    for text in (*texts, *image, *cleaned.authors, *cleaned.topics):
        assert "\0" not in text
        text.encode("utf-8")
    assert len(cleaned.title) <= 500
    assert cleaned.published_at is None or cleaned.published_at.tzinfo


def assert_read_or_refused(data, content_type=""):
    document = Document(data=data, url="https://charity.example/feed", content_type=content_type)
    find_feeds(document)
    try:
        reading = read_document(document)
    except Invalid as error:
        sentence = str(error)
    else:
        sentence = ""
        for entry in reading.articles:
            assert_harmless(pass_steps(entry))
    assert "\n" not in sentence


@given(markup)
def test_cleaned_html_is_harmless_to_another_parser(html):
    assert_harmless(
        pass_steps(
            IncomingArticle(url="https://charity.example/a", html=html, title=html, summary_html=html[::-1])
        )
    )


@given(markup)
@example("-->\xa00")
@example("-->\r0")
def test_cleaning_again_changes_nothing(html):
    once = pass_steps(IncomingArticle(html=html, base_url="https://charity.example/"))
    twice = pass_steps(IncomingArticle(html=once.body_html, base_url="https://charity.example/"))
    assert twice.body_html == once.body_html


@given(markup, markup, markup)
def test_a_feed_with_anything_in_it_is_read_or_refused(first, second, third):
    assert_read_or_refused(FEED.format(first, second, third).encode("utf-8", "surrogatepass"))


@given(
    markup,
    st.integers(0, 700),
    st.integers(0, 700),
    st.binary(max_size=8),
    st.sampled_from(["utf-8", "utf-16"]),
)
def test_a_feed_cut_and_bitten_is_read_or_refused(text, start, end, bite, encoding):
    data = FEED.format(text, "One", "Two").encode(encoding, "replace")
    assert_read_or_refused(
        data[:start] + bite + data[start + len(bite) : len(data) - end], "text/xml; charset=x"
    )


@given(
    st.binary(max_size=300),
    st.sampled_from(["", "text/html", "application/json", "text/xml; charset=utf-16"]),
)
def test_any_bytes_are_read_or_refused(data, content_type):
    assert_read_or_refused(data, content_type)


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | markup,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["a", "rendered", "name", "url"]), inner)
    ),
    max_leaves=8,
)
names = st.sampled_from(
    ["id", "url", "title", "content", "content_html", "summary", "image", "authors", "author", "tags", "date_published",
     "date_gmt", "link", "guid", "excerpt", "_embedded", "language", "status", "attachments", "code", "message"]
)  # fmt: skip


@given(st.dictionaries(names, anything, max_size=8), st.booleans())
def test_json_with_anything_in_it_is_read_or_refused(item, wordpress):
    post = {"title": {"rendered": "x"}, **item}
    value = [post] if wordpress else {"version": "https://jsonfeed.org/version/1.1", "items": [item], **item}
    assert_read_or_refused(json.dumps(value).encode())


@given(anything)
def test_any_json_is_read_or_refused(value):
    assert_read_or_refused(json.dumps(value).encode())


@given(markup)
def test_a_page_with_anything_in_it_is_read_or_refused(text):
    assert_read_or_refused(
        f"<html><head><title>{text}</title></head><body>{text}<p>{text}</body>".encode("utf-8", "replace")
    )
