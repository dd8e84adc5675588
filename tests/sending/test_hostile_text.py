"""Names, subjects and titles at their worst: a message has exactly the headers that it should, and our body."""

import mailbox
import re
from email import message_from_bytes
from email.policy import default

import orjson
import pytest

from newsletter.environment import Environment
from newsletter.rendering.merge_tags import fill_tags
from newsletter.sending.build_message import build_message
from newsletter.sending.outcomes import Accepted, NotSent, Rejected
from newsletter.sending.transports.maildir import MaildirTransport
from newsletter.sending.transports.sendgrid import SendGrid
from newsletter.sending.transports.smtp import Smtp
from subscribers.clean_text import on_one_line, why_not_one_line
from subscribers.encode_headers import list_id_value
from subscribers.mail_message import AsWritten
from tests import full
from tests.fakes.sendgrid import FakeSendGrid
from tests.fakes.smtp import FakeSmtp
from tests.hostile_text import INJECTIONS, a_hostile_text, dice
from tests.sending.example_emails import NOW, an_email, post_to

LIST_HEADERS = ["List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"]
OURS = ["Content-Language", "Content-Type", "Date", "Feedback-ID", "From", "MIME-Version", "Message-ID"]
HEADERS = sorted([*OURS, *LIST_HEADERS, "Reply-To", "Subject", "To"])
PEOPLE_A_POST = 25
HOW_MANY = [200, pytest.param(full.share_of(10_000), marks=pytest.mark.full)]


def posts(how_many):
    """Posts of letters and to people, every text of which is hostile; each injection stands alone in some."""
    random = dice()
    texts = [*INJECTIONS, *(a_hostile_text(random) for _ in range(how_many - len(INJECTIONS)))]
    for start in range(0, how_many, PEOPLE_A_POST):
        names = texts[start : start + PEOPLE_A_POST]
        one, two, three = random.choice(names), random.choice(names), random.choice(names)
        email = an_email(
            subject=f"{one}=*|FIRST_NAME_TEXT|**|FIRST_NAME_TEXT|*?{two}",
            sender_name=two,
            list_id=list_id_value(on_one_line(three), "harbour.example.org"),
            first_name_fallback=one,
            headers={"Feedback-ID": three[:100], "To": one, "Bcc": "victim@example.org"},
            language=two[:35],
        )
        post = post_to(*(f"r{number}@example.org" for number in range(len(names))), email=email)
        envelopes = [
            envelope._replace(name=name, person=envelope.person._replace(first_name=name))
            for envelope, name in zip(post.envelopes, names, strict=True)
        ]
        yield post_with(post, envelopes)


def post_with(post, envelopes):
    return type(post)(trace=post.trace, email=post.email, envelopes=envelopes)


def assert_ours(data, post, envelope, *, linesep=b"\r\n"):
    """Judge the bytes of a message, line by line and as Python's oldest parser reads them."""
    assert data.isascii()
    assert re.search(rb"\r(?!\n)|(?<!\r)\n" if linesep == b"\r\n" else rb"\r", data) is None
    head, _, _ = data.partition(linesep * 2)
    lines = head.split(linesep)
    assert sorted(line.partition(b":")[0].decode() for line in lines if line[:1] != b" ") == HEADERS, (
        full.SEED
    )
    assert all(line.strip() and len(line) <= 998 for line in lines)
    assert all(
        len(line) <= 78 for line in lines if not line.startswith((b"List-Unsubscribe", b"Feedback-ID"))
    )
    message = message_from_bytes(data)
    assert sorted(message.keys()) == HEADERS
    assert message.defects == []
    text, html = message.get_payload()
    ours = fill_tags(post.email, envelope.person)
    for part, body in ((text, ours.text), (html, ours.html)):
        assert sorted(part.keys()) == ["Content-Transfer-Encoding", "Content-Type"]
        assert part.get_payload(decode=True).decode().rstrip("\r\n") == body.rstrip("\n")
    # A reader that decodes and parses in the other order finds one sender and one recipient as well.
    newer = message_from_bytes(data, policy=default)
    assert [each.addr_spec for each in newer["From"].addresses] == ["news@example.org"]
    assert [each.addr_spec for each in newer["To"].addresses] == [envelope.address]


@pytest.mark.parametrize("how_many", HOW_MANY)
def test_no_text_becomes_a_header_or_a_body_in_a_maildir(how_many, tmp_path):
    for number, post in enumerate(posts(how_many)):
        outbox = MaildirTransport(tmp_path / str(number))
        (outcome,) = [each for each in outbox.deliver(post) if each.recipients]
        assert isinstance(outcome.answer, Accepted)
        assert len(outcome.recipients) == len(post.envelopes)
        by_number = {envelope.recipient: envelope for envelope in post.envelopes}
        for path in (outbox.folder / "new").iterdir():
            envelope = by_number.pop(int(path.name.rpartition("R")[2]))
            assert_ours(path.read_bytes(), post, envelope, linesep=b"\n")
        assert by_number == {}


