"""Sources that spread their articles over several pages: how far they are read, and when reading stops."""

import json
import re
from dataclasses import replace

from pytest import fixture, mark

from newsletter.articles.add_source import add_source
from newsletter.articles.fetch_sources import fetch_sources
from newsletter.articles.incoming_article import IncomingArticle, Reading
from newsletter.articles.models import Article, Source
from newsletter.articles.read_source import Page, SourceContent
from newsletter.articles.source_pagination import MAX_ENTRIES, MAX_UNREAD, LaterPages
from newsletter.articles.store_articles import Counts
from tests.fakes.source import feed, item

pytestmark = mark.django_db
JSON = {"Content-Type": "application/json"}


def json_feed(numbers, next_url=None):
    items = [
        {
            "id": f"piece-{number}",
            "url": f"https://charity.example/{number}",
            "title": f"Piece {number}",
            "content_text": f"What piece {number} says is told here.",
            "date_published": f"2026-10-{number:02d}T09:00:00Z",
        }
        for number in numbers
    ]
    value = {"version": "https://jsonfeed.org/version/1.1", "title": "News", "items": items}
    return json.dumps(value | ({"next_url": next_url} if next_url else {})).encode()


def atom(numbers, **links):
    written = "".join(
        f'<link rel="{rel.replace("_", "-")}" href="{address}"/>' for rel, address in links.items()
    )
    entries = "".join(
        f"<entry><id>urn:piece:{number}</id><title>Piece {number}</title><link href='https://charity.example/{number}'/>"
        f"<updated>2026-10-{number:02d}T09:00:00Z</updated><summary>What piece {number} says.</summary></entry>"
        for number in numbers
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title>{written}{entries}</feed>'.encode()


def posts(numbers):
    return json.dumps(
        [
            {
                "id": number,
                "link": f"https://charity.example/{number}/",
                "date_gmt": f"2026-10-{number:02d}T09:00:00",
                "status": "publish",
                "title": {"rendered": f"Piece {number}"},
                "content": {"rendered": f"<p>What piece {number} says.</p>"},
                "_embedded": {"wp:term": [[{"taxonomy": "category", "name": "Harbours"}]]},
            }
            for number in numbers
        ]
    ).encode()


@fixture
def pages(site):
    """Three pages of a JSON feed with two pieces each, of which the first knows an ETag."""
    site.serve_with_validators("/feed", json_feed([28, 27], "/feed?page=2"))
    site.serve("/feed?page=2", json_feed([26, 25], "/feed?page=3"), headers=JSON)
    site.serve("/feed?page=3", json_feed([24, 23]), headers=JSON)
    return site


@fixture
def source(pages):
    return add_source(pages.url("/feed"), name="news")


def fetched(source):
    (report,) = fetch_sources([Source.objects.get(pk=source.pk)], force=True)
    assert not report.error
    return report


def asked(site):
    return [path for path, _headers in site.requests]


def titles():
    return sorted(Article.objects.values_list("title", flat=True))


def pieces(numbers):
    return sorted(f"Piece {number}" for number in numbers)


def test_every_page_of_a_json_feed_is_read(source, pages):
    assert fetched(source).counts == Counts(added=6)
    assert titles() == pieces(range(23, 29))


@mark.parametrize("rel", ["next", "prev_archive"])
def test_paged_and_archived_feeds_are_read_to_their_end(site, rel):
    site.serve("/feed", atom([28, 27], **{rel: "older"}))
    site.serve("/older", atom([26], **{rel: "oldest", "current": "feed"}))
    site.serve("/oldest", atom([25]))
    assert fetched(add_source(site.url("/feed"))).counts.added == 4


def test_an_rss_feed_names_its_next_page_with_a_link_of_atom(site):
    link = f'<link xmlns="http://www.w3.org/2005/Atom" rel="next" href="{site.url("/feed?paged=2")}"/>'
    site.serve("/feed", feed([link, item(1)]))
    site.serve("/feed?paged=2", feed([item(2)]))
    assert fetched(add_source(site.url("/feed"))).counts.added == 2


def test_all_pages_of_wordpress_are_read_with_the_names_of_categories(site):
    path = "/wp-json/wp/v2/posts?per_page=2&_embed=1"
    site.serve(path, posts([28, 27]), headers=JSON | {"X-WP-TotalPages": "3"})
    for number, numbers in ((2, [26, 25]), (3, [24])):
        site.serve(f"{path}&page={number}", posts(numbers), headers=JSON | {"X-WP-TotalPages": "3"})
    source = add_source(site.url("/wp-json/wp/v2/posts?per_page=2"))
    assert fetched(source).counts.added == 5
    assert {tuple(topics) for topics in Article.objects.values_list("topics", flat=True)} == {("Harbours",)}


def test_wordpress_that_tells_no_number_of_pages_is_read_by_its_link(site):
    path = "/wp-json/wp/v2/posts?_embed=1"
    link = f'<{site.url("/other")}>; rel="prev", <{site.url(path + "&page=2")}>; rel="next"'
    site.serve(path, posts([28]), headers=JSON | {"Link": link})
    site.serve(f"{path}&page=2", posts([27]), headers=JSON)
    assert fetched(add_source(site.url("/wp-json/wp/v2/posts"))).counts.added == 2


def test_where_nothing_is_new_one_request_is_made(source, pages):
    fetched(source)
    pages.requests.clear()
    (report,) = fetch_sources([Source.objects.get()])
    assert report.unchanged
    assert asked(pages) == ["/feed"]


def test_paging_stops_at_a_page_that_brings_only_known_articles(source, pages):
    fetched(source)
    pages.serve("/feed", json_feed([29, 28], "/feed?page=2"))
    pages.requests.clear()
    assert fetched(source).counts.added == 1
    assert asked(pages) == ["/feed", "/feed?page=2"]
    pages.requests.clear()
    fetched(source)
    assert asked(pages) == ["/feed"]


def test_episodes_that_all_lead_to_the_same_page_are_told_apart(site):
    def episodes(numbers):
        return re.sub(rb"charity.example/\d+", b"charity.example/podcast", atom(numbers, next="/older"))

    site.serve("/feed", episodes([27, 26]))
    site.serve("/older", atom([25, 24]))
    source = add_source(site.url("/feed"))
    fetched(source)
    site.serve("/feed", episodes([29, 28]))
    site.serve("/older", atom([23]))
    assert fetched(source).counts.added == 3


@mark.parametrize("ending", ["feed", "feed?page=2", "feed?page=2&again"])
def test_pages_that_lead_in_a_circle_or_repeat_are_read_once(site, ending):
    site.serve("/feed", json_feed([28], "/feed?page=2"))
    site.serve("/feed?page=2", json_feed([27], f"/{ending}"))
    site.serve("/feed?page=2&again", json_feed([27], "/feed?page=2&again=2"))
    assert fetched(add_source(site.url("/feed"))).counts.added == 2
    assert "/feed?page=2&again=2" not in asked(site)


def test_the_number_of_pages_is_bounded_and_the_rest_is_not_read_later(site, configured):
    configured(fetch_max_pages=3)
    for number in range(8):
        site.serve(f"/feed?page={number}", json_feed([28 - number], f"/feed?page={number + 1}"))
    source = add_source(site.url("/feed?page=0"))
    report = fetched(source)
    assert (report.counts.added, report.incomplete) == (3, "")
    assert fetched(source).counts == Counts(unchanged=1)


def test_the_number_of_articles_is_bounded_over_all_pages():
    first, second = (
        Reading(kind="feed", articles=(IncomingArticle(guid="x"),) * count) for count in (MAX_ENTRIES - 1, 3)
    )
    pages = LaterPages(
        Source(location="https://charity.example/feed"),
        SourceContent(location="https://charity.example/feed", reading=first, document_hash="first"),
    )
    address = "https://charity.example/feed?page=2"
    pages.take(
        Page(address=address, reading=replace(second, next_page=f"{address}3"), document_hash="second")
    )
    assert [len(page.reading.articles) for page in pages.result().later] == [1]
    assert pages.next_address() == ""


def test_the_pages_of_one_fetch_share_its_bytes_and_the_next_fetch_goes_on(source, pages, configured):
    large = json_feed([26, 25], "/feed?page=3") + b" " * 6_000
    pages.serve("/feed?page=2", large, headers=JSON)
    pages.serve("/feed?page=3", json_feed([24, 23]) + b" " * 4_000, headers=JSON)
    configured(fetch_max_bytes=10_000)
    report = fetched(source)
    assert report.counts.added == 4
    assert "larger than" in report.incomplete
    assert fetched(source).counts.added == 2
    assert Source.objects.get().unread_pages == ""


def test_the_pages_of_one_fetch_share_its_seconds(source, pages, configured):
    configured(fetch_timeout_seconds=0.6)
    pages.drip("/feed?page=2")
    report = fetched(source)
    assert report.counts.added == 2
    assert "did not respond within" in report.incomplete


def test_a_later_page_at_another_host_is_not_asked_for(site, web_ipv6):
    site.serve("/feed", json_feed([28], web_ipv6.url("/feed?page=2")))
    assert fetched(add_source(site.url("/feed"))).counts.added == 1
    assert not web_ipv6.answers.requests


def test_a_later_page_that_redirects_to_another_host_is_not_followed(site, web_ipv6, configured):
    configured(fetch_allow_hosts=("127.0.0.1", "::1"))
    site.serve("/feed", json_feed([28], "/feed?page=2"))
    site.redirect("/feed?page=2", web_ipv6.url("/feed"))
    report = fetched(add_source(site.url("/feed")))
    assert report.counts.added == 1
    assert "another site" in report.incomplete
    assert not web_ipv6.answers.requests


def test_a_later_page_that_fails_keeps_what_came_and_is_read_next_time(source, pages):
    pages.fail("/feed?page=2", 503)
    report = fetched(source)
    assert (report.counts, report.source.failures) == (Counts(added=2), 0)
    assert "503" in report.incomplete
    pages.serve("/feed?page=2", json_feed([26, 25], "/feed?page=3"), headers=JSON)
    # The first page itself has not changed.
    (report,) = fetch_sources([Source.objects.get()])
    assert (report.counts, report.incomplete) == (Counts(added=4), "")
    assert Article.objects.filter(withdrawn_at=None).count() == 6
    pages.requests.clear()
    fetch_sources([Source.objects.get()])
    assert asked(pages) == ["/feed"]


def test_articles_of_a_page_that_fails_are_not_withdrawn(source, pages):
    fetched(source)
    pages.serve("/feed", json_feed([29, 28], "/feed?page=2"))
    pages.fail("/feed?page=2", 500)
    assert fetched(source).counts.withdrawn == 0
    pages.serve("/feed?page=2", json_feed([27, 23], "/feed?page=3"))
    assert fetched(source).counts.withdrawn == 0
    assert not Article.objects.exclude(withdrawn_at=None).exists()


def test_a_page_that_is_not_there_the_second_time_either_is_given_up(source, pages):
    pages.fail("/feed?page=2", 404)
    assert "404" in fetched(source).incomplete
    assert fetched(source).incomplete == ""
    pages.requests.clear()
    fetched(source)
    assert asked(pages) == ["/feed"]


def test_new_pages_that_fail_do_not_make_older_unread_ones_forgotten(source, pages):
    pages.fail("/feed?page=3", 503)
    fetched(source)
    pages.serve("/feed", json_feed([30, 29], "/feed?page=1b"))
    pages.fail("/feed?page=1b", 503)
    fetched(source)
    assert Source.objects.get().unread_pages.count("\n") == 1 < MAX_UNREAD
    pages.serve("/feed?page=1b", json_feed([22, 21]))
    pages.serve("/feed?page=3", json_feed([24, 23]))
    fetched(source)
    assert titles() == pieces(range(21, 31))


def test_a_later_page_that_is_no_feed_costs_only_itself(source, pages):
    pages.serve("/feed?page=2", b"<!doctype html><html><body><h1>Sorry</h1></body></html>")
    report = fetched(source)
    assert report.counts.added == 2
    assert "web page" in report.incomplete


def test_later_pages_that_take_too_much_computing_cost_only_themselves(source, pages, configured):
    costly = json.loads(json_feed([26]))
    costly["items"][0]["content_html"] = "<p>word <b>and <i>word</i></b></p>" * 100
    costly["items"] *= 1_000
    pages.serve("/feed?page=2", json.dumps(costly).encode(), headers=JSON)
    configured(fetch_cpu_seconds=0.1)
    report = fetched(source)
    assert report.counts.added == 2
    assert "processor time" in report.incomplete


def test_the_password_is_sent_to_later_pages_at_the_same_place(pages):
    address = pages.url("/feed").replace("http://", "http://ann:pw@")
    fetched(add_source(address))
    assert {headers.get("authorization") for _path, headers in pages.requests} == {"Basic YW5uOnB3"}


def test_the_command_says_that_an_older_page_is_read_next_time(source, pages, cli):
    pages.fail("/feed?page=2", 503)
    said = cli("articles", "fetch", "news")
    assert "2 added" in said.out
    assert "The next fetch will read the rest" in said.out
    assert json.loads(cli("articles", "fetch", "news", "--json").out)[0]["incomplete"]
