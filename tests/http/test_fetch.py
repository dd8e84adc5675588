"""Fetching within bounds, against a real server with every fault."""

import gzip
import time
import zlib

from pytest import mark, raises

from newsletter.errors import NewsletterError, Refused
from newsletter.http.fetch import NotAnswered, fetch
from tests.fakes.source import feed, item

BODY = feed([item(1), item(2)])


def test_a_document_comes_with_what_is_needed_next_time(site):
    site.serve_with_validators("/feed", BODY)
    fetched = fetch(site.url("/feed"))
    assert fetched.document.data == BODY
    assert fetched.document.etag == '"v1"'
    assert fetched.document.last_modified == "Mon, 02 Nov 2026 10:00:00 GMT"
    assert fetched.location == fetched.document.url == site.url("/feed")


def test_what_has_not_changed_is_not_sent_again(site):
    site.serve_with_validators("/feed", BODY)
    assert fetch(site.url("/feed"), etag='"v1"').document is None


def test_a_server_that_says_unchanged_without_being_asked_is_an_error(site):
    site.fail("/feed", 304)
    with raises(NotAnswered, match="304"):
        fetch(site.url("/feed"))


def test_the_user_agent_names_the_press_and_whom_to_ask(site, configured):
    configured(fetch_contact="https://charity.example/press")
    site.serve("/feed", BODY)
    fetch(site.url("/feed"))
    _path, headers = site.requests[0]
    assert headers["user-agent"].startswith("newsletter-press/")
    assert headers["user-agent"].endswith("(+https://charity.example/press)")


@mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(BODY)),
        ("gzip", gzip.compress(BODY[:100]) + gzip.compress(BODY[100:])),
        ("gzip", gzip.compress(BODY) + b"\0\0\0\0"),
        ("x-gzip", gzip.compress(BODY)),
        ("deflate", zlib.compress(BODY)),
        ("deflate", zlib.compress(BODY)[2:-4]),
        ("identity", BODY),
    ],
    ids=["gzip", "two members", "padded", "x-gzip", "zlib", "raw deflate", "identity"],
)
def test_compressed_answers_are_unpacked(site, encoding, packed):
    site.serve("/feed", packed, headers={"Content-Encoding": encoding})
    assert fetch(site.url("/feed")).document.data == BODY


@mark.parametrize("encoding", ["gzip", "deflate", "raw"])
def test_a_bomb_is_stopped_at_the_limit(site, configured, encoding):
    configured(fetch_max_bytes=100_000)
    site.bomb("/feed", megabytes=50, encoding=encoding)
    with raises(Refused, match="larger than 100,000 bytes"):
        fetch(site.url("/feed"))


def test_an_answer_as_large_as_the_limit_is_taken(site, configured):
    configured(fetch_max_bytes=len(BODY))
    site.serve("/feed", gzip.compress(BODY), headers={"Content-Encoding": "gzip"})
    assert fetch(site.url("/feed")).document.data == BODY
    configured(fetch_max_bytes=len(BODY) - 1)
    with raises(Refused, match="NEWSLETTER_FETCH_MAX_BYTES"):
        fetch(site.url("/feed"))


def test_half_an_answer_is_none(site):
    site.cut("/length", BODY)
    site.cut("/chunked", BODY, chunked=True)
    site.cut_gzip("/gzip", BODY)
    for path in ("/length", "/chunked", "/gzip"):
        with raises(NotAnswered, match="only part"):
            fetch(site.url(path))


@mark.parametrize(
    "raw",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 two hundred OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nnot gzip",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nwhatever",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://[::1\r\n\r\n",
        b"HTTP/1.1 302 Found\r\n\r\n",
    ],
)
def test_what_is_no_web_server_is_a_sentence(site, raw):
    site.say("/feed", raw)
    with raises(NewsletterError, match=r"127\.0\.0\.1|address"):
        fetch(site.url("/feed"))


@mark.parametrize("manner", ["hang", "drip", "drip headers"])
def test_a_slow_server_meets_the_deadline(site, configured, manner):
    configured(fetch_timeout_seconds=0.4)
    if manner == "hang":
        site.hang("/feed")
    else:
        site.drip("/feed", from_the_start=manner == "drip headers")
    started = time.monotonic()
    with raises(NotAnswered, match=r"within 0\.4 seconds"):
        fetch(site.url("/feed"))
    assert time.monotonic() - started < 2