@pytest.mark.parametrize("how_many", HOW_MANY)
def test_no_text_becomes_a_header_a_body_or_a_command_on_the_wire(how_many):
    with FakeSmtp() as server:
        transport = Smtp(
            Environment(
                _env_file=None,
                smtp_host="127.0.0.1",
                smtp_port=server.port,
                smtp_security="none",
                smtp_timeout_seconds=30,
            )
        )
        for post in posts(how_many):
            outcomes = list(transport.deliver(post))
            assert {type(outcome.answer) for outcome in outcomes} == {Accepted}
            assert len(server.messages) == len(post.envelopes)
            for envelope, data in zip(post.envelopes, server.messages, strict=True):
                assert data.endswith(b"\r\n.\r\n")
                assert_ours(re.sub(rb"(?m)^\.\.", b".", data[:-3]), post, envelope)
            assert set(server.inbox) == {envelope.address for envelope in post.envelopes}
            server.messages.clear()
            server.inbox.clear()
        transport.close()


@pytest.mark.parametrize("how_many", HOW_MANY)
def test_no_text_in_a_request_can_become_a_header_at_sendgrid(how_many):
    with FakeSendGrid() as server:
        transport = SendGrid(
            Environment(
                _env_file=None,
                sendgrid_host=server.url,
                SENDGRID_API_KEY="SG.key",
                sendgrid_timeout_seconds=30,
            )
        )
        for post in posts(how_many):
            (outcome,) = transport.deliver(post)
            assert isinstance(outcome.answer, Accepted)
            request = server.requests[-1]
            assert sorted(request["headers"]) == ["Content-Language", "Feedback-ID", "List-Id"]
            assert_fit_for_headers(request["headers"].values())
            assert_inert(request["from"].get("name", ""))
            for person in request["personalizations"]:
                assert_inert(person["to"][0].get("name", ""))
                assert set(person["to"][0].get("name", "")).isdisjoint('";,<>@')
                assert sorted(person["headers"]) == ["List-Unsubscribe", "List-Unsubscribe-Post"]
                assert_fit_for_headers(person["headers"].values())
                subject = request["subject"]
                for tag, value in person["substitutions"].items():
                    subject = subject.replace(tag, value)
                assert_inert(subject)
                assert "<" not in person["substitutions"]["*|FIRST_NAME|*"]
        transport.close()


def assert_inert(text):
    assert why_not_one_line(text) == ""
    assert "=?" not in text, full.SEED


def assert_fit_for_headers(values):
    for value in values:
        assert value.isascii()
        assert value.isprintable()


@pytest.fixture
def newer_python(monkeypatch):
    """Python with the mend of CVE-2024-6923, by which a header that could be read as two is not written."""
    from email import errors, generator

    refusal = getattr(errors, "HeaderWriteError", None) or type(
        "HeaderWriteError", (errors.MessageError,), {}
    )
    seam = re.compile(rb"\r\n[^ \t]|\r[^ \n\t]|\n[^ \t]")
    refused = []

    def write_headers(self, message):
        end = self.policy.linesep.encode()
        for name, value in message.raw_items():
            folded = self.policy.fold_binary(name, value)
            if not folded.endswith(end) or seam.search(folded.removesuffix(end)) or self.refuses(folded):
                refused.append(name)
                raise refusal(name)
            self._fp.write(folded)
        self.write(self._NL)

    monkeypatch.setattr(generator.BytesGenerator, "_write_headers", write_headers)
    monkeypatch.setattr(generator.BytesGenerator, "refuses", lambda self, folded: False, raising=False)
    return refused


def test_a_python_that_checks_headers_finds_nothing_to_refuse(newer_python):
    for post in posts(100):
        for envelope in post.envelopes:
            message = build_message(post.email, envelope, message_id="<1.2@example.org>", date=NOW)
            assert message.as_bytes()
    assert newer_python == []


