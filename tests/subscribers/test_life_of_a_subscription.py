"""Consent functions in any order: nobody is on the list who last said no, and the log agrees with the state."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import settings as given_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from subscribers import consent, suppression, wordings
from subscribers.consent import Source
from subscribers.errors import NotFound, Refused
from subscribers.lists import add_list
from subscribers.models import SourceKind, Subscription
from tests.full import examples
from tests.subscribers.conftest import EDITOR, LETTER

ADDRESS = "ada@example.org"
FORM = Source(SourceKind.FORM)
JOINS = {"confirmed", "added", "came back"}
LEAVES = {"left", "suppressed"}


class LifeOfASubscription(RuleBasedStateMachine):
    """`said_no`: the person left or must not be mailed, and neither they nor a lifting undid that."""

    @initialize(double_opt_in=st.booleans())
    def a_list(self, double_opt_in):
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.list = add_list("news", "The News", double_opt_in=double_opt_in)
        self.said_no = False
        self.barred = False

    def teardown(self):
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    @property
    def subscription(self):
        found = Subscription.objects.filter(subscriber__address_key=ADDRESS, list=self.list)
        return found.select_related("subscriber", "list").first()

    def attempt(self, act, *arguments, **options):
        before = self.subscription and self.subscription.state
        try:
            act(*arguments, **options)
        except Refused:
            assert (self.subscription and self.subscription.state) == before
            return False
        return True

    @rule()
    def signs_up(self):
        consent.sign_up(self.list, ADDRESS, FORM, wording=wordings.shown_by(self.list))

    @rule(ask=st.booleans())
    def is_added(self, ask):
        added = self.attempt(consent.add_by_editor, self.list, ADDRESS, EDITOR, consent="A form", ask=ask)
        assert not (added and (self.said_no or self.barred))

    @precondition(lambda self: self.subscription)
    @rule()
    def confirms(self):
        if self.attempt(consent.confirm, self.subscription, LETTER):
            assert not self.barred
            self.said_no = False

    @precondition(lambda self: self.subscription)
    @rule()
    def comes_back(self):
        was_away = self.subscription.state == "unsubscribed"
        if self.attempt(consent.come_back, self.subscription, LETTER) and was_away:
            assert not self.barred
            self.said_no = False

    @precondition(lambda self: self.subscription)
    @rule()
    def leaves(self):
        consent.leave(self.subscription, LETTER)
        self.said_no = True

    @precondition(lambda self: self.subscription)
    @rule()
    def leaves_all(self):
        consent.leave_all(self.subscription.subscriber, LETTER)
        self.said_no = True

    @rule(reason=st.sampled_from(["hard bounce", "complaint", "manual"]))
    def is_suppressed(self, reason):
        suppression.suppress(ADDRESS, reason, EDITOR)
        self.said_no = self.barred = True

    @rule()
    def is_lifted(self):
        try:
            suppression.lift(ADDRESS, EDITOR, why="They rang")
        except NotFound:
            return
        self.said_no = self.barred = False

    @precondition(lambda self: self.subscription)
    @rule()
    def is_erased(self):
        consent.forget(self.subscription.subscriber, LETTER)
        self.said_no = True

    @precondition(lambda self: self.subscription)
    @rule(days=st.integers(1, 30))
    def pauses(self, days):
        consent.pause(self.subscription, LETTER, until=timezone.localdate() + timedelta(days=days))

    @rule(days=st.sampled_from([1, 8]))
    def time_passes(self, days):
        consent.prune_unconfirmed(timezone.now() + timedelta(days=days))

    @invariant()
    def nobody_who_said_no_is_active(self):
        if self.subscription and self.subscription.state == "active":
            assert not self.said_no
            assert not suppression.reasons(ADDRESS)

    @invariant()
    def the_log_agrees_with_the_state(self):
        if self.subscription is None:
            return
        entries = self.subscription.subscriber.consent_entries.filter(list=self.list).order_by("-pk")
        acts = [entry.act for entry in entries if entry.act in JOINS | LEAVES | {"signed up"}]
        decisive = next((act for act in acts if act in JOINS | LEAVES), "signed up")
        if self.subscription.state == "active":
            assert decisive in JOINS or not self.list.double_opt_in
        elif self.subscription.state == "unsubscribed":
            assert decisive in LEAVES
        else:
            assert decisive not in LEAVES

    @invariant()
    def what_waits_is_not_active(self):
        if self.subscription and self.subscription.asked_at:
            assert self.subscription.state != "active"


@pytest.mark.django_db
def test_no_order_of_acts_brings_back_who_said_no():
    run_state_machine_as_test(
        LifeOfASubscription,
        settings=given_settings(max_examples=examples(30), stateful_step_count=15, deadline=None),
    )
