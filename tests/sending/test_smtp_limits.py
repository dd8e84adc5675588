"""What an SMTP server allows is kept to, and what it refuses to everybody is booked on nobody."""

import itertools
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

import pytest

from newsletter.sending.outcomes import Accepted, NotSent, Rejected
from newsletter.sending.posting_lease import Lease
from newsletter.sending.transport import LEASE_OVER
from newsletter.sending.transports.smtp import Smtp
from newsletter.steady_clock import steady_seconds
from tests.fakes.smtp import NONE, FakeSmtp, Trouble
from tests.sending.example_emails import an_email, post_to

SPAM, NOBODY, GREYLISTED = (
    Trouble("text", "554 5.7.1 spam"),
    Trouble("rcpt", "550 5.1.1 no such user"),
    Trouble("rcpt", "451 4.7.1 try again later"),
)


@pytest.fixture
def server():
    with FakeSmtp() as running:
        yield running


@pytest.fixture
def transport_to(opened):
    def make(port, **changes):
        fields = {
            "smtp_host": "127.0.0.1",
            "smtp_port": port,
            "smtp_security": "none",
            "smtp_timeout_seconds": 10,
        }
        return opened(Smtp, **{**fields, **changes})

    return make


@pytest.fixture
def transport(server, transport_to):
    return transport_to(server.port)


def people(count, *, of=""):
    return post_to(*(f"reader{of}{number}@example.org" for number in range(count)))


def given(transport, post):
    answers = {}
    for outcome in transport.deliver(post):
        answers |= dict.fromkeys(outcome.recipients, outcome.answer)
    assert sorted(answers) == [envelope.recipient for envelope in post.envelopes]
    return [answers[number] for number in sorted(answers)]


def test_a_server_that_allows_ten_messages_a_connection_gets_them_from_new_connections(server, transport):
    server.messages_a_connection = 10
    answers = given(transport, people(60))
    assert all(isinstance(answer, Accepted) for answer in answers)
    assert server.inbox.total() == 60
    assert server.connections == 6


def test_threads_wait_for_a_connection_where_the_server_takes_no_more_of_them(server, transport):
    server.connections_at_once = 2
    with ThreadPoolExecutor(4) as threads:
        all_answers = list(threads.map(lambda of: given(transport, people(20, of=of)), "abcd"))
    assert {type(answer) for answers in all_answers for answer in answers} == {Accepted}
    assert server.inbox.total() == 80


def test_a_connection_is_free_for_others_only_once_the_answer_on_it_was_written_down(server, transport):
    """Else a process that dies would leave several people in doubt on one connection."""
    server.connections_at_once = 1
    first = transport.deliver(people(2))
    assert isinstance(next(first).answer, Accepted)
    others = replace(people(1, of="b"), lease=Lease(20.0, noted=steady_seconds()))
    assert [type(answer) for answer in given(transport, others)] == [NotSent]
    assert server.inbox.total() == 1
    assert [type(outcome.answer) for outcome in first] == [Accepted]
    assert [type(answer) for answer in given(transport, people(1, of="b"))] == [Accepted]


def test_a_line_that_the_server_closed_meanwhile_is_opened_again_at_once(server, transport):
    assert given(transport, people(1)) != []
    server.troubles = iter([Trouble("mail")])
    assert [type(answer) for answer in given(transport, people(2))] == [Accepted, Accepted]
    assert server.connections == 2


def test_a_refused_log_in_is_tried_once_for_the_whole_post(server, transport_to):
    server.greeting_trouble = Trouble("auth", "535 5.7.8 no")
    server.offers = ["AUTH PLAIN LOGIN"]
    answers = given(transport_to(server.port, smtp_user="ruth", smtp_password="wrong"), people(20))
    assert all(isinstance(answer, NotSent) and answer.pause for answer in answers)
    assert "The server said: 535: 5.7.8 no." in answers[0].reason
    assert (server.connections, server.log_ins) == (1, 1)


@pytest.mark.parametrize("says", ["454 4.7.0 later", "421 4.3.2 closing"])
def test_a_log_in_that_cannot_be_checked_now_waits_and_pauses_nothing(server, transport_to, says):
    server.greeting_trouble = Trouble("auth", says)
    answers = given(transport_to(server.port, smtp_user="ruth", smtp_password="secret"), people(3))
    assert all(isinstance(answer, NotSent) and answer.patient and not answer.pause for answer in answers)


@pytest.mark.parametrize("says", ["334 not base64!", "334 w"])
def test_a_challenge_that_cannot_be_read_is_no_doubt_about_anybody(server, transport_to, says):
    server.greeting_trouble = Trouble("auth", says)
    server.offers = ["AUTH CRAM-MD5"]
    answers = given(transport_to(server.port, smtp_user="ruth", smtp_password="secret"), people(3))
    assert all(isinstance(answer, Accepted | NotSent) for answer in answers)
    assert server.inbox.total() == sum(isinstance(answer, Accepted) for answer in answers)


