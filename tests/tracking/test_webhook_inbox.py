"""A post that was answered for is never lost, and on SQLite no other writer keeps it waiting."""

import os
import signal
import sys
import threading

import orjson
import pytest
from django.db import transaction
from django.utils import timezone

from newsletter.tracking import webhook_inbox, webhook_spool
from newsletter.tracking.models import Event, RawWebhookPost
from newsletter.tracking.process_events import process_posts, prune_set_aside, waiting_posts
from tests import forked
from tests.journeys.installation import ROOT

EVENT = orjson.dumps([{"event": "processed", "sg_event_id": "one", "timestamp": 1_790_000_000}])
KEEP_AND_DIE = """
import django; django.setup()
import os, signal
from newsletter.tracking import webhook_inbox
webhook_inbox.keep(b'[{"event": "open", "sg_event_id": "one"}]')
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_posts_are_folded_in_the_order_in_which_they_came(db, home):
    for number in range(12):
        webhook_inbox.keep(b"%d" % number)
    assert [post.body for post in webhook_inbox.oldest(100)] == [b"%d" % number for number in range(12)]
    assert waiting_posts() == 12


def test_much_that_waits_goes_in_larger_portions(db, home):
    for _ in range(30):
        webhook_inbox.keep(b" " * 90_000)
    assert len(webhook_inbox.oldest(100)) == 2
    for _ in range(70):
        webhook_inbox.keep(b" " * 90_000)
    assert len(webhook_inbox.oldest(100)) == 66


@pytest.mark.sqlite
def test_rows_of_another_time_are_folded_too(db, home):
    RawWebhookPost.objects.create(body=EVENT)
    webhook_inbox.keep(EVENT)
    assert (waiting_posts(), process_posts(), process_posts(), process_posts()) == (2, 1, 1, 0)
    assert Event.objects.count() == 1


@pytest.mark.sqlite
def test_a_post_is_kept_while_another_holds_the_database(transactional_db, home, tmp_path):
    """The lock of a writer is held until the post was kept: were it needed, this would never end."""
    kept = threading.Event()

    def keep():
        webhook_inbox.keep(EVENT)
        kept.set()

    with transaction.atomic():
        RawWebhookPost.objects.create(body=b"", reason="takes the lock of a writer")
        thread = threading.Thread(target=keep)
        thread.start()
        assert kept.wait(10)
    thread.join()


@pytest.mark.sqlite
def test_a_post_outlives_the_process_that_kept_it(db, home):
    environment = {**os.environ, "NEWSLETTER_HOME": str(home), "DATABASE_URL": "", "PYTHONPATH": str(ROOT)}
    environment["DJANGO_SETTINGS_MODULE"] = "newsletter.settings"
    ended = forked.run([sys.executable, "-c", KEEP_AND_DIE], env=environment, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert process_posts() == 1
    assert Event.objects.get().kind == Event.Kind.OPENED


@pytest.mark.sqlite
def test_folding_that_dies_before_it_forgets_a_post_folds_it_again_without_harm(db, home, monkeypatch):
    webhook_inbox.keep(EVENT)

    def die(_numbers):
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(webhook_spool, "remove", die)
        with pytest.raises(KeyboardInterrupt):
            process_posts()
    assert (Event.objects.count(), waiting_posts()) == (1, 1)
    assert process_posts() == 1
    assert (Event.objects.count(), waiting_posts()) == (1, 0)


@pytest.mark.sqlite
def test_what_another_clock_has_folded_is_not_folded_again(db, home):
    webhook_inbox.keep(b"no json")
    ours, theirs = webhook_inbox.oldest(1), webhook_inbox.oldest(1)
    webhook_inbox.forget(theirs)
    assert not webhook_inbox.take(ours)


@pytest.mark.sqlite
def test_a_number_never_stands_for_another_post(db, home):
    webhook_inbox.keep(b"1")
    first = webhook_inbox.oldest(1)
    webhook_inbox.forget(first)
    webhook_inbox.keep(b"2")
    webhook_inbox.forget(first)
    assert [post.body for post in webhook_inbox.oldest(1)] == [b"2"]


@pytest.mark.sqlite
def test_the_spool_is_for_our_eyes_only_and_durable(db, home):
    webhook_inbox.keep(EVENT)
    assert (home / "reports.sqlite3").stat().st_mode & 0o077 == 0
    said = []
    with webhook_spool._database() as database:
        database.set_trace_callback(said.append)
    webhook_inbox.keep(EVENT)
    assert said[0] == "PRAGMA synchronous = FULL"
    assert said[1].startswith("INSERT")


@pytest.mark.sqlite
def test_of_a_post_that_was_folded_no_byte_is_left(db, home):
    body = orjson.dumps([{"event": "open", "email": "amara@example.com", "padding": "x" * 50_000}])
    webhook_inbox.keep(body)
    assert process_posts() == 1
    prune_set_aside(timezone.now())
    files = {path.name: path.read_bytes() for path in home.iterdir()}
    assert files
    assert [name for name, held in files.items() if b"amara" in held] == []


@pytest.mark.sqlite
def test_looking_makes_no_file(db, home):
    assert (waiting_posts(), process_posts()) == (0, 0)
    assert list(home.iterdir()) == []
