"""Fetching many sources: each has its own outcome, and none stops another."""

import json
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta

import time_machine
from django.utils import timezone
from pytest import fixture, mark

from newsletter.articles import choose_format
from newsletter.articles.add_source import add_source
from newsletter.articles.fetch_sources import fetch_named, fetch_sources
from newsletter.articles.models import Article, Source
from newsletter.articles.store_articles import Counts
from tests import forked
from tests.fakes.source import feed, item, running
from tests.made_tables import make_home

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
BODY = feed([item(1), item(2)])
pytestmark = mark.django_db


@fixture
def source(site):
    site.serve("/feed", BODY)
    return add_source(site.url("/feed"), name="charity")


def test_articles_come_in(source):
    (report,) = fetch_sources([source])
    assert report.counts == Counts(added=2)
    assert not report.error
    assert Article.objects.filter(source=source).count() == 2
    assert Source.objects.get().fetched_at


def test_what_has_not_changed_is_neither_sent_nor_read_again(site, source):
    site.serve_with_validators("/feed", BODY)
    assert not fetch_sources([source])[0].unchanged
    (report,) = fetch_sources([Source.objects.get()])
    assert report.unchanged
    assert site.requests[-1][1]["if-none-match"] == '"v1"'
    assert site.requests[-1][1]["if-modified-since"]


def test_the_same_bytes_are_not_read_again_where_the_server_knows_no_etag(source):
    fetch_sources([source])
    assert fetch_sources([Source.objects.get()])[0].unchanged
    (forced,) = fetch_sources([Source.objects.get()], force=True)
    assert forced.counts == Counts(unchanged=2)


def test_a_failing_source_says_why_and_waits_longer_each_time(site, source):
    site.fail("/feed", 500)
    pauses = []
    with time_machine.travel(NOW, tick=False) as clock:
        for _ in range(3):
            (report,) = fetch_sources([Source.objects.get()])
            assert "500" in report.error
            pauses.append((report.next_attempt_at - timezone.now()).total_seconds())
            clock.move_to(report.next_attempt_at)
        assert pauses == [900, 1800, 3600]
        failing = Source.objects.get()
        assert failing.failing_since == NOW
        site.serve("/feed", BODY)
        assert fetch_sources([failing])[0].counts.added == 2
    healthy = Source.objects.get()
    assert (healthy.error, healthy.failures, healthy.failing_since, healthy.next_attempt_at) == (
        "",
        0,
        None,
        None,
    )


def test_a_waiting_source_is_left_alone_unless_forced(site, source):
    site.fail("/feed", 429, Retry_After="7200")
    with time_machine.travel(NOW, tick=False):
        (report,) = fetch_sources([source])
        assert report.next_attempt_at == NOW + timedelta(hours=2)
        asked = site.asked["/feed"]
        (waiting,) = fetch_sources([Source.objects.get()])
        assert waiting.waiting
        assert "429" in waiting.error
        assert site.asked["/feed"] == asked
        fetch_sources([Source.objects.get()], force=True)
        assert site.asked["/feed"] == asked + 1


def test_a_source_that_is_gone_is_said_to_be_gone(site, source):
    site.fail("/feed", 410)
    (report,) = fetch_sources([source])
    assert "no longer exists (410)" in report.error


def test_a_permanent_redirect_moves_the_source(site, source):
    site.serve("/new", BODY)
    site.redirect("/feed", "/new", status=301)
    fetch_sources([source])
    assert Source.objects.get().location == site.url("/new")


def test_one_failing_source_stops_no_other(site, source, configured):
    configured(fetch_timeout_seconds=0.4, fetch_allow_hosts=("127.0.0.1", "localhost"))
    site.hang("/hang")
    site.cut("/cut", BODY)
    site.serve(
        "/html",
        b"<!doctype html><html><body><h1>Sorry</h1></body></html>",
        headers={"Content-Type": "text/html"},
    )
    site.serve("/empty", b"")
    for path in ("hang", "cut", "html", "empty", "missing"):
        Source.objects.create(name=path, kind="feed", location=site.url(f"/{path}"))
    Source.objects.create(name="nowhere", kind="feed", location="http://10.0.0.1/feed")
    told = []
    reports = fetch_sources(Source.objects.all(), on_report=told.append)
    assert sorted(told, key=lambda report: report.source.name) == sorted(
        reports, key=lambda report: report.source.name
    )
    outcome = {report.source.name: bool(report.error) for report in reports}
    assert outcome == {
        "charity": False, "hang": True, "cut": True, "html": True, "empty": True, "missing": True, "nowhere": True,
    }  # fmt: skip
    assert Article.objects.count() == 2
    assert all(source.next_attempt_at for source in Source.objects.exclude(name="charity"))


