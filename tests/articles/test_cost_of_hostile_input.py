"""A megabyte of anything is read, or refused in a sentence, in less than a second of CPU, and in linear time."""

import json
import time
from contextlib import suppress
from xml.sax.saxutils import escape

import pytest

from newsletter.articles.choose_format import find_feeds, read_document
from newsletter.articles.formats.markdown import read_markdown
from newsletter.articles.incoming_article import IncomingArticle
from newsletter.articles.ingest import pass_steps, prepare
from newsletter.articles.steps.drop_feed_phrases import drop_feed_phrases
from newsletter.articles.steps.identity_keys import add_keys, without_repeats
from newsletter.articles.steps.plain_text import to_plain_text
from newsletter.articles.steps.write_standfirst import write_standfirst
from newsletter.errors import Invalid, Refused
from newsletter.http.fetched_document import Document
from newsletter.issues.edit_issue_texts import LONGEST_OPENING
from newsletter.rendering.markdown_text import markdown_text
from newsletter.rendering.render_markdown import markdown_html
from subscribers.wrap_text import tidy, underline, wrap
from tests.articles.costly_texts import HEADS, MARKDOWN, MARKUP

MEGABYTE = 1_000_000
SECONDS = 1.0
FOUR_TIMES = 6  # what four times as much may cost: linear, and what a shared machine adds
TOO_SHORT_TO_COMPARE = 0.15
CHANNEL = (
    '<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
    "<title>t</title><link>https://charity.example/</link>{}</channel></rss>"
)
ITEM = "<item><title>One</title><link>/a</link>{}</item>"
PAGE = "<!doctype html><html><head><title>t</title></head><body><article><p>{}</article></body></html>"


def read_whole(text, content_type=""):
    data = text.encode("utf-8", "replace")
    document = Document(data=data, url="https://charity.example/feed", content_type=content_type)
    find_feeds(document)
    prepared = prepare(read_document(document))
    for article in prepared:
        add_keys(article, source_id=1)
    without_repeats(prepared)


def every_field(text):
    pass_steps(
        IncomingArticle(
            url="https://a.example/b", html=text, title=text, guid=text, authors=(text,), language=text
        )
    )


def standfirst_of(article):
    for step in (drop_feed_phrases, to_plain_text, write_standfirst):
        step(article)


def the_standfirst(text):
    for summary, body in ((text, "<p>x</p>"), ("", text)):
        standfirst_of(IncomingArticle(safe_summary_html=summary, body_html=body))


def feed_description(text):
    beginning = text[: len(text) ** 2 // len(escape(text))]  # so that it is as long when it is escaped
    read_whole(CHANNEL.format(ITEM.format(f"<description>{escape(beginning)}</description>")))


def feed_content(text):
    inside = text.replace("]]>", "")
    read_whole(CHANNEL.format(ITEM.format(f"<content:encoded><![CDATA[{inside}]]></content:encoded>")))


def feed_markup_as_it_is(text):
    read_whole(CHANNEL.format(ITEM.format(f"<description>{text}</description>")))


def feed_channel(text):
    read_whole(CHANNEL.format(text + ITEM.format("<description>x</description>")))


def feed_prologue(text):
    read_whole(text + CHANNEL.format(ITEM.format("<description>x</description>")))


def atom(text):
    read_whole(
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><entry><id>u</id><link href="/a"/><content '
        f'type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">{text}</div></content></entry></feed>'
    )


def json_feed(text):
    item = {"id": "1", "url": "/a", "content_html": text, "title": text, "tags": [text]}
    read_whole(json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [item]}))


def wordpress(text):
    read_whole(
        json.dumps([{"id": 1, "link": "/a", "title": {"rendered": text}, "content": {"rendered": text}}])
    )


def ghost(text):
    post = {
        "uuid": "1",
        "url": "/a",
        "visibility": "public",
        "html": text,
        "title": text,
        "custom_excerpt": text,
    }
    read_whole(json.dumps({"posts": [post], "meta": {"pagination": {}}}))


def news_sitemap(text):
    news = f"<n:news><n:title>{escape(text[: len(text) ** 2 // len(escape(text))])}</n:title>{text}</n:news>"
    read_whole(f'<urlset xmlns:n="n"><url><loc>/a</loc>{news}</url></urlset>')


def web_page(text):
    read_whole(PAGE.format(text), "text/html")


def markdown_file(text):
    entry = read_markdown(text, "a.md")
    pass_steps(entry)


def front_matter(text):
    read_markdown(f"---\ntitle: {text}\n---\nWords.\n", "a.md")


def yaml_head(text):
    read_markdown(f"---\n{text}\n---\nWords.\n", "a.md")


def text_part(text):
    tidy(underline(wrap(text), "=") + text)


READERS = (
    every_field, the_standfirst, feed_description, feed_content, feed_markup_as_it_is, feed_channel, feed_prologue,
    atom, json_feed, wordpress, ghost, news_sitemap, web_page, markdown_file, front_matter, text_part,
)  # fmt: skip
# The shapes that cost most before they were bounded; all of them are tried with NEWSLETTER_TESTS_FULL.
COSTLY = (
    "ampersands", "ampersands in a title", "no-break spaces", "CDATA sections cut short", "comments cut short",
    "unclosed bold, each another", "nested divisions", "attributes", "attributes behind a comment",
    "attributes behind a title", "tags cut short", "words among tags", "spaces", "line ends",
)  # fmt: skip


def seconds_of(reader, text):
    """CPU seconds of this thread, the better of two looks where the first is long."""
    times = []
    for _ in range(2):
        began = time.thread_time()
        with suppress(Invalid, Refused):
            reader(text)
        times.append(time.thread_time() - began)
        if times[0] < SECONDS / 2:
            break
    return min(times)


def assert_cheap(reader, shape):
    quarter, whole = seconds_of(reader, shape(MEGABYTE // 4)), seconds_of(reader, shape(MEGABYTE))
    assert whole < SECONDS
    assert whole < max(quarter, TOO_SHORT_TO_COMPARE) * FOUR_TIMES


def pairs():
    """Each reader with each shape. Not marked `full`: every field with each costly shape, and each reader with two."""
    for at, reader in enumerate(READERS):
        for name in sorted(MARKUP):
            ordinary = name in COSTLY and (
                reader is every_field or (at - COSTLY.index(name)) % (len(COSTLY) // 2) == 0
            )
            yield pytest.param(
                reader, name, marks=() if ordinary else pytest.mark.full, id=f"{reader.__name__}-{name}"
            )


@pytest.mark.parametrize(("reader", "name"), list(pairs()))
def test_any_shape_is_cheap_to_read(reader, name):
    assert_cheap(reader, MARKUP[name])


@pytest.mark.parametrize("name", MARKDOWN)
def test_any_shape_of_markdown_is_cheap_to_read(name):
    assert_cheap(markdown_file, MARKDOWN[name])


@pytest.mark.parametrize("name", MARKDOWN)
def test_an_opening_as_long_as_it_may_be_is_cheap_to_render(name):
    text = MARKDOWN[name](LONGEST_OPENING)

    def render(text):
        markdown_html(text)
        markdown_text(text)

    assert seconds_of(render, text) < SECONDS


@pytest.mark.parametrize("name", HEADS)
@pytest.mark.parametrize("size", [30_000, MEGABYTE])
def test_any_head_of_a_file_is_cheap_to_read(name, size):
    assert seconds_of(yaml_head, HEADS[name](size)) < SECONDS
