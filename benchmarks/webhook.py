"""Measures how many events per second SendGrid's Event Webhook receives and processes, and how soon it responds.

The first is measured against a bare loop in the same run that verifies, loads and inserts with a unique event ID, the
second by answering.py. `python -m benchmarks webhook` uses 100,000 events; with WEBHOOK_EVENTS=1000000, a million,
which are then also counted. WEBHOOK_ROUNDS=3 sends three mailings.
"""

import os
import sqlite3
import statistics
import tempfile
import time
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256

from benchmarks import answering
from benchmarks.answering import ADDRESS
from benchmarks.cpu_seconds import Spent, spending
from benchmarks.reports import SIGNATURE, TIMESTAMP, Post, planned, signed_posts
from benchmarks.sink_process import sink
from benchmarks.verdicts import verdict

if TYPE_CHECKING:
    from newsletter.sending.models import Mailing

EVENTS = int(os.environ.get("WEBHOOK_EVENTS", "100000"))
EVENTS_A_POST = 1_000
ROUNDS = 3
AT_LEAST = 0.6
KEPT = ("sg_event_id", "sg_message_id", "event", "press_mailing", "press_recipient", "url", "timestamp")


def main() -> None:
    """Print both figures, and whether they are within their limits."""
    with (
        tempfile.TemporaryDirectory(prefix="newsletter-webhook-") as home,
        sink("benchmarks.sink") as port_of_sink,
    ):
        key = generate_private_key(SECP256R1())
        _set_up(home, key, port_of_sink)
        _throughput(Path(home), key)
        answering.measure(key, home)


def _set_up(home: str, key: EllipticCurvePrivateKey, port_of_sink: str) -> None:
    os.environ["NEWSLETTER_HOME"] = home
    os.environ["NEWSLETTER_SENDGRID_WEBHOOK_KEY"] = answering.public_key(key)
    os.environ["NEWSLETTER_TRANSPORT"] = "sendgrid"
    os.environ["NEWSLETTER_SENDGRID_HOST"] = f"http://127.0.0.1:{port_of_sink}"
    os.environ["SENDGRID_API_KEY"] = "SG.benchmark"
    os.environ["DATABASE_URL"] = f"sqlite:///{home}/newsletter.sqlite3"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)


def _throughput(home: Path, key: EllipticCurvePrivateKey) -> None:
    mailing = planned(EVENTS // 4)
    ours: list[Spent] = []
    bare: list[Spent] = []
    for turn in range(ROUNDS):
        posts = list(signed_posts(mailing, key, EVENTS, EVENTS_A_POST, seed=turn))
        with spending() as spent:
            _bare_loop(home / "bare.sqlite3", key, posts)
        bare.append(spent)
        with spending() as spent:
            _receive_and_process(posts)
        ours.append(spent)
    print(f"webhook: {EVENTS:,} events in posts of {EVENTS_A_POST:,}, {ROUNDS} times")
    _compare("by the clock", [each.seconds for each in ours], [each.seconds for each in bare])
    _compare("of the processor", [each.cpu for each in ours], [each.cpu for each in bare])
    _count(mailing)


def _compare(seconds: str, ours: list[float], bare: list[float]) -> None:
    each, least = (statistics.median(taken) / EVENTS * 1e6 for taken in (ours, bare))
    ratio = least / each
    print(f"  microseconds {seconds} for each event: {each:.1f}, the bare loop {least:.1f}")
    print(f"  ratio {ratio:.2f} (at least {AT_LEAST}): {verdict(ratio >= AT_LEAST)}")


def _count(mailing: "Mailing") -> None:
    from newsletter.tracking.models import Event
    from newsletter.tracking.statistics import breakdown, statistics_of

    print(f"  statistics over {Event.objects.count():,} events:")
    print(f"    of the mailing {_seconds(lambda: statistics_of(mailing)):6.2f} s")
    for by in ("link", "domain", "hour"):
        print(f"    by {by:11} {_seconds(lambda: breakdown(mailing, by)):6.2f} s")  # noqa: B023


def _receive_and_process(posts: list[Post]) -> None:
    from django.test import Client

    from newsletter.tracking.process_events import process_posts

    client = Client(SERVER_NAME="localhost")
    for body, headers in posts:
        answer = client.post(ADDRESS, data=body, content_type="application/json", headers=headers)
        assert answer.status_code == 200, answer.content
    while process_posts():
        pass


def _bare_loop(path: Path, key: EllipticCurvePrivateKey, posts: list[Post]) -> None:
    """Do the minimum, with a database set up like ours.

    A post is on the disk before it would be acknowledged: SendGrid does not repeat what was acknowledged.
    """
    public = key.public_key()
    with sqlite3.connect(path) as database:
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "cache_size=-64000",
            "wal_autocheckpoint=8000",
        ):
            database.execute(f"PRAGMA {pragma}")
        database.execute(
            "CREATE TABLE IF NOT EXISTS event (id INTEGER PRIMARY KEY, event_id TEXT UNIQUE, message_id TEXT, "
            "kind TEXT, mailing TEXT, recipient INTEGER, url TEXT, at INTEGER)"
        )
        for body, headers in posts:
            public.verify(b64decode(headers[SIGNATURE]), headers[TIMESTAMP].encode() + body, ECDSA(SHA256()))
            database.executemany(
                "INSERT OR IGNORE INTO event (event_id, message_id, kind, mailing, recipient, url, at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                [tuple(map(each.get, KEPT)) for each in orjson.loads(body)],
            )
            database.commit()


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
