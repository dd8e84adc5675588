"""A news sitemap as a source: it lists pages, and the articles are on them."""

from pytest import fixture, mark, raises

from newsletter.articles.add_source import add_source
from newsletter.articles.choose_format import read_document
from newsletter.articles.fetch_sources import fetch_sources
from newsletter.articles.models import Article, Source
from newsletter.articles.read_sitemap_pages import MAX_ATTEMPTS, MAX_IN_A_ROW
from newsletter.articles.store_articles import Counts
from newsletter.errors import Invalid
from newsletter.http.fetched_document import Document

pytestmark = mark.django_db
HTML = {"Content-Type": "text/html"}
SITEMAP = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">{}</urlset>"""
ENTRY = """<url><loc>{url}</loc><news:news><news:publication><news:name>Harbour News</news:name>
<news:language>en</news:language></news:publication>{more}
<news:publication_date>2026-11-{day:02d}T09:00:00Z</news:publication_date><news:title>Piece {day}</news:title>
<news:keywords>tides, weirs</news:keywords></news:news>
<image:image><image:loc>https://charity.example/{day}.jpg</image:loc></image:image></url>"""


def page(day):
    told = f"<p>What piece {day} says is told here at some length, so that it is taken for the text of a page.</p>"
    told += "".join(
        f"<p>Paragraph {number} has words and a <a href='/more'>link</a> too, as texts on pages do.</p>"
        for number in range(5)
    )
    return f"""<!doctype html><html lang="en"><head><title>Piece {day} | Harbour News</title></head>
<body><nav><a href="/">Home</a></nav><article><h1>Piece {day}</h1>{told}</article></body></html>""".encode()


def sitemap(site, days, more="", host=None):
    base = host or site.url("")
    entries = "".join(ENTRY.format(url=f"{base}/{day}", day=day, more=more) for day in days)
    return SITEMAP.format(entries).encode()


@fixture
def news(site):
    site.serve_with_validators("/news.xml", sitemap(site, [1, 3, 2]))
    for day in range(1, 6):
        site.serve(f"/{day}", page(day), headers=HTML)
    return site


@fixture
def source(news):
    return add_source(news.url("/news.xml"), name="news")


def fetched(**options):
    (report,) = fetch_sources([Source.objects.get()], **options)
    assert not report.error
    return report


def asked(site):
    paths = [path for path, _headers in site.requests]
    site.requests.clear()
    return paths


def test_each_page_is_read_for_its_text_newest_first(source, news):
    assert (source.kind, source.title, source.language) == ("news_sitemap", "Harbour News", "en")
    asked(news)
    assert fetched().counts == Counts(added=3)
    assert asked(news) == ["/news.xml", "/3", "/2", "/1"]
    article = Article.objects.get(title="Piece 3")
    assert article.url == news.url("/3")
    assert "What piece 3 says" in article.body_html
    assert article.published_at.day == 3
    assert (article.topics, article.image_url) == (["tides", "weirs"], "https://charity.example/3.jpg")


def test_a_page_is_read_once(source, news):
    fetched()
    asked(news)
    assert fetched().unchanged
    assert asked(news) == ["/news.xml"]
    news.serve("/news.xml", sitemap(news, [4, 3]))
    assert fetched().counts == Counts(added=1)
    assert asked(news) == ["/news.xml", "/4"]
    assert not Article.objects.exclude(withdrawn_at=None).exists()


def test_pages_beyond_the_maximum_are_read_by_later_fetches(source, news, configured):
    configured(fetch_max_pages=3)
    report = fetched()
    assert (report.counts.added, report.incomplete) == (
        2,
        "The sitemap lists 1 more page, which we will read later.",
    )
    assert fetched().counts.added == 1
    assert fetched().counts.added == 0
    assert fetched().unchanged


def test_a_page_that_fails_is_read_next_time(source, news):
    news.fail("/2", 503)
    report = fetched()
    assert report.counts.added == 2
    assert "503" in report.incomplete
    news.serve("/2", page(2), headers=HTML)
    assert fetched().counts.added == 1
    assert "What piece 2 says" in Article.objects.get(title="Piece 2").body_html
    assert fetched().incomplete == Source.objects.get().incomplete == ""
    assert fetched().unchanged


