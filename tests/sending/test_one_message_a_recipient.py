"""Where each recipient has a message of their own, a crash leaves one person in doubt, and the others wait again."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from newsletter.instance import guard
from newsletter.sending import machine_restart_check
from newsletter.sending.batches import send_next_batch
from newsletter.sending.mailing_controls import (
    pause_mailing,
    resume_mailing,
    stop_mailing,
    stopped_sentence,
)
from newsletter.sending.models import Batch, Recipient
from newsletter.sending.outcomes import Accepted, NotSent, RecipientsOutcome
from newsletter.sending.recipient_counts import RecipientCounts, count_recipients
from newsletter.sending.reconcile_unknown_recipients import settle_batch
from newsletter.sending.recover_abandoned_batches import recover_abandoned_batches
from tests.sending.scripted_transport import Crash

WAITING, UNKNOWN, ACCEPTED = Recipient.State.WAITING, Recipient.State.UNKNOWN, Recipient.State.ACCEPTED


@pytest.fixture
def singly(way_out):
    """The scripted way out, with a message a recipient."""
    way_out.one_by_one = True
    return way_out


@pytest.fixture
def moved(home):
    """`moved()`: from now on this is a restored copy."""
    yield guard.require_adoption
    guard.clear_cached_status()


def one_by_one(post, *, dies_at=0, answer=Accepted):
    """Each envelope begins, and is answered; the process dies once that many have begun."""
    for number, envelope in enumerate(post.envelopes, start=1):
        if why_not_now := post.why_not_now(envelope):
            yield RecipientsOutcome([envelope.recipient], why_not_now)
            continue
        assert post.begin(envelope)
        if number == dies_at:
            yield Crash()
        yield RecipientsOutcome([envelope.recipient], answer())


def die_at(way_out, number):
    way_out.plan = lambda post: one_by_one(post, dies_at=number)
    with pytest.raises(Crash):
        send_next_batch()


def recovered_later():
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        return recover_abandoned_batches()


def test_a_crash_leaves_in_doubt_only_the_person_whose_message_had_begun(mailing, singly, states):
    die_at(singly, 3)
    assert recovered_later() == 1
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=2, unknown=1, waiting=7)
    singly.plan = one_by_one
    while send_next_batch():
        pass
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=9, unknown=1)
    assert singly.taken.most_common(1)[0][1] == 1
    assert [name for name, state in states().items() if state == UNKNOWN] == ["cem"]


def test_a_crash_before_any_message_began_leaves_nobody_in_doubt(mailing, singly):
    singly.plan = lambda _post: iter([Crash()])
    with pytest.raises(Crash):
        send_next_batch()
    recovered_later()
    assert count_recipients(mailing) == RecipientCounts(audience=10, waiting=10)


def test_a_crash_after_an_answer_was_written_down_leaves_nobody_in_doubt(mailing, singly):
    def dies_between(post):
        first = post.envelopes[0]
        assert post.begin(first)
        yield RecipientsOutcome([first.recipient], NotSent("Greylisted.", everybody=False))
        yield Crash()

    singly.plan = dies_between
    with pytest.raises(Crash):
        send_next_batch()
    recovered_later()
    assert count_recipients(mailing) == RecipientCounts(audience=10, waiting=10)


def test_an_earlier_answer_does_not_hide_whose_message_is_on_its_way(mailing, singly):
    def answers_late(post):
        first, second = post.envelopes[:2]
        assert post.begin(first)
        assert post.begin(second)
        yield RecipientsOutcome([first.recipient], Accepted())
        yield Crash()

    singly.plan = answers_late
    with pytest.raises(Crash):
        send_next_batch()
    recovered_later()
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=1, unknown=1, waiting=8)


def test_after_a_power_cut_all_of_the_batch_that_have_no_answer_are_in_doubt(mailing, singly, monkeypatch):
    die_at(singly, 3)
    monkeypatch.setattr(machine_restart_check, "current_boot_id", lambda: "another start of the machine")
    monkeypatch.setattr(machine_restart_check, "is_sqlite", lambda: True)
    recovered_later()
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=2, unknown=2, waiting=6)


def test_in_a_database_that_was_put_back_all_of_the_batch_that_have_no_answer_are_in_doubt(
    mailing, singly, moved
):
    die_at(singly, 3)
    moved()
    recovered_later()
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=2, unknown=2, waiting=6)


def test_a_transport_that_fails_leaves_in_doubt_only_whose_message_had_begun(mailing, singly):
    def fails(post):
        yield from one_by_one(post, dies_at=3)

    singly.plan = lambda post: (
        step if not isinstance(step, Crash) else RuntimeError() for step in fails(post)
    )
    delivery = send_next_batch()
    assert delivery.counts == {"skipped": 0, "accepted": 2, "unknown": 1, "waiting": 1}
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=2, unknown=1, waiting=7)


def test_no_message_begins_once_the_batch_was_given_up(mailing, singly):
    begun = []

    def outlives_its_lease(post):
        begun.append(post.begin(post.envelopes[0]))
        yield RecipientsOutcome([post.envelopes[0].recipient], Accepted())
        recovered_later()
        begun.append(post.begin(post.envelopes[1]))

    singly.plan = outlives_its_lease
    send_next_batch()
    assert begun == [True, False]


def test_a_process_that_is_asked_to_end_ends_after_the_message_in_hand(mailing, singly):
    asked = []

    def is_asked_during_the_second(post):
        for outcome in one_by_one(post):
            yield outcome
            asked.append(outcome.recipients)

    singly.plan = is_asked_during_the_second
    send_next_batch(stopping=lambda: len(asked) >= 2)
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=2, waiting=8)
    assert Batch.objects.filter(state=Batch.State.POSTING).count() == 0


@pytest.mark.parametrize(
    ("halt", "waiting", "skipped"),
    [
        (lambda mailing: pause_mailing(mailing.pk, "A doubt.", paused_by="edda"), 8, 0),
        (lambda mailing: stop_mailing(mailing.pk, stopped_by="edda"), 0, 8),
    ],
)
def test_a_mailing_that_is_paused_or_stopped_ends_after_the_message_in_hand(
    mailing, singly, halt, waiting, skipped
):
    """Somebody sees that the email is wrong, when two of its readers have it."""

    def is_halted_during_the_second(post):
        for number, outcome in enumerate(one_by_one(post)):
            yield outcome
            if number == 1:
                halt(mailing)
                said = stopped_sentence(mailing.pk, 8)
                assert said == "The mailing was stopped. 8 people will not get the email."

    singly.plan = is_halted_during_the_second
    while send_next_batch():
        pass
    assert count_recipients(mailing) == RecipientCounts(
        audience=10, accepted=2, waiting=waiting, skipped=skipped
    )
    assert not Batch.objects.filter(state=Batch.State.POSTING).exists()
    assert set(singly.taken.values()) == {1}
    if waiting:
        singly.plan = one_by_one
        resume_mailing(mailing.pk, resumed_by="edda")
        while send_next_batch():
            pass
        assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=10)
        assert set(singly.taken.values()) == {1}


@pytest.mark.parametrize(("accepted", "state"), [(True, ACCEPTED), (False, WAITING)])
def test_an_editors_word_is_about_the_one_person_in_doubt(mailing, singly, states, accepted, state):
    die_at(singly, 3)
    recovered_later()
    unknown = mailing.batches.get(state=Batch.State.UNKNOWN)
    assert settle_batch(mailing, unknown.pk, accepted=accepted, settled_by="edda") == 1
    assert states()["cem"] == state
