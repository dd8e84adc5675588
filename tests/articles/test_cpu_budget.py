"""The seconds of processor time that a source may take: over them it is refused, and what was there before stays."""

import time
from contextlib import suppress

from pytest import fixture, mark, raises

from newsletter.articles.add_source import add_source
from newsletter.articles.cpu_budget import budget_looked_at_in_calls, cpu_budget, look_at_budget
from newsletter.articles.fetch_sources import fetch_sources
from newsletter.articles.models import Article, Source
from newsletter.errors import Refused
from tests.fakes.source import feed, item

PAGE = "<!doctype html><html><head><title>t</title></head><body><article>{}</article></body></html>"


@fixture
def scarce(configured):
    configured(fetch_cpu_seconds=0.02)


def burn(seconds):
    ends = time.thread_time() + seconds
    while time.thread_time() < ends:
        pass


@mark.django_db
@mark.parametrize(
    ("path", "body"),
    [
        ("/feed", feed([item(number) for number in range(2_000)])),
        ("/page.html", PAGE.format("<p>These are words of a page, and some more.</p>" * 1_500).encode()),
        ("/feed.json", b'{"items": [' + b'{"content_html": "<b>x</b><i>y</i>"},' * 5_000 + b"{}]}"),
    ],
)
def test_a_source_that_takes_too_long_is_refused_and_its_articles_stay(site, configured, path, body):
    headers = {"Content-Type": "text/html"} if path.endswith("html") else {}
    site.serve("/feed", feed([item(1), item(2)]))
    source = add_source(site.url("/feed"), name="charity")
    fetch_sources([source])
    configured(fetch_allow_hosts=("127.0.0.1",), fetch_cpu_seconds=0.02)
    Source.objects.update(location=site.url(path), kind="")
    site.serve(path, body, headers=headers)
    (report,) = fetch_sources([Source.objects.get()])
    assert "takes more than 0.02 seconds of processor time to read" in report.error
    assert "increase NEWSLETTER_FETCH_CPU_SECONDS" in report.error
    assert Article.objects.count() == 2
    assert Source.objects.get().failures == 1


@mark.django_db
def test_a_folder_that_takes_too_long_is_refused(tmp_path, scarce):
    for number in range(5):
        (tmp_path / f"{number}.md").write_text("*Some* words. " * 400)
    with raises(Refused, match="seconds of processor time"):
        add_source(str(tmp_path), from_this_machine=True)


def test_no_library_catches_what_ends_the_work(scarce):
    def stubborn():
        for _ in range(1_000_000):
            with suppress(Exception):  # as libraries do
                burn(0.0001)

    began = time.thread_time()
    with raises(Refused), cpu_budget("It"), budget_looked_at_in_calls():
        stubborn()
    assert time.thread_time() - began < 1


def test_a_budget_within_a_budget_adds_nothing(scarce):
    def within():
        with cpu_budget("The inner"):
            look_at_budget()

    with cpu_budget("The outer"):
        within()
    with raises(Refused, match="The outer takes"), cpu_budget("The outer"):
        burn(0.03) or within()


def test_work_without_a_budget_is_not_stopped(scarce):
    burn(0.03)
    look_at_budget()
