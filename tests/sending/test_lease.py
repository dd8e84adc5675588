"""A process that was stopped for longer than its lease posts nothing more, wherever it was stopped."""

import socket
import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from threading import Event, Thread

import pytest
import time_machine
from django.db import OperationalError, connection
from django.utils import timezone

from newsletter.durable_commits import until_written
from newsletter.environment import Environment
from newsletter.http.http_client import HttpConnection, ResponseLost
from newsletter.sending.batches import send_next_batch
from newsletter.sending.claim_batch import lease_seconds
from newsletter.sending.models import Batch, Mailing
from newsletter.sending.outcomes import Accepted, NotSent, RecipientsOutcome, Skipped
from newsletter.sending.posting_lease import Lease, unlimited_lease
from newsletter.sending.recipient_counts import RecipientCounts, count_reasons, count_recipients
from newsletter.sending.recover_abandoned_batches import recover_abandoned_batches
from newsletter.sending.transport import LEASE_OVER
from newsletter.sending.transports.maildir import MaildirTransport
from newsletter.sending.transports.sendgrid import SendGrid
from newsletter.sending.transports.smtp import Smtp
from newsletter.steady_clock import steady_seconds
from subscribers import consent
from subscribers.consent_log import ConsentSource
from subscribers.models import SourceKind, Subscription
from tests.fakes.sendgrid import FakeSendGrid
from tests.fakes.smtp import FakeSmtp
from tests.sending.example_emails import post_to
from tests.sending.scripted_transport import Crash, answering, recipients_of

EDITOR = ConsentSource(SourceKind.EDITOR, "edda")
LEASE = 60.0


def post_under_a_lease(*addresses):
    return replace(post_to(*addresses), lease=Lease(LEASE, noted=steady_seconds()))


def one_by_one(post, *, after_each=lambda: None):
    """As a transport does that sends a message a recipient."""
    for envelope in post.envelopes:
        yield RecipientsOutcome([envelope.recipient], post.why_not_now(envelope) or Accepted())
        after_each()


@pytest.fixture
def sendgrid():
    with FakeSendGrid() as server:
        fields = {"sendgrid_host": server.url, "SENDGRID_API_KEY": "SG.key", "sendgrid_timeout_seconds": 5}
        transport = SendGrid(Environment(_env_file=None, **fields))
        yield server, transport
        transport.close()


def test_a_process_that_was_stopped_before_the_first_byte_sends_none_to_sendgrid(sendgrid, steady):
    server, transport = sendgrid
    post = post_under_a_lease("a@example.com")
    steady.suspend(LEASE)
    (outcome,) = transport.deliver(post)
    assert outcome == RecipientsOutcome([1], LEASE_OVER)
    assert server.paths == []
    (outcome,) = transport.deliver(post_under_a_lease("a@example.com"))
    assert isinstance(outcome.answer, Accepted)


def test_each_message_by_smtp_asks_whether_the_lease_stands(steady):
    with FakeSmtp() as server:
        environment = Environment(
            _env_file=None, smtp_host="127.0.0.1", smtp_port=server.port, smtp_security="none"
        )
        transport = Smtp(environment)
        answers = []
        for outcome in transport.deliver(
            post_under_a_lease("a@example.com", "b@example.com", "c@example.com")
        ):
            answers.append(outcome.answer)
            steady.suspend(LEASE)
        transport.close()
        assert isinstance(answers[0], Accepted)
        assert answers[1:] == [LEASE_OVER, LEASE_OVER]
        assert sum(server.inbox.values()) == 1


def test_each_message_into_the_maildir_asks_whether_the_lease_stands(tmp_path, steady):
    transport = MaildirTransport(tmp_path)
    post = post_under_a_lease("a@example.com", "b@example.com")
    first = post.envelopes[0].recipient

    def stop_after_the_first(envelope):
        if envelope.recipient != first:
            steady.suspend(LEASE)

    outcomes = list(transport.deliver(replace(post, look_again=stop_after_the_first)))
    assert outcomes == [RecipientsOutcome([2], LEASE_OVER), RecipientsOutcome([1], Accepted())]
    assert len(list((tmp_path / "new").iterdir())) == 1


