"""What the SendGrid transport says of every way in which a request can go, against a real server on a socket."""

import time
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import orjson
import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from newsletter.environment import Environment
from newsletter.sending.outcomes import (
    Accepted,
    EvidenceUnavailable,
    NoTrace,
    NotSent,
    Rejected,
    RejectedWhole,
    Unknown,
)
from newsletter.sending.transport import BatchReference, Post
from newsletter.sending.transports import sendgrid as sendgrid_module
from newsletter.sending.transports import sendgrid_request
from newsletter.sending.transports.sendgrid import SendGrid
from newsletter.sending.transports.sendgrid_answer import answer_of
from newsletter.sending.transports.sendgrid_request import request_of
from tests.fakes import sendgrid as fake
from tests.fakes.mail_send import faults_in
from tests.fakes.sendgrid import FakeSendGrid, status
from tests.sending.example_emails import NOW, an_email, post_to


@pytest.fixture
def server():
    with FakeSendGrid() as running:
        yield running


@pytest.fixture
def transport_to(opened):
    def make(url, **changes):
        fields = {"sendgrid_host": url, "SENDGRID_API_KEY": "SG.key", "sendgrid_timeout_seconds": 0.5}
        return opened(SendGrid, **{**fields, **changes})

    return make


@pytest.fixture
def transport(server, transport_to):
    return transport_to(server.url)


def only_answer(transport, post):
    (outcome,) = transport.deliver(post)
    assert list(outcome.recipients) == [envelope.recipient for envelope in post.envelopes]
    return outcome.answer


def test_an_accepted_batch_has_sendgrids_name(server, transport):
    answer = only_answer(transport, post_to("a@example.com", "b@example.com"))
    assert answer == Accepted("message-1")
    assert server.accepted() == {"a@example.com": 1, "b@example.com": 1}
    assert server.keys == {"Bearer SG.key"}


def test_sendgrid_is_given_the_domain_itself_and_not_one_that_looks_like_it(server, transport):
    email = an_email(sender_address="news@straße.example", reply_to="hello@faß.de")
    assert only_answer(transport, post_to("ada@faß.de", email=email)) == Accepted("message-1")
    assert server.accepted() == {"ada@xn--fa-hia.de": 1}
    request = request_of(post_to("ada@faß.de", email=email), [], Environment(_env_file=None))
    assert request["from"]["email"] == "news@xn--strae-oqa.example"
    assert request["reply_to"]["email"] == "hello@xn--fa-hia.de"


def test_no_log_has_the_letter_or_an_address(transport, caplog):
    caplog.set_level("DEBUG")
    only_answer(transport, post_to("a@example.com"))
    assert "a@example.com" not in caplog.text
    assert "SG.key" not in caplog.text


def test_connections_are_kept(server, transport):
    for _ in range(5):
        only_answer(transport, post_to("a@example.com"))
    assert server.connections == 1


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (status(400), RejectedWhole),
        (status(404), NotSent),
        (status(408), NotSent),
        (status(422), NotSent),
        (status(413), RejectedWhole),
        (status(401), NotSent),
        (status(403), NotSent),
        (status(429), NotSent),
        (status(500), Unknown),
        (status(500, takes=True), Unknown),
        (status(502), Unknown),
        (status(503), Unknown),
        (status(200), Unknown),
        (status(301, headers=[("Location", "/v3/elsewhere")]), Unknown),
        (status(303, headers=[("Location", "/v3/elsewhere")]), Unknown),
        (status(307, headers=[("Location", "/v3/elsewhere")]), Unknown),
        (fake.CUT_BEFORE_READING, Unknown),
        (fake.CUT_AFTER_TAKING, Unknown),
        (fake.CUT_WITHOUT_TAKING, Unknown),
        (fake.CUT_ANSWER, Unknown),
        (fake.HANG_AFTER_TAKING, Unknown),
        (fake.HANG_WITHOUT_TAKING, Unknown),
        (fake.DRIP, Unknown),
    ],
)
def test_each_fault_is_the_answer_that_it_deserves(server, transport, fault, expected):
    server.faults = iter([fault])
    answer = only_answer(transport, post_to("a@example.com"))
    assert type(answer) is expected
    # Whoever surely did not get it has nothing; whoever has it is accepted or unknown.
    if isinstance(answer, NotSent | RejectedWhole):
        assert server.accepted() == {}
    assert [path for _method, path in server.paths] == ["/v3/mail/send"]