def test_an_encoded_word_in_any_place_stays_what_was_typed(tmp_path):
    """The names, subject and title that once became headers, one reader's each."""
    outbox = MaildirTransport(tmp_path)
    typed = "=?utf-8?b?eA0KUmVwbHktVG86ZUBldmlsLmlvDQoNCmh0dHA6Ly9ldmlsLmlv?="
    email = an_email(subject=f"{typed} *|FIRST_NAME_TEXT|*", sender_name=typed)
    list(outbox.deliver(post_to("ana@example.org", name=typed, email=email)))
    (message,) = [message_from_bytes(each.as_bytes()) for each in mailbox.Maildir(tmp_path)]
    assert message.get_all("Reply-To") == ["hello@example.org"]
    assert orjson.dumps(message.as_string()).count(b"evil") == 0


BAD = "a@" + "x" * 70 + ".org"


def answers(transport, post):
    found = {}
    for outcome in transport.deliver(post):
        for recipient in outcome.recipients:
            assert recipient not in found
            found[recipient] = outcome.answer
    return [found[envelope.recipient] for envelope in post.envelopes]


@pytest.fixture(params=["maildir", "smtp", "sendgrid"])
def transport(request, tmp_path):
    """Each transport in turn, its server listening."""
    with FakeSmtp() as mail_server, FakeSendGrid() as sendgrid:
        environment = Environment(
            _env_file=None,
            smtp_host="127.0.0.1",
            smtp_port=mail_server.port,
            smtp_security="none",
            smtp_timeout_seconds=30,
            sendgrid_host=sendgrid.url,
            SENDGRID_API_KEY="SG.key",
            sendgrid_timeout_seconds=30,
        )
        made = {"maildir": lambda: MaildirTransport(tmp_path / "outbox")}
        made |= {"smtp": lambda: Smtp(environment), "sendgrid": lambda: SendGrid(environment)}
        chosen = made[request.param]()
        yield chosen
        chosen.close()


@pytest.mark.parametrize("address", [BAD, "=?utf-8?q?x?=@example.org", "b\r\nBcc: x@example.org", "b@"])
def test_a_message_that_cannot_be_built_costs_one_person(transport, address):
    post = post_to("ana@example.org", address, "cem@example.org")
    assert transport.max_envelopes(post) >= 1
    first, second, third = answers(transport, post)
    assert (type(first), type(second), type(third)) == (Accepted, Rejected, Accepted)
    assert "Correct" in second.reason
    assert address not in second.reason


def test_a_link_that_cannot_be_a_link_costs_one_person(transport):
    post = post_to("ana@example.org", "ben@example.org")
    broken = post.envelopes[0]._replace(
        person=post.envelopes[0].person._replace(unsubscribe_url="javascript:x")
    )
    first, second = answers(transport, post_with(post, [broken, post.envelopes[1]]))
    assert (type(first), type(second)) == (Rejected, Accepted)


@pytest.mark.parametrize(
    "fault",
    [
        {"sender_address": "news@" + "x" * 70 + ".org"},
        {"headers": {"X-Own\r\nBcc": "x"}},
        {"reply_to": "nobody"},
    ],
)
def test_a_letter_that_cannot_be_built_costs_nobody_their_place(transport, fault):
    post = post_to("ana@example.org", "ben@example.org", email=an_email(**fault))
    assert transport.max_envelopes(post) >= 1
    for answer in answers(transport, post):
        assert isinstance(answer, NotSent)
        assert answer.pause
        assert "issue" in answer.reason


def test_sendgrid_is_not_given_an_address_that_would_cost_the_others_theirs():
    with FakeSendGrid() as server:
        transport = SendGrid(
            Environment(
                _env_file=None,
                sendgrid_host=server.url,
                SENDGRID_API_KEY="SG.key",
                sendgrid_timeout_seconds=30,
            )
        )
        first, second = answers(transport, post_to("zoë@example.org", "ben@example.org"))
        transport.close()
        assert (type(first), type(second)) == (Rejected, Accepted)
        assert server.accepted() == {"ben@example.org": 1}


@pytest.mark.parametrize("kind", ["maildir", "smtp"])
def test_a_header_that_cannot_be_written_costs_one_person(monkeypatch, kind, tmp_path):
    from email.errors import MessageError

    real = AsWritten.fold_binary

    def refuses(self, name, value):
        if "ben@" in value:
            raise MessageError(name)
        return real(self, name, value)

    monkeypatch.setattr(AsWritten, "fold_binary", refuses)
    with FakeSmtp() as server:
        environment = Environment(
            _env_file=None,
            smtp_host="127.0.0.1",
            smtp_port=server.port,
            smtp_security="none",
            smtp_timeout_seconds=30,
        )
        transport = Smtp(environment) if kind == "smtp" else MaildirTransport(tmp_path)
        given = answers(transport, post_to("ana@example.org", "ben@example.org", "cem@example.org"))
        transport.close()
    assert [type(answer) for answer in given] == [Accepted, Rejected, Accepted]
