"""The clock fetches each source when its time comes, once, and leaves a failing one in peace."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from newsletter.articles.fetch_due_sources import LEASE, fetch_next_source
from newsletter.articles.models import Article, Source
from tests.fakes.source import feed, item

NOON = datetime(2026, 11, 9, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def at_noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def source(site, at_noon):
    site.serve("/feed", feed([item(1)]))
    return Source.objects.create(name="site", location=site.url("/feed"), kind=Source.Kind.FEED)


def fetched():
    """How many sources the clock fetches until nothing is left."""
    times = 0
    while fetch_next_source():
        times += 1
    return times


def test_a_source_is_fetched_when_its_last_fetch_is_an_hour_old(source, at_noon):
    assert fetched() == 1
    assert Article.objects.count() == 1
    at_noon.shift(timedelta(minutes=59, seconds=59))
    assert fetched() == 0
    at_noon.shift(1)
    assert fetched() == 1


def test_the_source_that_waits_longest_comes_first(source, site):
    site.serve("/other", feed([item(2)]))
    other = Source.objects.create(name="other", location=site.url("/other"), kind=Source.Kind.FEED)
    Source.objects.filter(pk=source.pk).update(fetched_at=NOON - timedelta(hours=2))
    Source.objects.filter(pk=other.pk).update(fetched_at=NOON - timedelta(hours=3))
    assert fetch_next_source()
    assert [path for path, _headers in site.requests] == ["/other"]
    assert fetched() == 1


def test_a_source_that_fails_waits_as_its_failures_ask(source, site, at_noon):
    site.fail("/feed", 500)
    assert fetched() == 1
    at_noon.shift(timedelta(minutes=14))
    assert fetched() == 0
    at_noon.shift(timedelta(minutes=1))
    assert fetched() == 1
    assert Source.objects.get().failures == 2


def test_a_removed_source_is_not_fetched(source):
    Source.objects.update(active=False)
    assert fetched() == 0


def test_a_source_that_another_clock_fetches_is_left_to_it_until_that_must_have_died(source, at_noon):
    Source.objects.update(next_attempt_at=NOON + LEASE)
    assert fetched() == 0
    at_noon.shift(LEASE)
    assert fetched() == 1
    assert Source.objects.get().next_attempt_at is None


def test_a_clock_that_was_set_back_a_day_keeps_no_source_waiting_for_a_day(source, at_noon):
    at_noon.shift(timedelta(days=1))
    assert fetched() == 1
    at_noon.shift(-timedelta(days=1))
    assert fetched() == 1


def test_a_fetch_that_died_before_the_clock_was_set_back_is_made_again(source, at_noon):
    Source.objects.update(next_attempt_at=NOON + timedelta(days=1) + LEASE)
    assert fetched() == 1