def test_a_lease_ends_somewhat_earlier_here_than_for_others(steady):
    lease = Lease(LEASE, noted=steady_seconds())
    steady.suspend(LEASE * 0.89)
    assert lease.stands
    steady.suspend(LEASE * 0.02)
    assert not lease.stands


def test_a_test_letter_has_no_lease(steady):
    lease = unlimited_lease()
    steady.suspend(10**9)
    assert lease.stands


def test_who_was_not_reached_before_the_lease_ended_waits_and_nobody_is_blamed(mailing, way_out, steady):
    way_out.plan = lambda post: one_by_one(post, after_each=lambda: steady.suspend(LEASE))
    send_next_batch()
    mailing.refresh_from_db()
    assert count_recipients(mailing) == RecipientCounts(audience=10, waiting=9, accepted=1)
    assert (mailing.state, mailing.failures, mailing.not_before) == (Mailing.State.SENDING, 0, None)
    way_out.plan = one_by_one
    while send_next_batch():
        pass
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=10)
    assert set(way_out.taken.values()) == {1}


def test_an_outcome_that_was_written_down_renews_the_lease(mailing, way_out, steady):
    way_out.plan = lambda post: one_by_one(post, after_each=lambda: steady.suspend(LEASE * 0.8))
    assert send_next_batch().counts == {"skipped": 0, "accepted": 4}


def test_a_batch_that_was_given_to_others_ends_the_lease(mailing, way_out):
    clock = time_machine.travel(timezone.now(), tick=False)
    with clock as moved:

        def taken_for_dead():
            moved.shift(timedelta(hours=1))
            recover_abandoned_batches()

        way_out.plan = lambda post: one_by_one(post, after_each=taken_for_dead)
        send_next_batch()
    assert count_recipients(mailing) == RecipientCounts(audience=10, waiting=9, accepted=1)
    assert not way_out.posts[0].lease.stands


def test_who_unsubscribes_between_two_messages_gets_none(mailing, way_out, states):
    def leave():
        for subscription in Subscription.objects.filter(subscriber__first_name="Ben"):
            consent.unsubscribe(subscription, EDITOR)

    way_out.plan = lambda post: one_by_one(post, after_each=leave)
    send_next_batch()
    assert states()["ben"] == "skipped"
    assert count_reasons(mailing) == {"skipped": {"unsubscribed": 1}}
    assert sum(way_out.taken.values()) == 3


def test_a_message_that_somebody_left_before_is_not_sent_by_smtp():
    with FakeSmtp() as server:
        environment = Environment(
            _env_file=None, smtp_host="127.0.0.1", smtp_port=server.port, smtp_security="none"
        )
        transport = Smtp(environment)
        left = Skipped("unsubscribed")
        post = replace(
            post_to("a@example.com", "b@example.com"),
            look_again=lambda envelope: left if envelope.recipient == 1 else None,
        )
        outcomes = list(transport.deliver(post))
        transport.close()
        assert outcomes[0] == RecipientsOutcome([1], left)
        assert sum(server.inbox.values()) == 1


def test_an_answer_after_the_lease_of_a_dead_process_still_counts(mailing, way_out, steady):
    def late(post):
        steady.suspend(LEASE * 2)
        yield RecipientsOutcome(recipients_of(post), Accepted("late"))

    way_out.plan = late
    send_next_batch()
    assert count_recipients(mailing).accepted == 4


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(days=-1)])
def test_a_clock_that_was_set_back_does_not_keep_a_dead_batch_posting(mailing, way_out, steady, jump):
    way_out.plan = lambda _post: iter([Crash()])
    with pytest.raises(Crash):
        send_next_batch()
    with time_machine.travel(timezone.now() + jump):
        assert recover_abandoned_batches() == 0
        steady.suspend(LEASE / 2)
        assert recover_abandoned_batches() == 0
        steady.suspend(LEASE)
        assert recover_abandoned_batches() == 1
    assert count_recipients(mailing).unknown == 4


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(days=1)])
def test_a_clock_that_was_set_forward_makes_nobody_wait_again(mailing, way_out, jump):
    """The batch is unknown too early, and the answer that comes settles it."""
    clock = time_machine.travel(timezone.now(), tick=False)
    with clock as moved:

        def jumps(post):
            moved.shift(jump)
            assert recover_abandoned_batches() == 1
            assert send_next_batch() is None or way_out.posts[-1].trace.batch != post.trace.batch
            yield RecipientsOutcome(recipients_of(post), Accepted())

        way_out.plan = jumps
        send_next_batch()
        way_out.plan = answering(Accepted())
        while send_next_batch():
            pass
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=10)
    assert set(way_out.taken.values()) == {1}


