"""Whatever document SendGrid answers with, nothing raises but a sentence: it proves nothing, and the caller goes on."""

import contextlib
from datetime import UTC, datetime, timedelta

import orjson
import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.environment import Environment
from newsletter.errors import NewsletterError
from newsletter.sending.outcomes import Accepted
from newsletter.sending.sync_sendgrid_suppressions import pull_suppressions
from newsletter.sending.transports.sendgrid import SendGrid
from newsletter.sending.transports.sendgrid_account import Account
from subscribers.models import Suppression
from tests.fakes.writing_server import WritingServer
from tests.sending.example_emails import NOW, post_to

NAMES = (
    *(
        "messages",
        "sg_message_id",
        "to_email",
        "errors",
        "message",
        "field",
        "scopes",
        "results",
        "from_email",
    ),
    *(
        "verified",
        "webhooks",
        "url",
        "public_key",
        "enabled",
        "domain",
        "valid",
        "dns",
        "dkim1",
        "host",
        "data",
    ),
    *("email", "created", "reason"),
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
)  # fmt: skip
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.one_of(st.sampled_from(NAMES), st.text(max_size=5)), inner, max_size=6)
    ),
    max_leaves=30,
)
TABLE = [
    b"null",
    b"7",
    b'"text"',
    b"[]",
    b"[null]",
    b"[[]]",
    b"{}",
    b'{"messages":[null]}',
    b'{"messages":[7]}',
    b'{"messages":[{}]}',
    b'{"messages":{"sg_message_id":"x"}}',
    b'{"messages":[{"sg_message_id":7}]}',
    b'{"scopes":7}',
    b'{"scopes":[{}, null, 7]}',
    b'{"results":7}',
    b'{"results":[null, {"from_email":null,"verified":true}]}',
    b'{"webhooks":[null, {"url":7,"public_key":{}}]}',
    b'[{"domain":null,"dns":[]},{"domain":7,"dns":{"dkim1":null}}]',
    b'[{"email":null},{"email":7,"created":null},{"email":[],"created":1e300},{"email":"a\\u0000@example.org"}]',
    b'[{"email":"b@example.org","created":18446744073709551615},{"email":{"a":1},"created":true}]',
    b'{"errors":null}',
    b'{"errors":{"message":"x"}}',
    b'{"errors":[null,7,{"message":null,"field":[]},{"message":{"a":1},"field":7}]}',
    b'{"errors":[{"field":"personalizations.99999999999999999999.to"},{"field":"personalizations.-1"}]}',
    b'{"messages":[' + b"9" * 6000 + b"]}",
    b"[" * 20_000,
    b'{"a":' * 20_000,
    b"\xff\xfe\x00",
    b'"\\ud800"',
    b"{",
    b"",
    b"<html>",
]
STATUSES = (200, 201, 202, 400, 401, 403, 413, 429, 500)
QUESTIONS = {
    "scopes": lambda account: account.scopes(),
    "logs": lambda account: account.may_read_logs(),
    "domains": lambda account: account.authenticated_domains(),
    "senders": lambda account: account.verified_senders(),
    "webhooks": lambda account: account.webhooks(),
    "suppressed": lambda account: account.suppressed("bounces", since=0, until=1, limit=500, offset=0),
    "suppress": lambda account: account.suppress(["a@example.org"]),
}


def answering(status, body):
    return WritingServer(b"HTTP/1.1 %d Odd\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))


def environment(server):
    return Environment(
        _env_file=None,
        sendgrid_host=server.url,
        SENDGRID_API_KEY="SG.key",
        sendgrid_timeout_seconds=5,
        transport="sendgrid",
    )


def ask_everything(status, body):
    """Every question that there is, answered with this; nothing but a sentence may be raised."""
    with answering(status, body) as server:
        account = Account(environment(server))
        for question in QUESTIONS.values():
            with contextlib.suppress(NewsletterError):
                question(account)
        account.close()
        transport = SendGrid(environment(server))
        post = post_to("a@example.org", "b@example.org")
        outcomes = list(transport.deliver(post))
        with time_machine.travel(NOW + timedelta(days=2)):
            evidence = list(transport.evidence(post.trace, [1]))
        transport.close()
    return outcomes, evidence


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("body", TABLE)
def test_no_document_raises_out_of_a_question(body, status):
    outcomes, evidence = ask_everything(status, body)
    assert sorted(each for outcome in outcomes for each in outcome.recipients) == [1, 2]
    assert any(isinstance(outcome.answer, Accepted) for outcome in outcomes) == (status == 202)
    assert not any(isinstance(outcome.answer, Accepted) for outcome in evidence)


@settings(deadline=None)
@given(DOCUMENTS, st.sampled_from(STATUSES))
def test_no_made_up_document_raises_out_of_a_question(document, status):
    ask_everything(status, orjson.dumps(document))


@pytest.mark.postgresql_full
@pytest.mark.parametrize("body", TABLE)
def test_odd_lists_of_suppressions_suppress_nobody_who_is_not_named(db, home, settings, body):
    with answering(200, body) as server:
        settings.NEWSLETTER = environment(server)
        with contextlib.suppress(NewsletterError):
            pull_suppressions()
    # As bounced, and for a complaint; who is suppressed already is not unsubscribed once more.
    assert Suppression.objects.count() == (2 if b"b@example.org" in body else 0)


@pytest.mark.parametrize(
    "date", ["soon", "", "0", "Mon, 99 Foo 2026 99:99:99 GMT", "Mon, 23 Nov 2026 09:00:00 -0000"]
)
def test_an_odd_date_is_no_time_or_one_in_utc(date):
    with WritingServer(
        f'HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Length: 13\r\n\r\n{{"scopes":[]}}'.encode()
    ) as server:
        account = Account(environment(server))
        account.scopes()
        account.close()
        assert account.clock in {None, datetime(2026, 11, 23, 9, tzinfo=UTC)}


@pytest.mark.parametrize("body", [b'{"messages":[null]}', b"[[[", b'{"messages":7}'])
def test_odd_email_logs_are_logged_without_what_they_hold(body, caplog):
    ask_everything(200, body.replace(b"7", b'"ana@example.org"'))
    assert "Could not read the response" in caplog.text
    assert "ana@example.org" not in caplog.text
