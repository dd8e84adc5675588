"""The figures of mailings against a model that only collects names: random streams with departures and erasures."""

import random
from collections import defaultdict
from datetime import timedelta

import orjson
import pytest
import time_machine
from django.utils import timezone

from newsletter.issues.models import Issue, Item
from newsletter.sending.batches import send_next_batch
from newsletter.sending.models import Recipient
from newsletter.tracking import webhook_inbox
from newsletter.tracking.process_events import process_posts
from newsletter.tracking.statistics import statistics_of
from subscribers import consent, erasure
from subscribers.consent_log import ConsentSource
from subscribers.models import SourceKind, Subscription
from tests.full import rounds
from tests.sending.planned_mailing import planned_mailing
from tests.tracking.conftest import PEOPLE
from tests.tracking.sendgrid_events import Teller

FIELDS = {
    "delivered": {"event": "delivered"},
    "deferred": {"event": "deferred"},
    "bounced": {"event": "bounce", "type": "bounce"},
    "blocked": {"event": "bounce", "type": "blocked"},
    "opened": {"event": "open"},
    "machine": {"event": "open", "sg_machine_open": True},
    "clicked": {"event": "click", "url": "https://harbour.example.org/a"},
    "unsubscribed": {"event": "group_unsubscribe"},
    "complained": {"event": "spamreport"},
}
SEEDS = rounds(20)


class Model:
    """Who did what, by mailing; and who got which mailings, in order."""

    def __init__(self):
        self.did = defaultdict(lambda: defaultdict(set))
        self.got = defaultdict(list)

    def leave(self, name):
        """A departure by a link counts for the last mailing that the person got."""
        if self.got[name]:
            self.did[self.got[name][-1]]["unsubscribed"].add(name)

    def counts(self, mailing):
        did = self.did[mailing]
        named = {kind: len(did[kind]) for kind in FIELDS if kind != "machine"}
        return {**named, "opened_by_machine_only": len(did["machine"] - did["opened"])}


class Stream:
    """Random acts on both: the product's own functions, and the model."""

    def __init__(self, issue, seed):
        self.issue, self.chance, self.model = issue, random.Random(seed), Model()
        self.mailings, self.tellers, self.kept = [], {}, []

    def mail(self):
        number = len(self.mailings) + 1
        issue = self.issue
        if self.mailings:
            issue = Issue.objects.create(
                publication=self.issue.publication,
                number=number,
                subject=f"No. {number}",
                composed_at=timezone.now(),
            )
            Item.objects.create(issue=issue, article=self.issue.items.get().article, lead=True)
        mailing = planned_mailing(issue)
        if self.mailings and self.chance.random() < 0.5:
            self.leave(before=mailing)
        while send_next_batch():
            pass
        self.mailings.append(mailing)
        self.tellers[mailing.pk] = Teller(mailing, 0)
        rows = Recipient.objects.filter(issue=issue, state="accepted")
        for name in rows.values_list("subscriber__first_name", flat=True):
            self.model.got[name.lower()].append(mailing.pk)

    def tell(self):
        mailing = self.chance.choice(self.mailings)
        reached = [name for name in PEOPLE if mailing.pk in self.model.got[name]]
        name, kind = self.chance.choice(reached), self.chance.choice(list(FIELDS))
        teller = self.tellers[mailing.pk]
        teller.start = int(timezone.now().timestamp())
        event = teller(name, **FIELDS[kind], sg_event_id=f"event-{len(self.kept)}")
        self.kept.append(event)
        # Some come twice, and some old ones come again.
        again = [event] * self.chance.choice((1, 1, 2)) + self.chance.sample(
            self.kept, min(2, len(self.kept))
        )
        webhook_inbox.keep(orjson.dumps(again))
        while process_posts():
            pass
        self.model.did[mailing.pk][kind].add(name)

    def active(self):
        rows = Subscription.objects.filter(state=Subscription.State.ACTIVE)
        return list(rows.select_related("subscriber").order_by("pk"))

    def leave(self, before=None):
        left = self.chance.choice(self.active()[1:] or [None])
        if left is None:
            return
        consent.unsubscribe(left, ConsentSource(SourceKind.EMAIL_LINK))
        self.model.leave(left.subscriber.first_name.lower())

    def erase(self):
        rows = list(Subscription.objects.select_related("subscriber").order_by("pk"))
        gone = self.chance.choice(rows[1:] or [None])
        if gone is None:
            return
        by_link = self.chance.random() < 0.5
        name = gone.subscriber.first_name.lower()
        erasure.erase(gone.subscriber, ConsentSource(SourceKind.EMAIL_LINK if by_link else SourceKind.EDITOR))
        if by_link:
            self.model.leave(name)

    def agrees(self):
        for mailing in self.mailings:
            found = statistics_of(mailing).counts.to_dict()
            expected = self.model.counts(mailing.pk)
            assert {name: found[name] for name in expected} == expected, mailing


@pytest.mark.parametrize("seed", SEEDS)
def test_figures_are_those_of_the_model_and_no_erasure_changes_them(issue, join, way_out, home, seed):
    join(*PEOPLE)
    stream = Stream(issue, seed)
    times = 1 if seed == 1 else 4
    steps = ["tell"] * 5 * times + ["leave", "erase"] * times + ["mail"] * (times // 2 or 1)
    stream.chance.shuffle(steps)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for step in ["mail", *steps]:
            clock.shift(timedelta(minutes=stream.chance.randrange(1, 90)))
            if step != "mail" or stream.active():
                getattr(stream, step)()
            if step == "erase":
                stream.agrees()
        stream.agrees()
