"""What came of a mailing, in people, whatever the order and the repeats."""

import random
from datetime import timedelta
from itertools import combinations, count, pairwise

import orjson
import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from newsletter.sending.models import Mailing, Recipient
from newsletter.tracking.models import BatchArrival, Event, MailingMonitor, RawWebhookPost
from newsletter.tracking.process_events import process_posts
from newsletter.tracking.statistics import By, Counts, LinkCounts, breakdown, statistics_of
from subscribers import consent
from subscribers.consent_log import ConsentSource
from subscribers.models import SourceKind, Subscriber, Subscription
from tests.full import examples
from tests.sending.planned_mailing import planned_mailing
from tests.tracking.conftest import PEOPLE
from tests.tracking.sendgrid_events import Teller

EMAIL = ConsentSource(SourceKind.EMAIL_LINK)


def counts(mailing, *names):
    found = statistics_of(mailing).counts
    return tuple(getattr(found, name) for name in names)


def test_before_anything_came_back_there_is_what_the_ledger_knows(sent):
    assert statistics_of(sent).counts == Counts(accepted=10)
    assert [breakdown(sent, by) for by in (By.LINK, By.HOUR)] == [[], []]


def test_people_are_counted_once_for_each_thing(sent, tell, fold):
    for name in PEOPLE:
        fold([tell(name, "processed"), tell(name, "delivered")])
    fold(tell("ana", "open"), tell("ana", "open", after=60), tell("ben", "open"))
    fold(tell.click("ana", "a", after=70), tell.click("ana", "b", after=900), tell("cem", "deferred"))
    assert statistics_of(sent).counts == Counts(accepted=10, delivered=10, deferred=1, opened=2, clicked=1)


def test_bounces_have_their_classes(sent, tell, fold):
    fold(
        tell("ana", "bounce", type="bounce", bounce_classification="Invalid Address"),
        tell("ben", "bounce", type="bounce", bounce_classification="Invalid Address"),
        tell("cem", "bounce", type="bounce"),
        tell("dora", "bounce", type="blocked", bounce_classification="Reputation"),
        tell("eve", "dropped", reason="Spam Content"),
    )
    assert counts(sent, "accepted", "bounced", "blocked", "dropped") == (9, 3, 1, 1)
    assert statistics_of(sent).classes == {
        "bounced": {"Invalid Address": 2, "unclassified": 1},
        "blocked": {"Reputation": 1},
        "dropped": {"Spam Content": 1},
    }


def test_opens_by_machines_are_kept_apart(sent, tell, fold):
    fold(
        tell("ana", "open", sg_machine_open=True),
        tell("ben", "open", sg_machine_open=True),
        tell("ben", "open", after=3600, sg_machine_open=False),
    )
    assert counts(sent, "opened", "opened_by_machine_only") == (1, 1)


@pytest.mark.parametrize(
    ("clicks", "person", "scanner"),
    [
        ([("a", 300)], 1, 0),
        ([("a", 300), ("b", 301)], 1, 0),
        ([("a", 300), ("b", 301), ("c", 303)], 0, 1),
        ([("a", 300), ("b", 310), ("c", 320)], 1, 0),
        ([("a", 2), ("b", 3)], 0, 1),
        ([("a", -5), ("b", -4)], 0, 1),
        ([("a", 2), ("a", 3), ("a", 4)], 1, 0),
        ([("a", 2), ("b", 3), ("c", 4), ("a", 5000)], 1, 0),
    ],
    ids=[
        "one link",
        "two links in two tabs",
        "three links at once",
        "three links one after the other",
        "two links as it is delivered",
        "two links just before it is delivered",
        "one link again and again",
        "a scanner and then the person",
    ],
)
def test_bursts_of_clicks_are_kept_apart(sent, tell, fold, clicks, person, scanner):
    fold(tell("ana", "delivered"))
    fold([tell.click("ana", link, after=after) for link, after in clicks])
    assert counts(sent, "clicked", "clicked_by_scanner_only") == (person, scanner)