def test_after_a_fault_the_next_batch_goes_on_a_new_connection(server, transport):
    server.faults = iter([fake.CUT_AFTER_TAKING])
    assert isinstance(only_answer(transport, post_to("a@example.com")), Unknown)
    assert isinstance(only_answer(transport, post_to("b@example.com")), Accepted)


def test_a_connection_that_was_closed_while_idle_costs_nothing(server, transport):
    server.faults = iter([fake.HANG_UP_AFTERWARDS])
    assert isinstance(only_answer(transport, post_to("a@example.com")), Accepted)
    assert server.hung_up.wait(5)
    assert isinstance(only_answer(transport, post_to("b@example.com")), Accepted)
    assert server.connections == 2


def test_a_dripping_answer_does_not_outlast_the_deadline(server, transport):
    server.faults = iter([fake.DRIP])
    started = time.monotonic()
    only_answer(transport, post_to("a@example.com"))
    assert time.monotonic() - started < 2


def test_nobody_listening_means_that_nothing_left(transport_to):
    with FakeSendGrid() as gone:
        url = gone.url
    assert isinstance(only_answer(transport_to(url), post_to("a@example.com")), NotSent)


def test_a_wrong_key_pauses_and_says_what_to_check(server, transport):
    server.faults = iter(
        [status(401, message="The provided authorization grant is invalid for a@example.com")]
    )
    answer = only_answer(transport, post_to("a@example.com"))
    assert answer.pause
    assert "SENDGRID_API_KEY" in answer.reason
    assert "a@example.com" not in answer.reason


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "17"}, 17),
        ({"X-RateLimit-Reset": str(int(NOW.timestamp()) + 42)}, 42),
        ({"X-RateLimit-Reset": str(int(NOW.timestamp()) - 42)}, 0),
        ({"Retry-After": "soon"}, 0),
        ({}, 0),
        ({"Retry-After": "999999"}, 3600),
    ],
)
@pytest.mark.parametrize("code", [429, 503])
def test_it_waits_as_it_is_told(code, headers, seconds):
    with time_machine.travel(NOW, tick=False):
        assert answer_of(code, headers, b"").retry_after == seconds


def test_the_sandbox_is_no_acceptance_unless_it_was_asked_for(server, transport_to):
    server.faults = iter([status(200), status(200)])
    assert isinstance(only_answer(transport_to(server.url), post_to("a@example.com")), Unknown)
    asked = transport_to(server.url, sendgrid_sandbox=True)
    assert isinstance(only_answer(asked, post_to("a@example.com")), Accepted)
    assert server.requests[-1]["mail_settings"] == {"sandbox_mode": {"enable": True}}


