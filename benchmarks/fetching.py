"""Fetches and stores 10,000 entries of one feed, against feedparser alone on the same bytes in the same run.

A server on loopback serves the feed, and an SQLite file stores the articles. At most 1.3 times feedparser's time is
allowed, for the first fetch and for one that reads everything again and finds nothing new.
"""

import os
import random
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from benchmarks.verdicts import verdict

ENTRIES = 10_000
MOST = 1.3
TALK = (
    "the charity asked people who live with cancer what helps them most and many said that a walk a talk and plain "
    "words about treatment trials and side effects matter more than anything that comes in a leaflet"
)
WORDS = TALK.split()


def main() -> None:
    """Print both times and their ratio, for a first and a second fetch."""
    with tempfile.TemporaryDirectory(prefix="newsletter-bench-") as home:
        _set_up(home)
        body = feed()
        server = _serve(body)
        try:
            _measure(body, f"http://127.0.0.1:{server.server_port}/feed")
        finally:
            server.shutdown()
            server.server_close()
            _close()


def feed() -> bytes:
    """Return an RSS feed of 10,000 entries, about 15 MB, the same in every run."""
    chance = random.Random(2012)
    first = datetime(2026, 10, 1, tzinfo=UTC)
    items = "".join(_item(number, chance, first) for number in range(ENTRIES))
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        "<channel><title>Charity news</title><link>https://charity.example/</link><description>News</description>"
        f"<language>en-gb</language>{items}</channel></rss>"
    ).encode()


def _item(number: int, chance: random.Random, first: datetime) -> str:
    paragraphs = "".join(
        f'<p>{" ".join(chance.choices(WORDS, k=40))} <a href="/news/{number}?utm_source=rss">more</a>.</p>'
        for _ in range(4)
    )
    return (
        f"<item><title>Piece {number}: {' '.join(chance.choices(WORDS, k=6))}</title>"
        f"<link>https://charity.example/news/{number}?utm_source=rss</link>"
        f'<guid isPermaLink="false">charity-{number}</guid><dc:creator>Ann Author</dc:creator>'
        f"<category>Research</category><category>Living with cancer</category>"
        f"<pubDate>{format_datetime(first - timedelta(hours=number))}</pubDate>"
        f"<description>{' '.join(chance.choices(WORDS, k=25))}.</description>"
        f'<content:encoded><![CDATA[<img src="/i/{number}.jpg" width="600" height="400" alt="A ward">{paragraphs}]]>'
        "</content:encoded></item>"
    )


def _set_up(home: str) -> None:
    os.environ["NEWSLETTER_HOME"] = home
    os.environ["DATABASE_URL"] = f"sqlite:///{Path(home) / 'bench.sqlite3'}"
    os.environ["NEWSLETTER_FETCH_ALLOW_HOSTS"] = "127.0.0.1"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def _close() -> None:
    from django.db import connections

    connections.close_all()


def _serve(body: bytes) -> HTTPServer:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/rss+xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Log nothing."""

    server = HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def _measure(body: bytes, address: str) -> None:
    import feedparser

    from newsletter.articles.fetch_sources import fetch_sources
    from newsletter.articles.models import Article, Source

    source = Source.objects.create(name="bench", kind=Source.Kind.FEED, location=address)
    first = _seconds(lambda: fetch_sources([source]))
    if Article.objects.count() != ENTRIES:
        raise SystemExit(f"fetching: only {Article.objects.count()} articles were stored: {source.error}")
    bare = _seconds(lambda: feedparser.parse(body))
    second = _seconds(lambda: fetch_sources([source], force=True))
    bare_again = _seconds(lambda: feedparser.parse(body))
    print(
        f"fetching: {ENTRIES:,} entries, {len(body) / 1e6:.1f} MB; feedparser alone {bare:.2f} s, {bare_again:.2f} s"
    )
    _judge("fetch and store", first, bare)
    _judge("fetch again, nothing new", second, bare_again)


def _judge(what: str, ours: float, bare: float) -> None:
    ratio = ours / bare
    print(
        f"fetching: {what}: {ours:.2f} s, {ratio:.2f} times feedparser alone (at most {MOST:.1f}): "
        f"{verdict(ratio <= MOST)}"
    )


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