def test_a_fault_of_ours_is_a_sentence_on_that_source_alone(site, source, monkeypatch, caplog):
    site.serve("/other", feed([item(7)]))
    Source.objects.create(name="other", kind="feed", location=site.url("/other"))

    def failing(opened, **options):
        if opened.text.url.endswith("/feed"):
            raise KeyError("a fault that nobody foresaw")
        return reading_as_ever(opened, **options)

    reading_as_ever = choose_format.OpenedDocument.read
    monkeypatch.setattr(choose_format.OpenedDocument, "read", failing)
    reports = {report.source.name: report for report in fetch_sources(Source.objects.all())}
    assert "Report the fault to the developers" in reports["charity"].error
    assert reports["other"].counts.added == 1
    assert "Traceback" not in caplog.text


def test_sources_at_different_hosts_are_fetched_at_the_same_time(site, configured, web_ipv6):
    """Each of two servers answers only once both have been asked."""
    configured(fetch_allow_hosts=("127.0.0.1", "::1"), fetch_timeout_seconds=5.0)
    both = threading.Barrier(2, timeout=4)
    for answers, url in ((site, site.url("/feed")), (web_ipv6.answers, web_ipv6.url("/feed"))):
        answers.serve("/feed", BODY)
        answers.before_answering = both.wait
        Source.objects.create(name=f"at-{len(url)}", kind="feed", location=url)
    assert [report.error for report in fetch_sources(Source.objects.all())] == ["", ""]


def test_a_host_is_asked_for_one_thing_at_a_time(site):
    site.serve("/a", BODY)
    site.serve("/b", BODY)
    for name in ("a", "b"):
        Source.objects.create(name=name, kind="feed", location=site.url(f"/{name}"))
    at_once = []
    site.before_answering = lambda: at_once.append(site.under_way)
    fetch_sources(Source.objects.all())
    assert at_once == [1, 1]


def test_what_is_named_and_new_becomes_a_source_once_it_could_be_read(site, tmp_path):
    site.serve("/feed", BODY)
    good, broken = tmp_path / "good.xml", tmp_path / "broken.xml"
    good.write_bytes(feed([item(5)], title="A file"))
    broken.write_bytes(b"\x00\x01 nothing")
    names = [
        site.url("/feed"),
        str(good),
        str(broken),
        str(tmp_path / "absent.xml"),
        "unknown",
        site.url("/absent"),
    ]
    reports = fetch_named(names)
    failed = {report.source.location for report in reports if report.error}
    assert failed == set(names[2:])
    assert sorted(Source.objects.values_list("title", flat=True)) == ["A file", "Charity news"]
    again = fetch_named(names[:2])
    assert [report.counts for report in again] == [Counts(unchanged=2), Counts(unchanged=1)]
    assert Source.objects.count() == 2


def test_nothing_is_left_of_a_source_whose_articles_could_not_be_stored(site, monkeypatch):
    site.serve("/feed", BODY)
    monkeypatch.setattr("newsletter.articles.fetch_sources.store", lambda *_args, **_options: 1 / 0)
    (report,) = fetch_named([site.url("/feed")])
    assert "Report the fault to the developers" in report.error
    assert not Source.objects.exists()


@mark.sqlite  # once is enough: the processes have a database in SQLite
def test_two_fetches_at_the_same_time_do_not_double_an_article(tmp_path):
    """Two sources with the same pieces, each fetched by two processes, all answered at the same moment."""
    with running() as server:
        pieces = [item(number) for number in range(1, 28)]
        server.answers.serve("/a", feed(pieces, title="a"))
        server.answers.serve("/b", feed(list(reversed(pieces)), title="b"))
        press = {
            **os.environ,
            "DATABASE_URL": "",
            "NEWSLETTER_HOME": str(tmp_path),
            "NEWSLETTER_FETCH_ALLOW_HOSTS": "127.0.0.1",
        }
        command = [sys.executable, "-m", "newsletter"]
        make_home(tmp_path)
        server.answers.before_answering = threading.Barrier(4, timeout=60).wait
        running_commands = [
            forked.Popen(
                [*command, "articles", "fetch", "--json", server.url(path)],
                env=press,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            for path in ("/a", "/b", "/a", "/b")
        ]
        answers = [it.communicate(timeout=90) for it in running_commands]
    reports = [report for out, _err in answers for report in json.loads(out)]
    assert [(report["error"], err) for report, (_out, err) in zip(reports, answers, strict=True)] == [
        ("", b"")
    ] * 4
    assert sum(report["added"] for report in reports) == 27
    with closing(sqlite3.connect(tmp_path / "newsletter.sqlite3")) as database:
        assert database.execute("SELECT count(*) FROM newsletter_article").fetchone() == (27,)
