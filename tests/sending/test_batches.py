"""One batch: claimed once, looked at again when it goes, and every answer written down."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
import time_machine
from django.utils import timezone

from newsletter.issues.models import Issue
from newsletter.sending.batches import send_batch, send_next_batch
from newsletter.sending.mailing_controls import pause_mailing
from newsletter.sending.models import Batch, Mailing, Recipient
from newsletter.sending.outcomes import Accepted, NotSent, RecipientsOutcome, Rejected, Unknown
from newsletter.sending.recipient_counts import RecipientCounts, count_reasons, count_recipients
from newsletter.sending.reconcile_unknown_recipients import reconcile_mailings
from newsletter.sending.recover_abandoned_batches import recover_abandoned_batches
from subscribers import consent
from subscribers.consent_log import ConsentSource
from subscribers.models import SourceKind, Subscriber, Subscription
from tests.sending.planned_mailing import planned_mailing
from tests.sending.scripted_transport import Crash, Took, answering, recipients_of, take_all

EDITOR = ConsentSource(SourceKind.EDITOR, "edda")


def send_all():
    while send_next_batch():
        pass


def person(name):
    return Subscriber.objects.get(address_key=f"{name}@example.org")


def test_everybody_gets_it_once_and_the_issue_is_sent(mailing, issue, way_out):
    send_all()
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=10)
    assert set(way_out.taken.values()) == {1}
    issue.refresh_from_db()
    mailing.refresh_from_db()
    assert (issue.state, mailing.state) == (Issue.State.SENT, Mailing.State.SENT)
    assert issue.sent_at == mailing.finished_at
    assert send_next_batch() is None


def test_a_batch_knows_the_message_id_that_the_way_out_gave(mailing):
    send_next_batch()
    assert mailing.batches.get(number=1).message_id == "message-1"


def test_a_batch_after_the_first_accepted_one_is_closed_as_the_first_is(mailing):
    send_all()
    names = ("state", "owner", "lease_until", "current_recipient", "not_before", "reason", "message_id")
    first, *others = mailing.batches.order_by("number").values(*names)
    assert others == [first] * len(others)
    assert others
    assert None not in mailing.batches.values_list("answered_at", flat=True)


def test_an_accepted_batch_ends_the_count_of_failures(mailing):
    send_next_batch()
    Mailing.objects.update(failures=3)
    send_next_batch()
    mailing.refresh_from_db()
    assert mailing.failures == 0
    assert mailing.batches.get(number=2).state == Batch.State.ANSWERED


def test_an_acceptance_that_comes_after_another_process_has_the_batch_does_not_close_it(mailing, way_out):
    send_next_batch()

    def too_late(post):
        Batch.objects.filter(pk=post.trace.batch).update(attempts=post.trace.attempt + 1, owner="another")
        yield RecipientsOutcome(recipients_of(post), Accepted("late"))

    way_out.plan = too_late
    send_next_batch()
    batch = mailing.batches.get(number=2)
    assert (batch.state, batch.owner, batch.message_id) == (Batch.State.POSTING, "another", "")
    assert set(batch.recipients.values_list("state", flat=True)) == {Recipient.State.ACCEPTED}


def test_while_one_thread_sends_a_batch_another_takes_the_next(mailing, way_out):
    send_next_batch()
    inside = []

    def one_in_another(post):
        if not inside:
            inside.append(post.trace.number)
            assert send_next_batch() is not None
        yield RecipientsOutcome(recipients_of(post), Accepted("message-1"))

    way_out.plan = one_in_another
    send_next_batch()
    assert [post.trace.number for post in way_out.posts] == [1, 2, 3]
    assert count_recipients(mailing).accepted == 10


def test_posting_is_committed_before_the_first_byte_leaves(mailing, way_out):
    seen = []

    def look(post):
        seen.append(Batch.objects.get(pk=post.trace.batch).state)
        seen.append(count_recipients(mailing))
        yield RecipientsOutcome(recipients_of(post), Accepted())

    way_out.plan = look
    send_next_batch()
    assert seen == [Batch.State.POSTING, RecipientCounts(audience=10, waiting=10, posting=4)]


def test_a_batch_is_claimed_only_once(mailing, way_out):
    batch = mailing.batches.first()
    inner = []

    def claim_again(post):
        inner.append(send_batch(batch.pk, way_out))
        yield RecipientsOutcome(recipients_of(post), Accepted())

    way_out.plan = claim_again
    assert send_batch(batch.pk, way_out).settled == 4
    assert inner == [None]
    assert send_batch(batch.pk, way_out) is None


def test_an_unsubscribe_during_sending_is_honoured(mailing, way_out, states):
    send_next_batch()
    consent.unsubscribe(Subscription.objects.get(subscriber=person("eve")), EDITOR)
    consent.pause(Subscription.objects.get(subscriber=person("finn")), EDITOR, until=date(2999, 1, 1))
    consent.erase_person(person("gwen"), EDITOR)
    Subscription.objects.filter(subscriber=person("hugo")).update(state=Subscription.State.PENDING)
    Subscription.objects.filter(subscriber=person("ida")).delete()
    send_all()
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=5, skipped=5)
    assert count_reasons(mailing) == {
        "skipped": {"erased": 1, "not on the list": 1, "not confirmed": 1, "paused": 1, "unsubscribed": 1}
    }
    assert states()["eve"] == "skipped"
    assert sum(way_out.taken.values()) == 5


def test_a_batch_in_which_nobody_is_left_is_not_posted(issue, join, way_out):
    (subscription,) = join("ana")
    mailing = planned_mailing(issue)
    consent.unsubscribe(subscription, EDITOR)
    send_all()
    assert way_out.posts == []
    assert count_recipients(mailing) == RecipientCounts(audience=1, skipped=1)
    issue.refresh_from_db()
    assert issue.state == Issue.State.BLOCKED


def test_whoever_does_not_fit_one_post_goes_in_another_batch(mailing, way_out):
    way_out.fits = 3
    send_all()
    assert [len(post.envelopes) for post in way_out.posts] == [3, 3, 2, 1, 1]
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=10)
    assert len({post.trace.batch for post in way_out.posts}) == 5


def test_what_was_surely_not_sent_waits_and_goes_later(mailing, way_out):
    way_out.plan = answering(NotSent("Too many requests.", retry_after=90))
    assert send_next_batch().settled == 0
    mailing.refresh_from_db()
    assert mailing.not_before >= timezone.now() + timedelta(seconds=89)
    assert send_next_batch() is None, "the whole mailing waits, not only the batch"
    way_out.plan = answering(Accepted())
    with time_machine.travel(timezone.now() + timedelta(seconds=120)):
        send_all()
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=10)
    assert set(way_out.taken.values()) == {1}


def test_waiting_grows_and_ends_in_a_pause_that_says_why(mailing, way_out):
    way_out.plan = answering(NotSent("The server could not be reached."))
    waits = []
    with time_machine.travel(timezone.now(), tick=False) as clock:
        while send_next_batch():
            mailing.refresh_from_db()
            if mailing.state == Mailing.State.PAUSED:
                break
            waits.append((mailing.not_before - timezone.now()).total_seconds())
            clock.move_to(mailing.not_before)
    assert len(waits) == 11
    assert waits[0] < 10
    assert all(a < b for a, b in pairwise(waits[:7]))
    assert max(waits) <= 600 * 1.25
    assert mailing.pause_reason == "The server could not be reached."


def test_a_refused_key_pauses_the_mailing_and_loses_nobody(mailing, way_out):
    way_out.plan = answering(NotSent("The key is refused.", pause=True))
    send_all()
    mailing.refresh_from_db()
    assert (mailing.state, mailing.pause_reason) == (Mailing.State.PAUSED, "The key is refused.")
    assert count_recipients(mailing) == RecipientCounts(audience=10, waiting=10)
    assert len(way_out.posts) == 1


def test_a_refused_batch_is_refused_with_its_reason_and_the_others_go(mailing, way_out):
    def refuse_the_first(post):
        answer = Rejected("Not valid.") if post.trace.batch == first.pk else Accepted()
        yield RecipientsOutcome(recipients_of(post), answer)

    first = mailing.batches.first()
    way_out.plan = refuse_the_first
    send_all()
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=6, rejected=4)
    assert count_reasons(mailing) == {"rejected": {"Not valid.": 4}}
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.SENT


def test_an_unknown_batch_is_never_sent_again_on_hope(mailing, issue, way_out):
    way_out.plan = answering(Unknown("The connection was cut."))
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(5):
            send_next_batch()
            clock.shift(timedelta(days=1))
        recover_abandoned_batches()
    assert count_recipients(mailing) == RecipientCounts(audience=10, unknown=10)
    assert len(way_out.posts) == 3
    issue.refresh_from_db()
    mailing.refresh_from_db()
    assert (issue.state, mailing.state) == (Issue.State.SENDING, Mailing.State.SENDING)


def test_an_unknown_answer_may_ask_the_others_to_wait(mailing, way_out):
    way_out.plan = answering(Unknown("It answered 503.", retry_after=60))
    send_next_batch()
    assert send_next_batch() is None
    mailing.refresh_from_db()
    assert mailing.not_before > timezone.now() + timedelta(seconds=59)


def test_answers_for_each_recipient_are_kept_apart(mailing, way_out, states):
    def one_of_each(post):
        first, second, third, fourth = recipients_of(post)
        yield RecipientsOutcome([first], Accepted())
        yield RecipientsOutcome([second], Rejected("No such mailbox."))
        yield RecipientsOutcome([third], Unknown("Cut after the final dot."))
        yield RecipientsOutcome([fourth], NotSent("Connection refused."))

    way_out.plan = one_of_each
    send_next_batch()
    assert [states()[name] for name in ("ana", "ben", "cem", "dora")] == [
        "accepted",
        "rejected",
        "unknown",
        "waiting",
    ]
    batch = mailing.batches.get(number=1)
    assert batch.state == Batch.State.UNKNOWN
    moved = Recipient.objects.get(subscriber=person("dora")).batch
    assert (moved.number, moved.state) == (4, Batch.State.WAITING), "so that evidence about batch 1 is clear"


def test_a_full_mailbox_delays_nobody_else(mailing, way_out, states):
    def full_mailbox(post):
        first, *others = recipients_of(post)
        patient = post.trace.attempt == 1 and first == the_full_one
        answer = NotSent("Come back later.", retry_after=300, everybody=False) if patient else Accepted()
        yield RecipientsOutcome([first], answer)
        yield RecipientsOutcome(others, Accepted())

    the_full_one = Recipient.objects.get(subscriber=person("ana")).pk
    way_out.plan = full_mailbox
    send_all()
    assert count_recipients(mailing) == RecipientCounts(audience=10, waiting=1, accepted=9)
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        send_all()
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=10)


def test_a_server_that_is_down_counts_as_one_trouble_a_post(mailing, way_out):
    way_out.plan = lambda post: (RecipientsOutcome([each], NotSent("Down.")) for each in recipients_of(post))
    send_next_batch()
    mailing.refresh_from_db()
    assert mailing.failures == 1
    way_out.plan = answering(Accepted())
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        send_next_batch()
    mailing.refresh_from_db()
    assert mailing.failures == 0


def test_whoever_the_way_out_says_nothing_about_is_unknown(mailing, way_out):
    way_out.plan = lambda post: iter([RecipientsOutcome(recipients_of(post)[:1], Accepted())])
    send_next_batch()
    assert count_recipients(mailing) == RecipientCounts(audience=10, waiting=6, accepted=1, unknown=3)


def test_a_fault_in_the_way_out_is_unknown_and_pauses(mailing, way_out, caplog):
    def fault(post):
        yield RecipientsOutcome(recipients_of(post)[:1], Accepted())
        raise RuntimeError("a fault of ours")

    way_out.plan = fault
    send_all()
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.PAUSED
    assert "RuntimeError" in mailing.pause_reason
    assert count_recipients(mailing) == RecipientCounts(audience=10, waiting=6, accepted=1, unknown=3)
    assert "a fault of ours" in caplog.text


def test_a_crash_leaves_the_batch_posting_until_its_lease_ends_and_then_unknown(mailing, way_out):
    way_out.plan = lambda _post: iter([Crash()])
    with pytest.raises(Crash):
        send_next_batch()
    assert recover_abandoned_batches() == 0
    assert count_recipients(mailing) == RecipientCounts(audience=10, waiting=10, posting=4)
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert recover_abandoned_batches() == 1
    assert count_recipients(mailing) == RecipientCounts(audience=10, waiting=6, unknown=4)


def test_every_outcome_renews_the_lease(mailing, way_out):
    with time_machine.travel(timezone.now(), tick=False) as clock:

        def slow(post):
            for recipient in recipients_of(post):
                clock.shift(timedelta(seconds=59))
                assert recover_abandoned_batches() == 0
                yield RecipientsOutcome([recipient], Accepted())

        way_out.plan = slow
        assert send_next_batch().settled == 4


def test_a_late_answer_of_the_same_attempt_still_counts(mailing, way_out):
    with time_machine.travel(timezone.now(), tick=False) as clock:

        def late(post):
            clock.shift(timedelta(hours=1))
            assert recover_abandoned_batches() == 1
            assert count_recipients(mailing).unknown == 4
            yield RecipientsOutcome(recipients_of(post), Accepted("late"))

        way_out.plan = late
        send_next_batch()
    assert count_recipients(mailing) == RecipientCounts(audience=10, waiting=6, accepted=4)
    assert mailing.batches.get(number=1).state == Batch.State.ANSWERED


def test_a_late_answer_closes_its_batch_even_if_the_process_dies_at_once(mailing, way_out):
    with time_machine.travel(timezone.now(), tick=False) as clock:

        def late(post):
            clock.shift(timedelta(hours=1))
            assert recover_abandoned_batches() == 1
            yield RecipientsOutcome(recipients_of(post), Accepted("late"))
            raise Crash

        way_out.plan = late
        with pytest.raises(Crash):
            send_next_batch()
    assert count_recipients(mailing) == RecipientCounts(audience=10, waiting=6, accepted=4)
    assert mailing.batches.get(number=1).state == Batch.State.ANSWERED
    way_out.plan = take_all
    send_all()
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.SENT


def test_a_late_acceptance_keeps_people_from_a_second_mail_even_if_they_wait_again(mailing, way_out):
    with time_machine.travel(timezone.now(), tick=False) as clock:

        def late(post):
            clock.shift(timedelta(hours=1))
            recover_abandoned_batches()
            assert reconcile_mailings() == 4, "no trace of them yet, so they wait again"
            yield RecipientsOutcome(recipients_of(post), Accepted("late"))

        way_out.plan = late
        send_next_batch()
        way_out.plan = answering(Accepted())
        clock.shift(timedelta(hours=1))
        send_all()
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=10)
    assert set(way_out.taken.values()) == {1}


def test_a_paused_mailing_starts_no_batch(mailing, way_out):
    pause_mailing(mailing.pk, "A wrong headline.", paused_by="edda")
    assert send_next_batch() is None
    assert way_out.posts == []


def test_a_pause_lets_the_post_in_flight_finish(mailing, way_out):
    def paused_meanwhile(post):
        pause_mailing(mailing.pk, "A wrong headline.", paused_by="edda")
        yield RecipientsOutcome(recipients_of(post), Accepted())

    way_out.plan = paused_meanwhile
    send_all()
    assert count_recipients(mailing) == RecipientCounts(audience=10, waiting=6, accepted=4)


def test_an_answer_that_was_lost_is_found_by_evidence(mailing, way_out):
    def lost(post):
        yield Took(recipients_of(post)[:2])
        yield Crash()

    way_out.plan = lost
    with pytest.raises(Crash):
        send_next_batch()
    way_out.plan = answering(Accepted())
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        recover_abandoned_batches()
        assert reconcile_mailings(mailing.pk) == 4
        send_all()
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=10)
    assert set(way_out.taken.values()) == {1}


def test_a_mailing_whose_process_died_just_before_its_end_is_ended(mailing, monkeypatch):
    def die(_mailing):
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr("newsletter.sending.batches.close_mailing_if_done", die)
        for _ in range(3):
            with pytest.raises(Crash):
                send_next_batch()
    assert send_next_batch() is None
    recover_abandoned_batches()
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.SENT