def test_links_say_who_clicked_and_how_often(sent, tell, fold):
    fold(
        tell.click("ana", "a", after=300),
        tell.click("ana", "a", after=400),
        tell.click("ben", "a", after=500),
    )
    fold([tell.click("cem", link, after=600) for link in "abc"])
    assert breakdown(sent, By.LINK) == [
        ("https://harbour.example.org/a", LinkCounts(2, 1, 3, 1)),
        ("https://harbour.example.org/b", LinkCounts(0, 1, 0, 1)),
        ("https://harbour.example.org/c", LinkCounts(0, 1, 0, 1)),
    ]


def test_domains_show_where_letters_are_turned_away(sent, tell, fold):
    for name in ("ana", "ben"):
        Subscriber.objects.filter(first_name=name.title()).update(address_key=f"{name}@big.example")
    fold(tell("ana", "delivered"), tell("ben", "bounce", type="blocked"), tell("cem", "delivered"))
    assert breakdown(sent, By.DOMAIN) == [
        ("example.org", Counts(accepted=8, delivered=1)),
        ("big.example", Counts(accepted=2, delivered=1, blocked=1)),
    ]


def test_who_was_erased_still_counts_without_a_domain(sent, tell, fold):
    fold(tell("ana", "delivered"))
    Subscriber.objects.get(first_name="Ana").delete()
    assert ("", Counts(accepted=1, delivered=1)) in breakdown(sent, By.DOMAIN)
    assert counts(sent, "delivered") == (1,)


def test_hours_are_those_in_which_it_happened(sent, tell, fold):
    tell.start = 1_790_000_000 // 3600 * 3600
    fold(tell("ana", "processed"), tell("ana", "delivered", after=3599), tell("ana", "open", after=3600))
    fold(tell.click("ana", "a", after=7200))
    assert breakdown(sent, "hour") == [
        ("2026-09-21 14:00", Counts(accepted=1, delivered=1)),
        ("2026-09-21 15:00", Counts(opened=1)),
        ("2026-09-21 16:00", Counts(clicked=1)),
    ]


def test_who_left_by_the_link_of_the_letter_is_counted_with_those_who_did_at_sendgrid(sent, tell, fold, cli):
    ana = Subscription.objects.get(subscriber__first_name="Ana")
    consent.unsubscribe(ana, EMAIL)
    fold(tell("ben", "unsubscribe"), tell("ana", "group_unsubscribe"))
    consent.unsubscribe(
        Subscription.objects.get(subscriber__first_name="Cem"), ConsentSource(SourceKind.EDITOR, "edda")
    )
    assert counts(sent, "unsubscribed") == (2,)


def test_a_departure_long_after_the_letter_is_not_its_doing(sent):
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        consent.unsubscribe(Subscription.objects.get(subscriber__first_name="Ana"), EMAIL)
    assert counts(sent, "unsubscribed") == (0,)


