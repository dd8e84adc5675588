"""What the SMTP transport says of every way in which a message can go, against a real server on a socket."""

import itertools
from email import message_from_bytes
from email import policy as mail_policy

import pytest

from newsletter.environment import Environment
from newsletter.sending.outcomes import Accepted, NotSent, Rejected, Unknown
from newsletter.sending.transports.smtp import Smtp
from tests.fakes.smtp import FakeSmtp, Trouble
from tests.sending.example_emails import an_email, post_to


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
            "smtp_timeout_seconds": 0.5,
            "smtp_reply_timeout_seconds": 0.5,
        }
        return opened(Smtp, **{**fields, **changes})

    return make


@pytest.fixture
def transport(server, transport_to):
    return transport_to(server.port)


def answers(transport, post):
    outcomes = list(transport.deliver(post))
    assert [outcome.recipients for outcome in outcomes] == [[each.recipient] for each in post.envelopes]
    return [outcome.answer for outcome in outcomes]


def answers_by_recipient(transport, post):
    given = {}
    for outcome in transport.deliver(post):
        for recipient in outcome.recipients:
            assert recipient not in given
            given[recipient] = outcome.answer
    assert sorted(given) == [envelope.recipient for envelope in post.envelopes]
    return given


def test_each_recipient_gets_a_message_of_their_own_over_one_connection(server, transport):
    given = answers(transport, post_to("a@example.com", "b@example.com"))
    assert [type(answer) for answer in given] == [Accepted, Accepted]
    assert server.inbox == {"a@example.com": 1, "b@example.com": 1}
    assert server.connections == 1
    message = message_from_bytes(server.messages[0], policy=mail_policy.default)
    assert message["To"] == "Ana <a@example.com>"
    assert message["List-Unsubscribe"] == "<https://example.org/one-click/1>"
    assert given[0] == Accepted(message["Message-ID"])


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        (Trouble("rcpt", "450 greylisted"), NotSent),
        (Trouble("rcpt", "550 no such user"), Rejected),
        (Trouble("rcpt", "552 5.2.2 mailbox full"), NotSent),
        (Trouble("rcpt", "252 cannot verify"), Accepted),
        (Trouble("rcpt"), NotSent),
        (Trouble("data", "452 full"), NotSent),
        (Trouble("data", "554 no"), Rejected),
        (Trouble("data"), NotSent),
        (Trouble("text", "451 later"), NotSent),
        (Trouble("text", "554 spam"), Rejected),
        (Trouble("text", "252 taken", takes=True), Accepted),
        (Trouble("text", "OK queued", takes=True), Unknown),
        (Trouble("text", "354 go on", takes=True), Unknown),
        (Trouble("text", takes=True), Unknown),
        (Trouble("text"), Unknown),
    ],
)
def test_each_trouble_is_the_answer_that_it_deserves_and_the_next_goes(server, transport, trouble, expected):
    server.troubles = iter([trouble])
    given = answers_by_recipient(transport, post_to("a@example.com", "b@example.com"))
    assert type(given[1]) is expected
    assert isinstance(given[2], Accepted)
    assert server.inbox["b@example.com"] == 1
    assert server.out_of_step == []
    if isinstance(given[1], NotSent | Rejected):
        assert server.inbox["a@example.com"] == 0


@pytest.mark.parametrize(
    ("trouble", "pauses"),
    [
        (Trouble("mail", "451 later"), False),
        (Trouble("mail", "452 4.5.3 hourly limit"), False),
        (Trouble("mail", "421 busy"), False),
        (Trouble("mail"), False),
        (Trouble("mail", "hang"), False),
        (Trouble("rcpt", "421 closing"), False),
        (Trouble("rcpt", "450 4.7.1 rate limit exceeded"), False),
        (Trouble("mail", "550 5.7.1 sender not allowed"), True),
        (Trouble("mail", "530 log in first"), True),
        (Trouble("mail", "552 too big"), True),
        (Trouble("rcpt", "530 5.7.0 log in first"), True),
        (Trouble("data", "421 closing"), False),
        (Trouble("text", "421 closing"), False),
    ],
)
def test_what_is_not_about_a_person_ends_the_post_and_is_booked_on_nobody(server, transport, trouble, pauses):
    server.troubles = itertools.repeat(trouble)
    given = answers_by_recipient(transport, post_to("a@example.com", "b@example.com", "c@example.com"))
    assert {type(answer) for answer in given.values()} == {NotSent}
    assert all(answer.pause is pauses and answer.everybody for answer in given.values())
    assert trouble.says.partition(" ")[2] in given[1].reason or not trouble.says.startswith(("4", "5"))
    assert server.inbox.total() == 0
    assert server.connections == 1