def test_the_request_is_as_the_reference_asks(server, transport):
    only_answer(transport, post_to("a@example.com", name="Ana; Maria, the 2nd"))
    (request,) = server.requests
    assert [part["type"] for part in request["content"]] == ["text/plain", "text/html"]
    assert request["from"] == {"email": "news@example.org", "name": "Elusen Llyr Wales"}
    assert request["reply_to"] == {"email": "hello@example.org"}
    assert request["headers"]["List-Id"] == "Harbour <harbour.example.org>"
    assert request["headers"]["Content-Language"] == "en-GB"
    assert request["tracking_settings"]["subscription_tracking"] == {"enable": False}
    assert "custom_args" not in request
    (person,) = request["personalizations"]
    assert person["to"] == [{"email": "a@example.com", "name": "Ana Maria the 2nd"}]
    assert person["headers"]["List-Unsubscribe"] == "<https://example.org/one-click/1>"
    assert person["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert all(isinstance(value, str) for value in person["custom_args"].values())
    assert all(name.startswith("press_") for name in person["custom_args"])
    assert all(isinstance(value, str) for value in person["substitutions"].values())
    assert "a@example.com" not in repr([request["categories"], person["custom_args"]])


@given(st.text(max_size=90), st.text(alphabet="!&'\"<~;,|*\u2028é", max_size=300), st.integers(1, 2**63))
def test_no_person_makes_a_request_that_sendgrid_would_refuse(name, word, number):
    post = post_to(*(f"{each}@example.com" for each in range(3)), name=name)
    first = post.envelopes[0]._replace(
        recipient=number, headers={"List-Unsubscribe": f"<https://e.org/{word}>"}
    )
    post = replace(post, envelopes=[first, *post.envelopes[1:]])
    people = list(map(sendgrid_request.personalizer(post), post.envelopes))
    assert faults_in(orjson.loads(orjson.dumps(request_of(post, people, Environment(_env_file=None))))) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"personalizations": []}, "it needs between 1 and 1,000 people"),
        ({"personalizations": [{"to": [{"email": "a@example.com"}]}] * 2}, "it needs nobody twice"),
        ({"personalizations": [{"headers": {}}]}, "request.personalizations[0] has no to"),
        ({"subject": ""}, "it needs a subject and content"),
        ({"send_when": 3}, "request may not have send_when"),
        ({"categories": ["a", 7]}, "request.categories[1] is no str"),
        ({"categories": ["a"] * 2}, "it needs at most 10 categories, each once"),
    ],
)
def test_the_fake_refuses_what_sendgrid_would(server, transport, change, fault):
    only_answer(transport, post_to("a@example.com"))
    assert faults_in(server.requests[0]) == []
    assert faults_in({**server.requests[0], **change}) == [fault]


def test_categories_keep_their_length():
    long = BatchReference(
        mailing=uuid.UUID(int=7), batch=3, attempt=1, publication="p" * 400, issue=1, posted_at=NOW
    )
    request = request_of(Post(trace=long, email=an_email(), envelopes=[]), [], Environment(_env_file=None))
    assert all(len(category) <= 255 for category in request["categories"])
    assert len(request["categories"]) <= 10


def test_a_batch_is_cut_where_its_bytes_no_longer_fit(transport, monkeypatch):
    whole = post_to(*(f"{number}@example.com" for number in range(50)))
    assert transport.max_envelopes(whole) == 50
    monkeypatch.setattr(sendgrid_module, "LARGEST_REQUEST", 12_000)
    assert 1 < transport.max_envelopes(whole) < 50
    monkeypatch.setattr(sendgrid_module, "LARGEST_REQUEST", 10)
    assert transport.max_envelopes(whole) == 1


@given(
    st.from_regex(r"[A-Za-z0-9!+-]{1,60}", fullmatch=True),
    st.text(max_size=200),
    st.text(alphabet="!&'\"<~", max_size=300),
    st.integers(1, 2**63),
)
def test_the_size_of_a_request_is_never_taken_for_too_small(address, name, url, number):
    (envelope,) = post_to("a@example.com").envelopes
    url = f"https://e.org/{url}"
    person = envelope.person._replace(
        first_name=name, unsubscribe_url=url, preferences_url=url, read_online_url=url
    )
    headers = {**envelope.headers, "List-Unsubscribe": f"<{url}>"}
    post = post_to("a@example.com", email=an_email(first_name_fallback=name))
    envelope = envelope._replace(
        recipient=number,
        address=f"{address}@example.com",
        name=name,
        person=person,
        headers=headers,
    )
    post = replace(post, envelopes=[envelope])
    person = sendgrid_request.personalizer(post)(envelope)
    assert len(orjson.dumps(person)) <= sendgrid_request.bytes_at_most(post, [envelope])