@mark.parametrize(
    ("status", "words"),
    [
        (401, "password"),
        (403, "not allowed to read"),
        (404, "does not exist"),
        (410, "no longer exists"),
        (500, "500"),
        (503, "at the moment"),
    ],
)
def test_an_error_says_what_to_do(site, status, words):
    site.fail("/feed", status)
    with raises(NotAnswered, match=words) as caught:
        fetch(site.url("/feed"))
    assert caught.value.gone == (status == 410)
    assert caught.value.again_helps


def test_a_server_may_ask_us_to_wait(site):
    site.fail("/seconds", 429, Retry_After="120")
    site.fail("/date", 503, Retry_After="Fri, 01 Jan 2100 00:00:00 GMT")
    site.fail("/nonsense", 503, Retry_After="soon")
    waits = {}
    for path in ("/seconds", "/date", "/nonsense"):
        with raises(NotAnswered) as caught:
            fetch(site.url(path))
        waits[path] = caught.value.retry_after
    assert waits["/seconds"] == 120
    assert waits["/date"] > 1_000_000
    assert waits["/nonsense"] is None


def test_redirects_are_followed_and_only_permanent_ones_move_the_source(site):
    site.serve("/feed", BODY)
    site.redirect("/moved", "/feed", status=301)
    site.redirect("/for-now", "/feed", status=302)
    site.redirect("/moved-then-for-now", "/for-now", status=308)
    assert fetch(site.url("/moved")).location == site.url("/feed")
    assert fetch(site.url("/for-now")).location == site.url("/for-now")
    assert fetch(site.url("/moved-then-for-now")).location == site.url("/for-now")
    assert fetch(site.url("/for-now")).document.url == site.url("/feed")


def test_redirects_end(site):
    site.redirect("/round", "/round")
    with raises(Refused, match="more than 5 times"):
        fetch(site.url("/round"))
    assert site.asked["/round"] == 6


@mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://charity.example/feed", "javascript:alert(1)", "gopher://x/"]
)
def test_a_redirect_out_of_the_web_is_refused(site, target):
    site.redirect("/feed", target)
    with raises(NewsletterError, match=r"starts with http|not a web address"):
        fetch(site.url("/feed"))


def test_name_and_password_reach_their_server_and_no_sentence(site):
    site.serve("/feed", BODY)
    site.redirect("/away", site.url("/feed").replace("127.0.0.1", "localhost"))
    address = site.url("/feed")
    fetched = fetch(address, credentials="ann:secret")
    assert site.requests[0][1]["authorization"] == "Basic YW5uOnNlY3JldA=="
    assert "secret" not in fetched.document.url
    assert fetched.location == address
    site.fail("/gone", 410)
    with raises(NotAnswered) as caught:
        fetch(site.url("/gone"), credentials="ann:secret")
    assert "secret" not in str(caught.value)


def test_name_and_password_do_not_go_along_to_another_host(site, web, configured):
    configured(fetch_allow_hosts=("127.0.0.1", "localhost"))
    site.serve("/feed", BODY)
    site.redirect("/away", site.url("/feed").replace("127.0.0.1", "localhost"))
    fetched = fetch(site.url("/away"), credentials="ann:secret")
    assert "authorization" in site.requests[0][1]
    assert "authorization" not in site.requests[1][1]
    assert fetched.location == site.url("/away")


@mark.parametrize("status", [301, 308])
def test_a_source_with_a_password_does_not_move_to_another_host(site, configured, status):
    configured(fetch_allow_hosts=("127.0.0.1", "localhost"))
    site.serve("/feed", BODY)
    site.redirect("/away", site.url("/feed").replace("127.0.0.1", "localhost"), status=status)
    site.redirect("/moved", site.url("/feed"), status=status)
    assert fetch(site.url("/away"), credentials="ann:secret").location == site.url("/away")
    assert fetch(site.url("/moved"), credentials="ann:secret").location == site.url("/feed")


def test_a_name_and_a_password_in_a_redirect_are_neither_sent_nor_kept(site):
    site.serve("/feed", BODY)
    site.redirect("/away", site.url("/feed").replace("http://", "http://eve:trap@"), status=301)
    assert fetch(site.url("/away")).location == site.url("/feed")
    assert "authorization" not in site.requests[1][1]