def test_a_silent_server_leaves_one_person_in_doubt_and_ends_the_post(server, transport):
    server.troubles = itertools.repeat(Trouble("text", "hang", takes=True))
    given = answers_by_recipient(transport, post_to("a@example.com", "b@example.com", "c@example.com"))
    assert [type(given[number]) for number in (1, 2, 3)] == [Unknown, NotSent, NotSent]
    assert given[2].ours
    assert server.inbox == {"a@example.com": 1}


def test_a_server_that_is_not_there_means_that_nothing_left(transport_to):
    with FakeSmtp() as gone:
        port = gone.port
    (answer,) = answers(transport_to(port), post_to("a@example.com"))
    assert isinstance(answer, NotSent)


def test_a_wrong_password_pauses_and_says_what_to_check(server, transport_to):
    server.greeting_trouble = Trouble("auth", "535 no")
    transport = transport_to(server.port, smtp_user="press", smtp_password="wrong")
    (answer,) = answers(transport, post_to("a@example.com"))
    assert answer.pause
    assert "NEWSLETTER_SMTP_USER" in answer.reason
    assert "wrong" not in answer.reason


def test_a_password_is_never_said_without_protection_that_was_asked_for(server, transport_to):
    transport = transport_to(server.port, smtp_security="starttls", smtp_user="press", smtp_password="secret")
    (answer,) = answers(transport, post_to("a@example.com"))
    assert isinstance(answer, NotSent)
    assert server.inbox == {}


def test_an_address_in_unicode_goes_where_the_server_takes_it(server, transport):
    (answer,) = answers(transport, post_to("jörg@bücher.example"))
    assert isinstance(answer, Accepted)
    assert server.inbox == {"jörg@xn--bcher-kva.example": 1}


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("ada@faß.de", "ada@xn--fa-hia.de"),
        ("ada@ευχαριστίας.gr", "ada@xn--kxadbnv1ckfjfw.gr"),
        ("ada@Straße。example", "ada@xn--strae-oqa.example"),
    ],
)
def test_mail_goes_to_the_domain_itself_and_not_to_one_that_looks_like_it(server, transport, given, meant):
    email = an_email(sender_address="news@straße.example", reply_to="hello@faß.de")
    (answer,) = answers(transport, post_to(given, email=email))
    assert isinstance(answer, Accepted)
    assert server.inbox == {meant: 1}
    assert server.senders == ["news@xn--strae-oqa.example"]
    message = message_from_bytes(server.messages[0])
    assert message["Message-ID"].endswith("@xn--strae-oqa.example>")
    assert message["From"].endswith("<news@xn--strae-oqa.example>")
    assert message["To"].endswith(f"<{meant}>")
    assert message["Reply-To"] == "hello@xn--fa-hia.de"


def test_the_name_of_the_server_is_read_by_idna_2008():
    assert (
        Environment(_env_file=None, smtp_host="mail.straße.example").smtp_host == "mail.xn--strae-oqa.example"
    )


def test_an_address_in_unicode_is_refused_where_the_server_does_not(server, transport):
    server.offers = ["AUTH PLAIN"]
    (answer,) = answers(transport, post_to("jörg@example.com"))
    assert isinstance(answer, Rejected)


def test_a_mailing_says_what_failed_and_not_that_the_server_was_not_reached(server, transport_to):
    [answer] = answers(transport_to(server.port, smtp_security="starttls"), post_to("a@example.com"))
    assert isinstance(answer, NotSent)
    assert answer.reason.startswith(
        "We reached the SMTP server, but it does not offer STARTTLS. Set NEWSLETTER_SMTP_SECURITY"
    )


@pytest.mark.parametrize("name", ["news.example.org", "[192.0.2.1]", "[IPv6:2001:db8::1]"])
def test_the_name_in_ehlo_is_the_one_that_was_set(server, transport_to, name):
    answers(transport_to(server.port, smtp_ehlo_name=name), post_to("a@example.com"))
    assert server.greeted_by == [name]


@pytest.mark.parametrize("name", ["two words", "a\r\nMAIL FROM:<x@y>", "-a.example", "[192.0.2.1", "a" * 300])
def test_a_name_for_ehlo_that_is_not_one_is_refused(name):
    with pytest.raises(ValueError, match="host name"):
        Environment(_env_file=None, smtp_ehlo_name=name)
