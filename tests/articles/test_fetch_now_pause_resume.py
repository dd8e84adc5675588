"""Editors fetch a source now, pause it and resume it."""

from datetime import UTC, datetime

import pytest
import time_machine

from newsletter.accounts.actor import Actor, acting_as
from newsletter.articles.fetch_due_sources import fetch_next_source
from newsletter.articles.fetch_now_pause_resume import ask_to_fetch, pause_source, resume_source
from newsletter.articles.fetch_sources import fetch_named
from newsletter.articles.models import Article, Source
from newsletter.errors import Refused
from tests.fakes.source import feed, item

NOON = datetime(2026, 11, 9, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def source(site):
    with time_machine.travel(NOON, tick=False):
        site.serve("/feed", feed([item(1)]))
        source = Source.objects.create(name="site", location=site.url("/feed"), kind=Source.Kind.FEED)
        assert fetch_next_source()
        yield source


def test_a_source_that_somebody_asks_for_is_fetched_next_and_once(source, site):
    assert not fetch_next_source()
    site.serve("/feed", feed([item(2), item(1)]))
    ask_to_fetch(source)
    assert fetch_next_source()
    assert not fetch_next_source()
    source.refresh_from_db()
    assert (source.fetch_asked_at, Article.objects.count()) == (None, 2)


def test_a_failing_source_is_tried_at_once_and_says_that_it_failed(source, site):
    site.fail("/feed", 500)
    ask_to_fetch(source)
    assert fetch_next_source()
    source.refresh_from_db()
    assert (source.fetch_asked_at, source.failures) == (None, 1)
    ask_to_fetch(source)
    assert fetch_next_source()
    source.refresh_from_db()
    assert source.failures == 2


def test_a_paused_source_is_only_fetched_when_somebody_asks(source):
    pause_source(source)
    Source.objects.update(fetched_at=None)
    assert not fetch_next_source()
    assert fetch_named([]) == []
    ask_to_fetch(source)
    assert fetch_next_source()
    Source.objects.update(fetched_at=None)
    resume_source(source)
    assert fetch_next_source()


def test_pausing_twice_is_refused_and_so_is_a_visitor(source):
    pause_source(source)
    with pytest.raises(Refused, match="already paused"):
        pause_source(source)
    with acting_as(Actor("sam")):
        for act in (ask_to_fetch, pause_source, resume_source):
            with pytest.raises(Refused, match="editor role"):
                act(source)