@mark.parametrize("status", [500, 503, 403, 429])
def test_a_page_that_always_fails_stops_no_other_and_is_a_headline_in_the_end(source, news, status):
    news.fail("/3", status)
    for _attempt in range(MAX_ATTEMPTS - 1):
        assert "We could not read 1 page that the sitemap lists" in fetched().incomplete
    assert sorted(Article.objects.values_list("title", flat=True)) == ["Piece 1", "Piece 2"]
    assert fetched().incomplete == ""
    headline = Article.objects.get(title="Piece 3")
    assert (headline.body_html, headline.published_at.day) == ("", 3)
    asked(news)
    assert fetched().unchanged
    assert Source.objects.get().failing_pages is None


def test_pages_that_failed_are_tried_after_the_others(source, news, configured):
    configured(fetch_max_pages=2)
    news.fail("/3", 500)
    assert fetched().counts.added == 0
    asked(news)
    assert fetched().counts.added == 1
    assert asked(news) == ["/news.xml", "/2"]


def test_a_site_of_which_every_page_fails_is_asked_for_a_few_only(source, news):
    days = range(1, 20)
    news.serve("/news.xml", sitemap(news, days))
    for day in days:
        news.fail(f"/{day}", 503)
    asked(news)
    assert "14 more pages, which we will read later. We could not read 5 pages" in fetched().incomplete
    assert len(asked(news)) == 1 + MAX_IN_A_ROW


def test_commands_say_what_is_not_read_yet(source, news, cli):
    news.fail("/3", 503)
    fetched()
    for command in (("list",), ("show", "news"), ("show", "news", "--json")):
        assert "We could not read 1 page that the sitemap lists. We will try again." in " ".join(
            cli("sources", *command).out.split()
        )
    news.serve("/3", page(3), headers=HTML)
    fetched()
    assert "could not read" not in cli("sources", "list").out


def test_a_page_without_a_text_gives_its_headline_and_one_with_a_password_nothing(source, news):
    news.serve("/3", b"<!doctype html><html><body><p>Subscribe</p></body></html>", headers=HTML)
    news.serve("/2", page(2).replace(b"<h1>", b"<form class='post-password-form'></form><h1>"), headers=HTML)
    news.fail("/1", 404)
    assert fetched().counts.added == 1
    assert Article.objects.get().title == "Piece 3"
    assert Article.objects.get().body_html == ""


def test_what_not_everybody_may_read_and_what_is_elsewhere_is_not_asked_for(site, web_ipv6):
    more = "<news:access>Subscription</news:access>"
    closed = sitemap(site, [1], more)
    site.serve("/news.xml", closed.replace(b"</urlset>", b"") + sitemap(site, [2], host=web_ipv6.url("")))
    site.serve("/1", page(1), headers=HTML)
    add_source(site.url("/news.xml"))
    assert fetched().counts.added == 0
    assert site.asked["/1"] == 0
    assert not web_ipv6.answers.requests


@mark.parametrize(
    ("text", "sentence"),
    [
        ("<sitemapindex><sitemap><loc>https://x.example/s.xml</loc></sitemap></sitemapindex>", "list of sitemaps"),
        ("<urlset><url><loc>https://x.example/</loc></url></urlset>", "does not mark its pages as news"),
        ("<urlset>" + "<url/>" * 10_001, "10,000 addresses"),
    ],
)  # fmt: skip
def test_other_sitemaps_say_what_to_add_instead(text, sentence):
    with raises(Invalid, match=sentence):
        read_document(Document(data=text.encode(), url="https://x.example/sitemap.xml"))


def test_a_broken_sitemap_is_read_as_far_as_it_goes_and_no_entity_is_expanded():
    text = SITEMAP.format(ENTRY.format(url="https://x.example/1", day=1, more="&a;")).replace(
        "<urlset", '<!DOCTYPE u [<!ENTITY a SYSTEM "file:///etc/passwd">]><urlset', 1
    )
    (article,) = read_document(Document(data=text.encode()[:-30], url="https://x.example/s.xml")).articles
    assert article.title == "Piece 1"
