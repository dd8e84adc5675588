"""What each answer of an SMTP server means: all stages, all codes, and connections that break, on real sockets."""

from dataclasses import replace

import pytest

from newsletter.environment import Environment
from newsletter.sending.outcomes import Accepted, NotSent, Rejected, Unknown
from newsletter.sending.transports.smtp import Smtp
from newsletter.sending.transports.smtp_replies import About, Reply, Result, Stage, meaning
from tests.fakes.certificate import certificate_for, server_context
from tests.fakes.smtp import NONE, FakeSmtp, Trouble
from tests.sending.example_emails import post_to

CODES = range(600)
SOME_CODES = (0, 99, 100, 200, 250, 252, 299, 300, 354, 399, 421, 450, 452, 500, 503, 530, 550, 552, 554, 599)
OF_A_CONNECTION, OF_A_MESSAGE = ("greeting", "ehlo", "starttls", "auth"), ("mail", "rcpt", "data", "text")
UNREADABLE = ("OK queued", "4", "5500 no", "\x00\x01")


@pytest.fixture
def server(tmp_path, monkeypatch):
    path = certificate_for("localhost", tmp_path / "certificate.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with FakeSmtp() as running:
        running.tls = server_context(path)
        yield running


def digit_of(says):
    """The first digit of a reply that can be read, else nothing."""
    return says[0] if says[:3].isdecimal() and says[3:4] == " " and says[0] in "12345" else ""


def came_of(server, stage, says, *, cuts=False):
    """What each of three people got when the server said this once, at a stage, to the second of them."""
    trouble = Trouble(stage, "" if cuts else says, takes=stage == "text" and digit_of(says) not in {"4", "5"})
    server.inbox.clear()
    server.out_of_step.clear()
    server.greeting_trouble = trouble if stage in OF_A_CONNECTION else NONE
    server.troubles = iter([NONE, trouble] if stage in OF_A_MESSAGE else [])
    server.offers = ["AUTH PLAIN", *(["STARTTLS"] if stage == "starttls" else [])]
    transport = Smtp(
        Environment(
            _env_file=None,
            smtp_host="localhost",
            smtp_port=server.port,
            smtp_security="starttls" if stage == "starttls" else "none",
            smtp_user="ruth" if stage == "auth" else "",
            smtp_password="secret",
            smtp_timeout_seconds=5,
            smtp_reply_timeout_seconds=5,
        )
    )
    post = replace(post_to("a@example.com", "b@example.com", "c@example.com"), others_got_it=True)
    given = {}
    for outcome in transport.deliver(post):
        for recipient in outcome.recipients:
            assert recipient not in given
            given[recipient] = outcome.answer
    transport.close()
    return given[1], given[2], given[3]


def check(server, stage, says, *, cuts=False):
    first, second, third = came_of(server, stage, says, cuts=cuts)
    digit = digit_of(says)
    assert server.out_of_step == []
    assert server.inbox.total() == sum(
        isinstance(answer, Accepted) or (isinstance(answer, Unknown) and answer is second)
        for answer in (first, second, third)
    )
    if stage in OF_A_CONNECTION:
        assert len({type(answer) for answer in (first, second, third)}) == 1
        goes_on = digit == "2" or (stage == "ehlo" and digit == "5")
        assert isinstance(first, Accepted if goes_on else NotSent)
        return
    assert isinstance(first, Accepted)
    positive = "3" if stage == "data" else "2"
    if digit == positive and not cuts:
        assert isinstance(second, Accepted)
    elif stage == "text" and (cuts or digit not in {"4", "5"}):
        assert isinstance(second, Unknown)
    elif digit == "5" and not cuts:
        assert isinstance(second, NotSent | (Accepted if says.startswith("503") else Rejected))
        assert stage != "mail" or not isinstance(second, Rejected)
    else:
        assert isinstance(second, Accepted if stage == "mail" else NotSent)
    if isinstance(second, NotSent) and second.everybody:
        assert third == second
    else:
        assert isinstance(third, Accepted)


@pytest.mark.parametrize("stage", [*OF_A_CONNECTION, *OF_A_MESSAGE])
def test_some_codes_at_every_stage_mean_what_their_first_digit_says(server, stage):
    for code in SOME_CODES:
        check(server, stage, f"{code:03} words")


@pytest.mark.full
@pytest.mark.parametrize("stage", [*OF_A_CONNECTION, *OF_A_MESSAGE])
def test_every_code_at_every_stage_means_what_its_first_digit_says(server, stage):
    for code in CODES:
        if (stage, code) == ("auth", 334):
            continue  # it asks for more
        check(server, stage, f"{code:03} words")


@pytest.mark.parametrize("stage", [*OF_A_CONNECTION, *OF_A_MESSAGE])
def test_what_cannot_be_read_and_what_breaks_is_in_doubt_after_the_dot_alone(server, stage):
    for says in UNREADABLE:
        check(server, stage, says)
    check(server, stage, "", cuts=True)


@pytest.mark.parametrize(
    ("stage", "reply", "result", "about"),
    [
        (Stage.GREETING, Reply(421, "busy"), Result.LATER, About.SERVER),
        (Stage.GREETING, Reply(554, "no"), Result.REJECTED, About.ACCOUNT),
        (Stage.AUTH, Reply(454, "4.7.0 later"), Result.LATER, About.SERVER),
        (Stage.AUTH, Reply(535, "5.7.8 wrong"), Result.REJECTED, About.ACCOUNT),
        (Stage.MAIL, Reply(452, "4.5.3 hourly limit"), Result.LATER, About.SERVER),
        (Stage.MAIL, Reply(550, "5.7.1 not yours"), Result.REJECTED, About.ACCOUNT),
        (Stage.MAIL, Reply(552, "5.3.4 too big"), Result.REJECTED, About.MESSAGE),
        (Stage.RCPT, Reply(450, "4.2.0 greylisted"), Result.LATER, About.PERSON),
        (Stage.RCPT, Reply(451, "4.7.1 try again later"), Result.LATER, About.PERSON),
        (Stage.RCPT, Reply(452, "4.2.2 mailbox over quota limit"), Result.LATER, About.PERSON),
        (Stage.RCPT, Reply(451, "4.3.2 not now"), Result.LATER, About.SERVER),
        (Stage.RCPT, Reply(450, "too many messages per hour"), Result.LATER, About.SERVER),
        (Stage.RCPT, Reply(552, "too much"), Result.LATER, About.PERSON),
        (Stage.RCPT, Reply(550, "5.1.1 no such user"), Result.REJECTED, About.PERSON),
        (Stage.RCPT, Reply(550, "5.1.8 bad sender"), Result.REJECTED, About.ACCOUNT),
        (Stage.RCPT, Reply(530, "5.7.0 log in"), Result.REJECTED, About.ACCOUNT),
        (Stage.DATA, Reply(554, "no"), Result.REJECTED, About.MESSAGE),
        (Stage.DOT, Reply(554, "5.7.1 spam"), Result.REJECTED, About.MESSAGE),
        (Stage.DOT, Reply(552, "5.2.2 mailbox full"), Result.REJECTED, About.PERSON),
        (Stage.DOT, Reply(451, "4.3.0 later"), Result.LATER, About.SERVER),
        (Stage.DOT, Reply(), Result.UNCLEAR, About.SERVER),
    ],
)
def test_the_table_tells_what_a_reply_is_about(stage, reply, result, about):
    means = meaning(stage, reply)
    assert (means.result, means.about) == (result, about)


def test_what_the_server_said_is_kept_without_addresses():
    reply = Reply(550, "5.1.1 <ada@example.org>: user\r\nunknown " + "x" * 500)
    assert str(reply).startswith("550: 5.1.1 <(address)>: user unknown")
    assert "@" not in str(reply)
    assert len(str(reply)) < 130


def test_what_was_said_before_tls_began_is_never_believed(server):
    given = came_of(server, "starttls", "220 go on\r\n250 smuggled")
    assert {type(answer) for answer in given} == {NotSent}
    assert server.inbox.total() == 0


@pytest.mark.parametrize(
    ("stage", "says", "expected"),
    [
        ("rcpt", "250 ok\r\n354 early", NotSent),
        ("data", "354 go on\r\n250 early", NotSent),
        ("text", "250 taken\r\n250 again", Accepted),
        ("text", "250 taken\r\n554 after all", Accepted),
    ],
)
def test_a_reply_that_came_before_it_was_asked_for_is_taken_for_nothing(server, stage, says, expected):
    first, second, third = came_of(server, stage, says)
    assert (type(first), type(second), type(third)) == (Accepted, expected, Accepted)
    assert server.inbox.total() == (3 if expected is Accepted else 2)
    assert server.out_of_step == []
