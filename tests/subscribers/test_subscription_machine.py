"""Consent functions in any order: nobody is on the list who last said no, and the log agrees with the state."""

import io
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

from subscribers import consent, consent_by_editor, consent_wordings, suppression
from subscribers.consent import ConsentSource
from subscribers.consent_log import chosen_topics
from subscribers.errors import NotFound, Refused
from subscribers.imports.run_import import import_people
from subscribers.imports.undo_import import undo_import
from subscribers.list_growth_by_period import growth
from subscribers.lists import add_list, edit_list
from subscribers.models import ConsentEntry, ImportRecord, SourceKind, Subscription
from subscribers.prune_unconfirmed import prune_unconfirmed
from subscribers.verify_consent_log import differences
from tests.full import examples
from tests.subscribers.conftest import EDITOR, EMAIL

ADDRESS = "ada@example.org"
FORM = ConsentSource(SourceKind.FORM)
TOPICS = st.lists(st.sampled_from("abc"), unique=True, max_size=2)


class LifeOfASubscription(RuleBasedStateMachine):
    """`said_no`: the person left or must not be mailed, and neither they nor a lifting undid that."""

    @initialize(double_opt_in=st.booleans())
    def a_list(self, double_opt_in):
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.list = add_list(
            "news", "The News", double_opt_in=double_opt_in, topics=dict.fromkeys("abc", "T")
        )
        self.growth, self.seen = [0], []
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

    @rule(topics=TOPICS, who=st.sampled_from(["the person", "a stranger"]))
    def signs_up(self, topics, who):
        known = self.subscription and self.subscription.state != "pending"
        before = self.chosen
        consent.sign_up(
            self.list, ADDRESS, FORM, wording=consent_wordings.keep_wording(self.list), topics=topics
        )
        if known:
            assert self.chosen == before, f"{who} could change what was chosen without the mailbox"

    @rule(ask=st.booleans(), topics=TOPICS)
    def is_added(self, ask, topics):
        before = self.chosen
        added = self.attempt(
            consent_by_editor.add_by_editor,
            self.list,
            ADDRESS,
            EDITOR,
            consent="A form",
            ask=ask,
            topics=topics,
        )
        assert not (added and (self.said_no or self.barred))
        if self.acted:
            assert self.chosen == before

    @rule(topics=TOPICS, status=st.sampled_from(["active", "active", "unsubscribed", "bounced"]))
    def is_imported(self, topics, status):
        before, was = self.chosen, self.subscription and self.subscription.state
        text = f"email,topics,status\n{ADDRESS},{';'.join(topics)},{status}\n"
        import_people(io.BytesIO(text.encode()), self.list, consent="Paper")
        if was and self.acted:
            assert self.chosen == before
        if status == "bounced":
            self.barred = True
        if status != "active":
            self.said_no = True

    @rule()
    def the_last_import_is_undone(self):
        record = ImportRecord.objects.exclude(state="undone").first()
        if record:
            before = self.subscription and self.subscription.state
            undo_import(record, by="Edith")
            assert before in ("active", self.subscription and self.subscription.state)

    @precondition(lambda self: self.subscription)
    @rule(topics=TOPICS)
    def chooses(self, topics):
        consent.change(self.subscription, EMAIL, topics=topics)

    @rule()
    def the_list_changes_how_it_asks(self):
        edit_list(self.list, double_opt_in=not self.list.double_opt_in)

    @property
    def chosen(self):
        return self.subscription and set(chosen_topics(self.subscription))

    @property
    def acted(self):
        """Whether the person did anything on this list themselves."""
        return ConsentEntry.objects.filter(
            subscriber__address_key=ADDRESS, list=self.list, source__in=["form", "link"]
        ).exists()

    @precondition(lambda self: self.subscription)
    @rule()
    def confirms(self):
        if self.attempt(consent.confirm, self.subscription, EMAIL):
            assert not self.barred
            self.said_no = False

    @precondition(lambda self: self.subscription)
    @rule()
    def comes_back(self):
        was_away = self.subscription.state == "unsubscribed"
        if self.attempt(consent.resubscribe, self.subscription, EMAIL) and was_away:
            assert not self.barred
            self.said_no = False

    @precondition(lambda self: self.subscription)
    @rule()
    def leaves(self):
        consent.unsubscribe(self.subscription, EMAIL)
        self.said_no = True

    @precondition(lambda self: self.subscription)
    @rule()
    def leaves_all(self):
        consent.unsubscribe_from_all(self.subscription.subscriber, EMAIL)
        self.said_no = True

    @rule(reason=st.sampled_from(["hard bounce", "complaint", "manual"]))
    def is_suppressed(self, reason):
        suppression.suppress(ADDRESS, reason, EDITOR)
        self.said_no = self.barred = True

    @rule()
    def is_lifted(self):
        try:
            suppression.end_suppression(ADDRESS, EDITOR, why="They rang")
        except NotFound:
            return
        self.said_no = self.barred = False

    @precondition(lambda self: self.subscription)
    @rule()
    def is_erased(self):
        consent.erase_person(self.subscription.subscriber, EMAIL)
        self.said_no = True

    @precondition(lambda self: self.subscription)
    @rule(days=st.integers(1, 30))
    def pauses(self, days):
        consent.pause(self.subscription, EMAIL, until=timezone.localdate() + timedelta(days=days))

    @rule(days=st.sampled_from([1, 8]))
    def time_passes(self, days):
        prune_unconfirmed(timezone.now() + timedelta(days=days))

    @invariant()
    def nobody_who_said_no_is_active(self):
        if self.subscription and self.subscription.state == "active":
            assert not self.said_no
            assert not suppression.reasons(ADDRESS)

    @invariant()
    def the_log_tells_the_present(self):
        if hasattr(self, "list"):
            assert list(differences()) == []

    @invariant()
    def growth_adds_up_to_who_is_active_at_every_moment(self):
        if not hasattr(self, "list"):
            return
        self.growth.append(Subscription.objects.filter(list=self.list, state="active").count())
        figures = list(
            ConsentEntry.objects.filter(list=self.list).order_by("pk").values_list("moved", flat=True)
        )
        assert sum(figures) == self.growth[-1]
        assert sum(row.net for row in growth(self.list)) == self.growth[-1]
        # What was counted stays: after each act the log begins as it began before.
        assert [sum(figures[: number + 1]) for number in range(len(figures))][: len(self.seen)] == self.seen
        self.seen = [sum(figures[: number + 1]) for number in range(len(figures))]

    @invariant()
    def what_waits_is_not_active(self):
        if self.subscription and self.subscription.asked_at:
            assert self.subscription.state != "active"


@pytest.mark.django_db
def test_no_order_of_acts_brings_back_who_said_no():
    run_state_machine_as_test(
        LifeOfASubscription,
        settings=given_settings(max_examples=examples(20), stateful_step_count=15, deadline=None),
    )
