"""A publication that is read from a source on loopback, and a hand that winds the clock."""

from datetime import UTC, datetime

import pytest
import time_machine

from newsletter.articles.models import Source
from newsletter.issues.models import Issue, Publication
from newsletter.scheduling.add_or_change_series import SeriesChange, add_series
from newsletter.scheduling.draft_occurrences import draft_next_occurrence
from subscribers.models import List
from tests.fakes.source import feed, item, running


@pytest.fixture
def clock():
    """The clock, set to Monday 30 November 2026, 09:00 in London: `clock.move_to("2026-12-01T07:30")`, in UTC."""
    with time_machine.travel(datetime(2026, 11, 30, 9, tzinfo=UTC), tick=False) as traveller:
        yield Clock(traveller)


class Clock:
    """A clock in UTC that a test sets."""

    def __init__(self, traveller):
        self.traveller = traveller

    def move_to(self, text):
        self.traveller.move_to(datetime.fromisoformat(text).replace(tzinfo=UTC))

    def rings_at(self, text):
        """Set the clock, and draft until nothing is left; gives how often there was work."""
        self.move_to(text)
        times = 0
        while draft_next_occurrence():
            times += 1
        return times


@pytest.fixture
def site(settings):
    """What the publication's source answers; nothing new until a test publishes."""
    with running() as server:
        settings.NEWSLETTER = settings.NEWSLETTER.model_copy(
            update={"fetch_allow_hosts": (f"127.0.0.1:{server.port}",)}
        )
        server.answers.url = server.url
        server.answers.serve("/feed", feed([]))
        yield server.answers


@pytest.fixture
def publish(site):
    """Publish pieces by number: `publish(1, 2)`; the feed has these and no others."""

    def to_feed(*numbers):
        site.serve("/feed", feed([item(number) for number in numbers]))

    return to_feed


@pytest.fixture
def weekly(db, site, clock):
    mailing_list = List.objects.create(slug="weekly", name="Weekly")
    Source.objects.create(name="site", location=site.url("/feed"), kind=Source.Kind.FEED)
    return Publication.objects.create(
        slug="weekly",
        name="Weekly",
        organisation="Harbour",
        website="https://example.org/",
        sender_name="Harbour",
        sender_address="letter@example.org",
        postal_address="1 Quay",
        mailing_list=mailing_list,
        selection={"since": 3_000},
    )


@pytest.fixture
def tuesdays(weekly):
    """Make the series: every Tuesday at 07:30, in a mode."""

    def make(mode="draft", recurrence="every Tuesday at 07:30", **wishes):
        return add_series(weekly, recurrence, SeriesChange(mode=mode, **wishes))

    return make


@pytest.fixture
def issues():
    """The issues there are, as number and state."""

    def states():
        return [(issue.number, issue.state) for issue in Issue.objects.order_by("number")]

    return states


@pytest.fixture
def became():
    """What became of the dates of a series, in order: day and state."""

    def states(series):
        rows = series.occurrences.order_by("local_time")
        return [(row.local_time[5:10], row.state) for row in rows]

    return states
