"""The ledger in any order of answers, crashes, clocks and decisions: the promises hold after every step.

The world outside is a transport that counts whom it took. What is assumed is only that evidence is true.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from newsletter.errors import NewsletterError
from newsletter.issues.models import Issue
from newsletter.rendering.email_set import EmailSet, EmailVariant
from newsletter.rendering.render_email import render_email
from newsletter.sending.audience import AudienceRule
from newsletter.sending.batches import send_next_batch
from newsletter.sending.mailing_controls import pause_mailing, resume_mailing, stop_mailing
from newsletter.sending.models import Batch, Mailing, Recipient
from newsletter.sending.outcomes import Accepted, NotSent, RecipientsOutcome, Rejected, Unknown
from newsletter.sending.plan import write_mailing
from newsletter.sending.recipient_counts import count_recipients
from newsletter.sending.reconcile_unknown_recipients import reconcile_mailings, settle_batch
from newsletter.sending.recover_abandoned_batches import recover_abandoned_batches
from newsletter.sending.retry_mailing import retry_mailing
from subscribers import consent
from subscribers.consent_log import ConsentSource
from subscribers.models import SourceKind, Subscriber, Subscription
from tests.full import examples
from tests.sending.scripted_transport import Crash, Took, recipients_of, take_all

EDITOR = ConsentSource(SourceKind.EDITOR, "edda")
State = Recipient.State
GERMANS = ("Ben", "Dora", "Eve", "Hugo", "Jo")
LEASE = timedelta(seconds=61)

# What can happen to a few recipients of a post: in the world, and as the answer that comes back (or does not).
HAPPENINGS = {
    "accepted": lambda them: [RecipientsOutcome(them, Accepted("id"))],
    "rejected": lambda them: [RecipientsOutcome(them, Rejected("no"))],
    "not sent": lambda them: [RecipientsOutcome(them, NotSent("later"))],
    "mailbox full": lambda them: [RecipientsOutcome(them, NotSent("later", everybody=False))],
    "key refused": lambda them: [RecipientsOutcome(them, NotSent("key", pause=True))],
    "unclear, and taken": lambda them: [Took(them), RecipientsOutcome(them, Unknown("cut"))],
    "unclear, and not taken": lambda them: [RecipientsOutcome(them, Unknown("cut"))],
    "no word, and taken": lambda them: [Took(them)],
    "no word, and not taken": lambda _: [],
    "crash, and taken": lambda them: [Took(them), Crash()],
    "crash, and not taken": lambda _: [Crash()],
    "crash after the answer": lambda them: [RecipientsOutcome(them, Accepted("id")), Crash()],
    "fault": lambda _: [RuntimeError("a fault")],
}
MEANWHILE = ("another sends", "late", "pause", "stop", "unsubscribe")
happenings = st.lists(
    st.tuples(st.integers(1, 4), st.sampled_from([*HAPPENINGS, *MEANWHILE])), min_size=2, max_size=6
)


class Ledger(RuleBasedStateMachine):
    """One mailing to ten people, in two languages."""

    way_out = None

    def __init__(self):
        super().__init__()
        self.rooms = [transaction.atomic(), time_machine.travel(timezone.now(), tick=False)]
        self.rooms[0].__enter__()
        self.clock = self.rooms[1].__enter__()
        self.mailing = Mailing.objects.get()
        self.people = list(Subscription.objects.order_by("pk"))
        self.said_no, self.mailed_against_their_will = set(), set()
        self.way_out.taken.clear()
        self.way_out.fits = 1_000

    def teardown(self):
        try:
            self.everything_comes_to_an_end()
        finally:
            transaction.set_rollback(True)
            for room in reversed(self.rooms):
                room.__exit__(None, None, None)

    @rule(first=happenings, second=happenings, fits=st.integers(1, 4), patient=st.booleans())
    def send(self, first, second, fits, patient):
        for happens in (first, second):
            if patient:
                self.clock.shift(timedelta(minutes=15))
                self.try_to(lambda: resume_mailing(self.mailing.pk, resumed_by="edda"))
            self.send_one(happens, fits)

    @rule(happens=happenings, fits=st.integers(1, 4))
    def send_with_patience(self, happens, fits):
        self.send(happens, happens[::-1], fits, patient=True)

    @rule()
    def send_and_die_before_the_end(self):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("newsletter.sending.batches.close_mailing_if_done", self.die)
            self.send_one([], fits=4)

    def die(self, _mailing):
        raise Crash

    def send_one(self, happens, fits):
        self.way_out.fits = fits
        steps = iter(happens)

        def plan(post):
            everybody = recipients_of(post)
            self.mailed_against_their_will |= self.said_no & self.subscribers_of(everybody)
            while everybody:
                count, what = next(steps, (4, "accepted"))
                if what in MEANWHILE:
                    self.meanwhile(what)
                    continue
                them, everybody = everybody[:count], everybody[count:]
                yield from HAPPENINGS[what](them)

        self.way_out.plan = plan
        self.run_sender()

    def run_sender(self):
        with suppress(Crash):
            send_next_batch()

    def subscribers_of(self, recipients):
        return set(Recipient.objects.filter(pk__in=recipients).values_list("subscriber_id", flat=True))

    def meanwhile(self, what):
        if what == "another sends":
            outer, self.way_out.plan = self.way_out.plan, take_all
            self.run_sender()
            self.way_out.plan = outer
        elif what == "late":
            self.clock.shift(LEASE)
            recover_abandoned_batches()
        elif what == "pause":
            pause_mailing(self.mailing.pk, "why", paused_by="edda")
        elif what == "stop":
            self.try_to(lambda: stop_mailing(self.mailing.pk, stopped_by="edda"))
        elif what == "unsubscribe":
            self.somebody_says_no(place=0, how="leave")

    def try_to(self, act):
        with suppress(NewsletterError):
            act()

    @rule(minutes=st.integers(0, 30))
    def time_passes_and_a_process_starts(self, minutes):
        self.clock.shift(timedelta(minutes=minutes))
        recover_abandoned_batches()

    @rule()
    def evidence_comes(self):
        recover_abandoned_batches()
        reconcile_mailings(self.mailing.pk)

    @rule()
    def an_editor_knows(self):
        for batch in Batch.objects.filter(state=Batch.State.UNKNOWN):
            unknown = Recipient.objects.filter(batch=batch, state=State.UNKNOWN).values_list("pk", flat=True)
            taken = {bool(self.way_out.taken[each]) for each in unknown}
            if len(taken) == 1:
                settle_batch(self.mailing, batch.pk, accepted=taken.pop(), settled_by="edda")

    @rule()
    def resume(self):
        self.try_to(lambda: resume_mailing(self.mailing.pk, resumed_by="edda"))

    @rule(again=st.booleans())
    def stop(self, again):
        self.try_to(lambda: stop_mailing(self.mailing.pk, stopped_by="edda"))
        if again:
            self.try_to(lambda: retry_mailing(self.mailing.pk, retried_by="edda"))

    @rule()
    def retry(self):
        self.try_to(lambda: retry_mailing(self.mailing.pk, retried_by="edda"))

    @rule(place=st.integers(0, 9), how=st.sampled_from(["leave", "erase", "pause", "lose"]))
    def somebody_says_no(self, place, how):
        subscription = Subscription.objects.filter(pk=self.people[place].pk).first()
        if subscription is None or subscription.state != Subscription.State.ACTIVE:
            return
        self.said_no.add(subscription.subscriber_id)
        if how == "leave":
            consent.unsubscribe(subscription, EDITOR)
        elif how == "erase":
            consent.erase_person(subscription.subscriber, EDITOR)
        elif how == "pause":
            consent.pause(subscription, EDITOR, until=date(2999, 1, 1))
        else:
            subscription.delete()

    @invariant()
    def nobody_is_lost(self):
        self.mailing.refresh_from_db()
        counted = count_recipients(self.mailing)
        assert counted.add_up
        assert counted.audience == 10

    @invariant()
    def nobody_gets_it_twice(self):
        assert not [each for each, times in self.way_out.taken.items() if times > 1]

    @invariant()
    def everybody_gets_the_email_in_their_language(self):
        for post in self.way_out.posts:
            languages = {"de" if each.person.first_name in GERMANS else "en-GB" for each in post.envelopes}
            assert languages <= {post.email.language}
        self.way_out.posts.clear()

    @invariant()
    def nobody_is_mailed_who_said_no_before(self):
        assert not self.mailed_against_their_will

    @invariant()
    def no_state_lies(self):
        posting = Batch.objects.filter(state=Batch.State.POSTING)
        for recipient in Recipient.objects.exclude(state=State.UNKNOWN).exclude(batch__in=posting):
            took = bool(self.way_out.taken[recipient.pk])
            assert took is (recipient.state == State.ACCEPTED), recipient.state

    @invariant()
    def a_batch_is_what_its_recipients_are(self):
        for batch in Batch.objects.exclude(state=Batch.State.POSTING):
            states = set(batch.recipients.values_list("state", flat=True))
            assert (State.UNKNOWN in states) is (batch.state == Batch.State.UNKNOWN)
            assert (State.WAITING in states) is (batch.state == Batch.State.WAITING)

    @invariant()
    def sent_is_proven(self):
        recover_abandoned_batches()
        self.mailing.refresh_from_db()
        over = not Batch.objects.exclude(state=Batch.State.ANSWERED).exists()
        assert (self.mailing.finished_at is not None) is over
        assert not (over and count_recipients(self.mailing).open)
        state = Issue.objects.get().state
        assert (state == Issue.State.SENDING) is not over

    def everything_comes_to_an_end(self):
        self.way_out.plan, self.way_out.fits = take_all, 1_000
        for _ in range(3):
            self.clock.shift(timedelta(hours=2))
            self.evidence_comes()
            self.resume()
            while send_next_batch():
                pass
        self.nobody_is_lost()
        self.nobody_gets_it_twice()
        self.no_state_lies()
        self.sent_is_proven()
        assert self.mailing.finished_at is not None
        assert not Batch.objects.exclude(state=Batch.State.ANSWERED).exists()


@pytest.fixture
def mailing_in_two_languages(issue, publication, join, way_out):
    """In batches of four, one and four, one: each batch belongs to one variant."""
    join("ana", "ben", "cem", "dora", "eve", "finn", "gwen", "hugo", "ida", "jo")
    Subscriber.objects.filter(first_name__in=GERMANS).update(locale="de")
    english = render_email(issue)
    emails = EmailSet(
        (
            EmailVariant(email=replace(english, language="de"), language="de", readers="language is de"),
            EmailVariant(email=english),
        )
    )
    Issue.objects.update(state=Issue.State.SENDING)
    with transaction.atomic():
        write_mailing(
            issue, emails, AudienceRule(mailing_list=publication.mailing_list), digest=emails.digest
        )


@pytest.mark.usefixtures("mailing_in_two_languages")
def test_the_ledger_keeps_its_promises_whatever_happens(way_out, caplog):
    caplog.set_level("CRITICAL")
    machine = type("LedgerOfThisTest", (Ledger,), {"way_out": way_out})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples(15),
            stateful_step_count=12,
            suppress_health_check=[HealthCheck.data_too_large],
        ),
    )