def test_the_lease_is_a_setting(settings, way_out):
    assert lease_seconds(way_out) == 60
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"lease_seconds": 3.0})
    assert lease_seconds(way_out) == 3


class Listener:
    """Reads what a client sends only when it is told to."""

    def __init__(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.settimeout(30)
        self.began, self.go_on, self.ended = Event(), Event(), Event()
        self.read, self.was_cut_off = 0, False
        Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        with self.server, self.server.accept()[0] as client:
            client.settimeout(30)
            self.read += len(client.recv(1_000))
            self.began.set()
            self.go_on.wait(30)
            try:
                while data := client.recv(1_000_000):
                    self.read += len(data)
            except ConnectionResetError:
                self.was_cut_off = True
        self.ended.set()


def test_a_process_that_is_stopped_amid_a_request_does_not_let_the_rest_leave_later(steady):
    listener, body = Listener(), b"x" * 50_000_000
    connection = HttpConnection(f"http://127.0.0.1:{listener.server.getsockname()[1]}")
    came = []

    def post():
        lease = Lease(LEASE, noted=steady_seconds())
        with suppress(ResponseLost):
            connection.exchange(
                "POST", "/v3/mail/send", body, {}, seconds=LEASE, lease_left=lambda: lease.left
            )
            came.append("an answer")
        came.append("lost")

    posting = Thread(target=post, daemon=True)
    posting.start()
    assert listener.began.wait(30), "the request never began"
    steady.suspend(LEASE)
    listener.go_on.set()
    posting.join(timeout=30)
    assert came == ["lost"]
    assert listener.ended.wait(30)
    assert listener.was_cut_off
    assert listener.read < len(body)


@pytest.mark.django_db(transaction=True)
def test_a_locked_database_is_waited_for_and_the_mailing_goes_on(mailing, way_out):
    refusals = iter(range(3))

    def locked(execute, sql, params, many, context):
        if sql.startswith('UPDATE "newsletter_batch"') and next(refusals, None) is not None:
            raise OperationalError("database is locked")
        return execute(sql, params, many, context)

    def answers_while_it_is_locked(post):
        with connection.execute_wrapper(locked):
            yield RecipientsOutcome(recipients_of(post), Accepted())

    way_out.plan = answers_while_it_is_locked
    send_next_batch()
    mailing.refresh_from_db()
    assert next(refusals, None) is None
    assert mailing.state == Mailing.State.SENDING
    assert count_recipients(mailing) == RecipientCounts(audience=10, waiting=6, accepted=4)
    assert Batch.objects.get(number=1).state == Batch.State.ANSWERED


@pytest.mark.django_db(transaction=True)
def test_a_claim_that_a_locked_database_broke_off_leaves_the_batch_waiting(mailing, way_out):
    Subscription.objects.filter(subscriber__first_name="Ana").delete()
    locked_at = iter(["the skipped", "the batch"])

    def locked(execute, sql, params, many, context):
        is_claimed = (
            Batch.objects.filter(state=Batch.State.POSTING).exists() if sql.startswith("UPDATE") else False
        )
        if is_claimed and next(locked_at, None):
            raise OperationalError("database is locked")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(locked), pytest.raises(OperationalError):
        send_next_batch()
    assert Batch.objects.get(number=1).state == Batch.State.WAITING
    assert way_out.posts == []


@pytest.mark.django_db
def test_inside_a_transaction_there_is_nothing_to_wait_for():
    def fails():
        raise OperationalError("database is locked")

    started = time.monotonic()
    with pytest.raises(OperationalError):
        until_written(fails)
    assert time.monotonic() - started < 5


def test_an_answer_of_the_process_itself_counts_as_no_attempt(mailing, way_out):
    Batch.objects.update(attempts=50)
    way_out.plan = answering(NotSent("stopped", ours=True))
    send_next_batch()
    assert count_recipients(mailing).rejected == 0