def test_one_person_with_too_much_to_fill_in_does_not_stop_the_others(server, transport, monkeypatch):
    post = post_to("a@example.com", "b@example.com")
    post.envelopes[0] = post_to("a@example.com", name="A" * 80).envelopes[0]
    usual_values = sendgrid_request.personalizer(post)(post.envelopes[1])["substitutions"]
    usual = sum(len(tag) + len(value) for tag, value in usual_values.items())
    monkeypatch.setattr(sendgrid_request, "LARGEST_SUBSTITUTIONS", usual + 5)
    refused, accepted = transport.deliver(post)
    assert (refused.recipients, type(refused.answer)) == ([1], Rejected)
    assert (accepted.recipients, type(accepted.answer)) == ([2], Accepted)
    assert server.accepted() == {"b@example.com": 1}


def test_one_address_that_sendgrid_cannot_take_does_not_stop_the_others(server, transport):
    post = post_to("å@example.com", "a@example.com", "a@" + "x" * 64 + ".com")
    *refused, accepted = transport.deliver(post)
    assert {each.recipients[0] for each in refused} == {1, 3}
    assert all(each.answer.personal for each in refused)
    assert (accepted.recipients, type(accepted.answer)) == ([2], Accepted)


@pytest.mark.parametrize(
    ("header", "seconds"), [("nan", 0), ("inf", 3600), ("-5", 0), ("1e400", 3600), ("0x10", 0)]
)
def test_no_number_of_seconds_is_taken_for_more_than_it_is(header, seconds):
    assert answer_of(429, {"Retry-After": header}, b"").retry_after == seconds


def test_email_logs_prove_that_a_lost_answer_was_an_acceptance(server, transport):
    server.faults = iter([fake.CUT_AFTER_TAKING])
    post = post_to("a@example.com", "b@example.com")
    assert isinstance(only_answer(transport, post), Unknown)
    (outcome,) = transport.evidence(post.trace, [1, 2])
    assert outcome.recipients == [1, 2]
    assert isinstance(outcome.answer, Accepted)


def test_email_logs_without_a_trace_say_when_they_were_asked_by_sendgrids_clock(server, transport):
    server.faults = iter([fake.CUT_WITHOUT_TAKING])
    post = post_to("a@example.com")
    only_answer(transport, post)
    (look,) = transport.evidence(post.trace, [1])
    assert isinstance(look, NoTrace)
    assert abs(look.at - datetime.now(UTC)) < timedelta(minutes=5)
    server.account.skew = 3_600
    (later,) = transport.evidence(post.trace, [1])
    assert timedelta(minutes=59) < later.at - look.at < timedelta(minutes=66)


def test_email_logs_that_cannot_be_reached_say_so(server, transport, transport_to):
    with FakeSendGrid() as gone:
        url = gone.url
    assert list(transport_to(url).evidence(post_to("a@example.com").trace, [1])) == [EvidenceUnavailable()]


@pytest.mark.parametrize(
    ("header", "time"),
    [
        ("Sat, 28 Nov 2026 12:00:00 GMT", datetime(2026, 11, 28, 12, tzinfo=UTC)),
        ("Sat, 28 Nov 2026 12:00:00 -0000", datetime(2026, 11, 28, 12, tzinfo=UTC)),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_a_date_is_read_as_it_is_meant(header, time):
    assert sendgrid_module.time_in(header) == time


@pytest.mark.parametrize("code", [401, 403, 429, 500])
def test_email_logs_that_do_not_answer_prove_nothing(server, transport, code):
    server.logs_status = code
    with time_machine.travel(NOW + timedelta(days=2)):
        assert list(transport.evidence(post_to("a@example.com").trace, [1])) == []


@given(code=st.integers(100, 599), body=st.binary(max_size=200))
def test_only_a_202_is_acceptance(code, body):
    assert isinstance(answer_of(code, {}, body), Accepted) == (code == 202)
