"""An issue that is ready to go, the people on its list, and a way out that a test can script."""

import time

import pytest
from django.utils import timezone

from newsletter.articles.models import Article, Source
from newsletter.environment import Environment
from newsletter.issues.models import Issue, Item, Publication
from newsletter.sending import transports
from newsletter.sending.models import Recipient
from newsletter.sending.recipient_counts import count_recipients
from subscribers.models import List, Subscriber, Subscription
from tests.sending.planned_mailing import planned_mailing
from tests.sending.scripted_transport import ScriptedTransport


@pytest.fixture
def publication(db, home):
    return Publication.objects.create(
        slug="harbour",
        name="The Harbour Letter",
        organisation="Harbour",
        website="https://harbour.example.org",
        mailing_list=List.objects.create(slug="readers", name="Readers"),
        sender_name="Harbour",
        sender_address="news@harbour.example.org",
        reply_to="hello@harbour.example.org",
        postal_address="1 Quay Street, Newtown",
    )


@pytest.fixture
def issue(publication):
    now = timezone.now()
    source = Source.objects.create(name="site", location="https://harbour.example.org/feed")
    article = Article.objects.create(
        source=source, url="https://harbour.example.org/a", title="Tides explained", found_at=now
    )
    issue = Issue.objects.create(publication=publication, number=1, subject="Tides", composed_at=now)
    Item.objects.create(issue=issue, article=article, lead=True)
    return issue


@pytest.fixture
def join(publication):
    """Put people on the list: `join("ana", "ben")` gives their subscriptions."""

    def join_them(*names, **fields):
        return [
            Subscription.objects.create(
                subscriber=Subscriber.objects.create(
                    address=f"{name}@example.org", address_key=f"{name}@example.org", first_name=name.title()
                ),
                list=publication.mailing_list,
                **{"state": Subscription.State.ACTIVE, **fields},
            )
            for name in names
        ]

    return join_them


@pytest.fixture
def crowd(publication):
    """So many people at once: `crowd(1000)`."""

    def join_them(count):
        people = Subscriber.objects.bulk_create(
            Subscriber(address=f"reader{n}@example.org", address_key=f"reader{n}@example.org")
            for n in range(count)
        )
        Subscription.objects.bulk_create(
            Subscription(subscriber=person, list=publication.mailing_list, state=Subscription.State.ACTIVE)
            for person in people
        )

    return join_them


@pytest.fixture
def way_out(monkeypatch):
    """The scripted transport in the place of the Maildir, for everybody who asks for it by name."""
    transport = ScriptedTransport()
    monkeypatch.setitem(transports.TRANSPORTS, "maildir", lambda _environment: transport)
    transports._set_up.cache_clear()
    yield transport
    transports._set_up.cache_clear()


@pytest.fixture
def mailing(issue, join, way_out):
    """A mailing to ten people, in batches of four, four and two. Promise 2 holds however its test ends."""
    join("ana", "ben", "cem", "dora", "eve", "finn", "gwen", "hugo", "ida", "jo")
    mailing = planned_mailing(issue, planned_by="edda")
    yield mailing
    mailing.refresh_from_db()
    assert count_recipients(mailing).add_up


@pytest.fixture
def states(issue):
    """What became of everybody, by first name."""

    def by_name():
        rows = Recipient.objects.filter(issue=issue).values_list("subscriber__first_name", "state")
        return {name.lower(): state for name, state in rows if name}

    return by_name


class SteadyClock:
    """The clock that nobody sets, in the hands of a test: `suspend(60)` is a machine that slept for a minute."""

    def __init__(self):
        self.slept = 0.0
        self._read = time.clock_gettime

    def suspend(self, seconds):
        self.slept += seconds

    def read(self, which):
        return self._read(which) + (self.slept if which == time.CLOCK_BOOTTIME else 0.0)


@pytest.fixture
def steady(monkeypatch):
    clock = SteadyClock()
    monkeypatch.setattr(time, "clock_gettime", clock.read)
    return clock


@pytest.fixture
def opened():
    """Open a transport with these settings, such as `opened(Smtp, smtp_port=25)`. It is closed after the test."""
    made = []

    def open_one(transport, **fields):
        made.append(transport(Environment(_env_file=None, **fields)))
        return made[-1]

    yield open_one
    for each in made:
        each.close()