def test_a_server_that_refuses_the_message_to_everybody_pauses_the_mailing_and_refuses_nobody(
    server, transport
):
    server.troubles = itertools.repeat(SPAM)
    answers = given(transport, people(20))
    assert all(isinstance(answer, NotSent) and answer.pause for answer in answers)
    assert "554: 5.7.1 spam" in answers[0].reason


def test_a_server_that_turns_against_a_message_half_way_pauses_the_mailing(server, transport):
    server.troubles = itertools.chain([NONE] * 10, itertools.repeat(SPAM))
    answers = given(transport, people(20))
    assert [type(answer) for answer in answers] == [Accepted] * 10 + [NotSent] * 10
    assert all(answer.pause for answer in answers[10:])


def test_one_message_that_is_refused_among_others_is_about_one_person(server, transport):
    server.troubles = iter([NONE, SPAM])
    answers = given(transport, people(10))
    assert [type(answer) for answer in answers] == [Accepted, Rejected] + [Accepted] * 8
    assert not answers[1].personal


def test_unknown_people_are_refused_for_themselves_and_the_others_get_it(server, transport):
    server.troubles = iter([NOBODY, NOBODY, NOBODY, NOBODY])
    answers = given(transport, people(10))
    assert [type(answer) for answer in answers] == [Rejected] * 4 + [Accepted] * 6
    assert all(answer.personal for answer in answers[:4])


def test_a_server_that_knows_nobody_at_all_pauses_the_mailing(server, transport):
    server.troubles = itertools.repeat(NOBODY)
    answers = given(transport, people(20))
    assert all(isinstance(answer, NotSent) and answer.pause for answer in answers)


def test_greylisting_is_about_each_person_however_many_meet_it(server, transport):
    server.troubles = itertools.chain([GREYLISTED] * 20, itertools.repeat(NONE))
    answers = given(transport, people(21))
    assert all(isinstance(answer, NotSent) and not answer.everybody for answer in answers[:20])
    assert isinstance(answers[20], Accepted)


def test_the_same_vague_answer_to_several_in_a_row_lets_the_mailing_wait(server, transport):
    server.troubles = itertools.repeat(Trouble("rcpt", "450 not now"))
    answers = given(transport, people(20))
    assert [answer.everybody for answer in answers] == [False] * 4 + [True] * 16
    assert not any(answer.pause for answer in answers)


def test_a_message_over_the_size_that_the_server_takes_is_said_before_it_is_sent(server, transport):
    server.offers = ["SIZE 100"]
    answers = given(transport, people(2))
    assert all(isinstance(answer, NotSent) and answer.pause for answer in answers)
    assert "The SMTP server accepts at most 100" in answers[0].reason
    assert server.inbox.total() == 0


def test_a_sender_outside_ascii_that_the_server_cannot_take_costs_no_reader_anything(server, transport):
    server.offers = []
    post = replace(people(2), email=an_email(sender_address="zoë@example.org"))
    assert all(isinstance(answer, NotSent) and answer.pause for answer in given(transport, post))


class Dripping(threading.Thread):
    """A server that greets one character at a time, and moves the clock on with each."""

    def __init__(self, steady):
        super().__init__(daemon=True)
        self.steady, self.said = steady, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def run(self):
        connection, _ = self.listener.accept()
        connection.settimeout(0.005)
        with connection, suppress(ConnectionError):
            for _ in range(1_000):
                self.steady.suspend(1)
                connection.sendall(b"2")
                self.said += 1
                with suppress(TimeoutError):
                    if not connection.recv(1):
                        return

    def close(self):
        self.listener.close()


def test_one_deadline_holds_for_all_of_a_greeting_that_drips(transport_to, steady):
    dripping = Dripping(steady)
    dripping.start()
    try:
        answers = given(transport_to(dripping.port, smtp_timeout_seconds=20), people(3))
    finally:
        dripping.close()
    dripping.join(10)
    assert all(isinstance(answer, NotSent) and not answer.pause for answer in answers)
    assert dripping.said < 100


def test_a_handshake_that_outlasts_the_lease_is_followed_by_no_message(server, transport, steady):
    lease = Lease(60.0, noted=steady_seconds())
    real = server.get_request

    def slow():
        steady.suspend(120)
        return real()

    server.get_request = slow
    answers = given(transport, replace(people(3), lease=lease))
    assert server.inbox.total() == 0
    assert all(isinstance(answer, NotSent) for answer in answers)
    assert answers[1] in {answers[0], LEASE_OVER}


def test_a_process_waits_alone_where_others_have_all_the_connections(server, transport_to):
    server.connections_at_once = 1
    with socket.create_connection(("127.0.0.1", server.port)) as other:
        other.recv(100)
        post = replace(people(3), others_go_on=lambda: True, stopping=lambda: server.turned_away > 0)
        answers = given(transport_to(server.port), post)
    assert all(isinstance(answer, NotSent) and answer.ours for answer in answers)


def test_a_server_that_turns_everybody_away_lets_the_mailing_wait(server, transport):
    server.connections_at_once = 0
    answers = given(transport, people(3))
    assert all(isinstance(answer, NotSent) and answer.everybody and not answer.ours for answer in answers)
    assert server.connections == 1