def know_the_tables():
    """Count anew how full the tables are, as PostgreSQL does by itself where no test keeps a transaction open."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def figures_after(mailing, posts):
    """All figures once these posts were folded; afterwards everything is as before."""
    with transaction.atomic():
        for post in posts:
            RawWebhookPost.objects.create(body=orjson.dumps(post))
        for turn in count():
            if not process_posts():
                break
            if turn == 5:
                know_the_tables()
        found = (
            statistics_of(mailing),
            *(breakdown(mailing, by) for by in By),
            sorted(Recipient.objects.filter(issue=mailing.issue).values_list("pk", "state", "reason")),
            sorted(Subscription.objects.values_list("pk", "state")),
        )
        transaction.set_rollback(True)
    return found


def in_posts(events, cuts):
    places = sorted({0, *(cut % (len(events) + 1) for cut in cuts), len(events)})
    return [events[start:end] for start, end in pairwise(places)]


KINDS = [
    {"event": "processed"},
    {"event": "delivered"},
    {"event": "deferred"},
    {"event": "bounce", "type": "bounce", "bounce_classification": "Invalid Address"},
    {"event": "bounce", "type": "bounce", "bounce_classification": "Mailbox Unavailable"},
    {"event": "bounce", "type": "blocked"},
    {"event": "dropped", "reason": "Spam Content"},
    {"event": "dropped", "reason": "Bounced Address"},
    {"event": "open", "sg_machine_open": True},
    {"event": "open"},
    {"event": "unsubscribe"},
    {"event": "spamreport"},
    *({"event": "click", "url": f"https://example.org/{n}"} for n in range(4)),
]
DELIVERY = st.sampled_from(KINDS)


class AnyOrder(TestCase):
    """The figures are those of the events, not of their coming."""

    @pytest.fixture(autouse=True)
    def _mailing(self, sent):
        self.mailing = sent

    @settings(max_examples=examples(25))
    @given(
        st.lists(st.tuples(st.sampled_from(PEOPLE[:4]), DELIVERY, st.integers(-3, 20)), max_size=25),
        st.randoms(use_true_random=False),
        st.lists(st.integers(0, 60), max_size=4),
    )
    def test_figures_do_not_depend_on_order_or_repeats(self, told, chance, cuts):
        tell = Teller(self.mailing, 1_790_000_000)
        events = [tell(name, after=after, **fields) for name, fields, after in told]
        shuffled = events + chance.sample(events, len(events) // 2)
        chance.shuffle(shuffled)
        shuffled = [
            {**event, "sg_event_id": f"again-{n}"} if chance.random() < 0.2 else event
            for n, event in enumerate(shuffled)
        ]
        assert figures_after(self.mailing, [events]) == figures_after(self.mailing, in_posts(shuffled, cuts))


@pytest.mark.sqlite
def test_no_two_reports_about_a_person_say_another_thing_the_other_way_round(sent):
    tell = Teller(sent, 1_790_000_000)
    for one, other in combinations(KINDS, 2):
        first, second = tell("ana", **one), tell("ana", **other)
        found = [figures_after(sent, posts) for posts in ([[first, second]], [[second], [first]])]
        assert found[0] == found[1], (one, other)


@pytest.mark.parametrize("people", [2_000, pytest.param(12_000, marks=pytest.mark.full)])
def test_many_shuffled_and_repeated_events_give_the_same_figures(issue, crowd, way_out, people):
    crowd(people)
    mailing = planned_mailing(issue)
    Recipient.objects.filter(issue=issue).update(state=Recipient.State.ACCEPTED)
    mailing.batches.update(state="answered", attempts=1)
    events = list(many_events(mailing, people, random.Random(5)))
    # 100,000 events of 12,000 people.
    shuffled = events + events[: 8 * people + people // 3 - len(events)]
    random.Random(6).shuffle(shuffled)
    one, other = (
        figures_after(mailing, [given[at : at + 1_000] for at in range(0, len(given), 1_000)])
        for given in (events, shuffled)
    )
    assert one == other
    assert one[0].counts.delivered > people * 11 // 12
    assert one[0].counts.clicked_by_scanner_only > people // 120
    assert not Event.objects.exists()
    assert not BatchArrival.objects.exists()
    assert not MailingMonitor.objects.exists()
    assert Mailing.objects.get().state == Mailing.State.SENDING


def many_events(mailing, people, chance):
    """Five or six of each person, as a mailing brings them, with scanners and a few bounces among them."""
    tell = Teller(mailing, 1_790_000_000)
    for n in range(people):
        name, after = f"reader{n}", n // 50
        yield tell(name, "processed", after=after)
        if n % 1_000 == 7:
            yield tell(name, "bounce", after=after, bounce_classification="Invalid Address")
            continue
        yield tell(name, "delivered", after=after + 1)
        yield tell(name, "open", after=after + 2, sg_machine_open=chance.random() < 0.4)
        yield tell(name, "open", after=after + chance.randrange(40_000))
        for link in range(5 if n % 50 == 0 else 1):
            yield tell.click(
                name, str(link), after=after + (3 if n % 50 == 0 else chance.randrange(60, 40_000))
            )
