"""Sending is set up step by step, and each step is tried before it is stored. The fake SendGrid checks all requests."""

import json
import threading
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from pydantic import HttpUrl, SecretStr

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.errors import Invalid, InvalidFields, Refused, Unreachable
from newsletter.issues.models import AuditEntry
from newsletter.sending.models import SuppressionSync
from newsletter.sending.send_setup_test_email import send_setup_test
from newsletter.sending.sendgrid_account_setup import SetUpInProgressError, make_event_webhook, set_up_domain
from newsletter.sending.sending_setup import choose_transport, use_sendgrid, use_smtp
from newsletter.sending.sync_sendgrid_suppressions import (
    ask_for_sync,
    pull_next_suppressions,
    push_next_suppressions,
    sync_state,
)
from newsletter.sending.transports import transport_named
from newsletter.sending_settings.change import choose_sending
from newsletter.sending_settings.current import sending_settings
from newsletter.sending_settings.models import SendingChoice
from newsletter.setting_types import P256_KEY, P256_KEY_LENGTH
from subscribers import suppression
from subscribers.consent_log import ConsentSource
from subscribers.models import SourceKind, Suppression
from tests.fakes.smtp import FakeSmtp
from tests.fakes.strict_sendgrid import KEY, StrictSendGrid
from tests.fakes.writing_server import WritingServer

ADA = Actor("ada", frozenset({Role.ADMINISTRATOR}), account=7)
EVENTS_URL = "https://news.example.org/webhooks/sendgrid/"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ada(home):
    with acting_as(ADA):
        yield


@pytest.fixture
def sendgrid(settings):
    with StrictSendGrid() as server:
        settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"sendgrid_host": HttpUrl(server.url)})
        yield server
        transport_named("sendgrid").close()
        assert server.unfit == []


def test_a_key_that_may_send_is_stored_and_sendgrid_sends_from_now_on(sendgrid):
    use_sendgrid(f"  {KEY}\n", "global")
    assert sending_settings().transport == "sendgrid"
    assert sending_settings().sendgrid_api_key == SecretStr(KEY)
    assert sendgrid.paths == [("GET", "/v3/scopes")]
    assert KEY not in json.dumps([entry.changes for entry in AuditEntry.objects.all()])
    # Without a new one, the stored key counts.
    choose_transport("maildir")
    use_sendgrid("", "global")
    assert sending_settings().transport == "sendgrid"


@pytest.mark.parametrize(
    "key", ["", "SG", "sg.lower", f"{KEY}\N{LATIN SMALL LETTER E WITH ACUTE}", "SG." + "a" * 300]
)
def test_what_is_not_a_key_is_not_sent_anywhere(sendgrid, key):
    with pytest.raises(InvalidFields, match="begins with “SG"):
        use_sendgrid(key, "global")
    assert sendgrid.paths == []


def test_a_key_that_sendgrid_does_not_accept_or_that_may_not_send_is_not_stored(sendgrid):
    with pytest.raises(InvalidFields, match="does not accept this key"):
        use_sendgrid(f"{KEY}x", "global")
    sendgrid.account.scopes.remove("mail.send")
    with pytest.raises(InvalidFields, match="does not have permission to send email"):
        use_sendgrid(KEY, "global")
    assert not SendingChoice.objects.exists()


def test_a_silent_sendgrid_stores_nothing(settings):
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(
        update={"sendgrid_host": HttpUrl("http://127.0.0.1:9"), "sendgrid_timeout_seconds": 0.5}
    )
    with pytest.raises(Unreachable):
        use_sendgrid(KEY, "global")
    assert not SendingChoice.objects.exists()


@pytest.mark.parametrize(
    ("length", "body", "sentence"),
    [
        (900, b'{"scopes": ["mail.send"', "was incomplete"),
        (20_000_000, b" " * 17_000_000, "was incomplete"),
        (16, b'{"scopes": null}', "is not from SendGrid"),
        (15, b'{"scopes": [7]}', "is not from SendGrid"),
        (13, b'["mail.send"]', "is not from SendGrid"),
    ],
    ids=["cut off", "huge", "null", "numbers", "a list"],
)
def test_a_wrong_response_about_a_key_is_not_reported_as_a_missing_permission(
    settings, length, body, sentence
):
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n".encode()
    with WritingServer(head + body, hang_up=True) as server:
        settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"sendgrid_host": HttpUrl(server.url)})
        with pytest.raises(Unreachable, match=sentence):
            use_sendgrid(KEY, "global")
    assert not SendingChoice.objects.exists()


def test_a_transport_that_is_not_set_up_cannot_be_chosen():
    for name in ("sendgrid", "smtp"):
        with pytest.raises(InvalidFields, match="first"):
            choose_transport(name)
    with pytest.raises(InvalidFields):
        choose_transport("pigeon")


def test_the_webhook_is_made_and_its_key_is_stored(sendgrid):
    use_sendgrid(KEY, "global")
    make_event_webhook(EVENTS_URL)
    assert sending_settings().sendgrid_webhook_key == (sendgrid.public_key,)
    [webhook] = sendgrid.account.webhooks
    assert webhook["url"] == EVENTS_URL
    assert all(webhook[name] for name in ("enabled", "processed", "bounce", "dropped", "spam_report"))
    before = len(sendgrid.paths)
    make_event_webhook(EVENTS_URL)
    assert sendgrid.paths[before:] == [("GET", "/v3/user/webhooks/event/settings/all")]


def test_a_webhook_that_is_there_is_completed_and_signed(sendgrid):
    use_sendgrid(KEY, "global")
    sendgrid.account.webhooks = [
        {"id": "77d4a5da-7015-11ed-a1eb-0242ac120009", "url": EVENTS_URL, "enabled": False, "bounce": True}
    ]
    make_event_webhook(EVENTS_URL)
    [webhook] = sendgrid.account.webhooks
    assert webhook["enabled"]
    assert webhook["delivered"]
    assert sending_settings().sendgrid_webhook_key == (webhook["public_key"],)


def test_the_key_before_still_counts_for_posts_on_their_way(sendgrid):
    from cryptography.hazmat.primitives.asymmetric import ec

    use_sendgrid(KEY, "global")
    make_event_webhook(EVENTS_URL)
    before = sendgrid.public_key
    sendgrid.signing_key = ec.generate_private_key(ec.SECP256R1())
    sendgrid.account.webhooks = []
    make_event_webhook(EVENTS_URL)
    assert sending_settings().sendgrid_webhook_key == (sendgrid.public_key, before)


def test_a_key_without_the_permission_or_a_full_plan_is_said(sendgrid):
    use_sendgrid(KEY, "global")
    sendgrid.account.webhooks = [{"id": "77d4a5da-7015-11ed-a1eb-0242ac120009", "url": "https://x.example/"}]
    with pytest.raises(Refused, match="plan may not allow more webhooks"):
        make_event_webhook(EVENTS_URL)
    sendgrid.account.scopes.remove("user.webhooks.event.settings.create")
    with pytest.raises(Refused, match="does not have permission"):
        make_event_webhook(EVENTS_URL)
    assert sending_settings().sendgrid_webhook_key == ()


def test_a_domain_is_added_and_checked_until_its_records_are_found(sendgrid, publication):
    use_sendgrid(KEY, "global")
    made = set_up_domain("harbour.example.org")
    assert [each.host for each in made.records] == [
        "em1.harbour.example.org",
        "s1._domainkey.harbour.example.org",
        "s2._domainkey.harbour.example.org",
    ]
    assert not made.is_valid
    sendgrid.finds_records = False
    assert not set_up_domain("harbour.example.org").is_valid
    sendgrid.finds_records = True
    found = set_up_domain("harbour.example.org")
    assert found.is_valid
    assert all(each.is_found for each in found.records)
    assert len(sendgrid.account.domains) == 1
    with pytest.raises(Refused, match="No newsletter is sent from"):
        set_up_domain("bank.example")


@pytest.mark.django_db(transaction=True)
def test_three_clicks_add_one_domain(sendgrid, publication):
    use_sendgrid(KEY, "global")
    has_arrived, may_answer, add = threading.Event(), threading.Event(), sendgrid.answer_new_domain

    def answer(*request):
        has_arrived.set()
        assert may_answer.wait(60)
        return add(*request)

    def click():
        try:
            with acting_as(ADA):
                return set_up_domain("harbour.example.org")
        finally:
            connection.close()

    sendgrid.answer_new_domain = answer
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(click)
        try:
            assert has_arrived.wait(60)
            for _click in range(2):
                with pytest.raises(SetUpInProgressError, match="already waiting"):
                    set_up_domain("harbour.example.org")
        finally:
            may_answer.set()
        assert first.result(60).number
    assert [path for _method, path in sendgrid.paths].count("/v3/whitelabel/domains") == 1
    assert len(sendgrid.account.domains) == 1
    # The claim ended with the act.
    assert set_up_domain("harbour.example.org").is_valid


@pytest.mark.django_db(transaction=True)
def test_three_clicks_make_one_event_webhook(sendgrid, publication):
    use_sendgrid(KEY, "global")
    has_arrived, may_answer, make = threading.Event(), threading.Event(), sendgrid.answer_new_webhook

    def answer(*request):
        has_arrived.set()
        assert may_answer.wait(60)
        return make(*request)

    def click():
        try:
            with acting_as(ADA):
                make_event_webhook(EVENTS_URL)
        finally:
            connection.close()

    sendgrid.answer_new_webhook = answer
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(click)
        try:
            assert has_arrived.wait(60)
            for _click in range(2):
                with pytest.raises(SetUpInProgressError, match="response about the event webhook"):
                    make_event_webhook(EVENTS_URL)
        finally:
            may_answer.set()
        first.result(60)
    assert [each["url"] for each in sendgrid.account.webhooks] == [EVENTS_URL]
    [key] = sending_settings().sendgrid_webhook_key
    # The claim ended with the act, and a later click keeps the webhook and its key.
    make_event_webhook(EVENTS_URL)
    assert len(sendgrid.account.webhooks) == 1
    assert sending_settings().sendgrid_webhook_key == (key,)


@pytest.mark.parametrize("document", [{"id": None}, {}, [], [7], None, "added"])
def test_a_domain_is_not_called_added_if_sendgrid_does_not_confirm_it(sendgrid, publication, document):
    use_sendgrid(KEY, "global")
    sendgrid.answer_new_domain = lambda *_request: (201, document)
    with pytest.raises(Refused, match="did not confirm that it added harbour"):
        set_up_domain("harbour.example.org")
    assert not AuditEntry.objects.filter(act__startswith="Added").exists()


# The second has the form of a key, but its point is not on the curve.
@pytest.mark.parametrize("key", ["garbage", P256_KEY + "A" * (P256_KEY_LENGTH - len(P256_KEY) - 2) + "=="])
@pytest.mark.parametrize("is_there", [False, True])
def test_a_webhook_key_that_is_not_a_key_is_refused(sendgrid, key, is_there):
    use_sendgrid(KEY, "global")
    webhook = "77d4a5da-7015-11ed-a1eb-0242ac120009"
    if is_there:
        sendgrid.account.webhooks = [{"id": webhook, "url": EVENTS_URL, "public_key": key}]
    sendgrid.answer_sign = lambda *_request: (200, {"id": webhook, "public_key": key})
    with pytest.raises(Invalid, match="verification key that we cannot use"):
        make_event_webhook(EVENTS_URL)
    assert sending_settings().sendgrid_webhook_key == ()


def test_a_test_email_leaves_by_sendgrid_and_says_where_to_look(sendgrid, publication):
    use_sendgrid(KEY, "global")
    assert send_setup_test(publication, "ada@example.org") == "Check the inbox and the spam folder."
    [request] = sendgrid.requests
    assert request["personalizations"][0]["to"] == [{"email": "ada@example.org"}]
    assert request["from"]["email"] == "news@harbour.example.org"
    assert "press harbour test" in request["categories"]
    with pytest.raises(Invalid):
        send_setup_test(publication, "nobody")
    sendgrid.account.scopes.remove("mail.send")
    with pytest.raises(Refused, match="was not"):
        send_setup_test(publication, "ada@example.org")


def test_a_test_email_on_this_server_is_saved(publication, home):
    assert "outbox" in send_setup_test(publication, "ada@example.org")
    [saved] = (home / "outbox" / "new").iterdir()
    assert "This is a test email" in saved.read_text()


def test_an_smtp_server_is_tried_before_it_is_chosen(publication):
    with FakeSmtp() as server:
        values = {"smtp_host": "127.0.0.1", "smtp_port": str(server.port), "smtp_security": "none"}
        use_smtp({**values, "smtp_user": "", "smtp_password": ""})
        assert sending_settings().transport == "smtp"
        assert "inbox" in send_setup_test(publication, "ada@example.org")
        transport_named("smtp").close()
    before = SendingChoice.objects.get().version
    with pytest.raises(Refused):
        use_smtp({**values, "smtp_port": "9"})
    with pytest.raises(InvalidFields):
        use_smtp({**values, "smtp_port": "70000"})
    with pytest.raises(InvalidFields):
        use_smtp({**values, "smtp_host": " "})
    assert SendingChoice.objects.get().version == before


def test_a_stored_password_is_not_sent_to_another_server_or_without_encryption():
    choose_sending(
        {
            "transport": "smtp",
            "smtp_host": "127.0.0.1",
            "smtp_user": "press",
            "smtp_password": "ebb-and-flow",
        },
        act="Chose.",
    )
    with FakeSmtp() as server:
        values = {"smtp_host": "127.0.0.1", "smtp_security": "none", "smtp_user": "press"}
        use_smtp({**values, "smtp_port": str(server.port), "smtp_password": ""})
        [line] = server.log_in_lines
        assert "ebb-and-flow" not in b64decode(line.split()[2]).decode()
        choose_sending({"smtp_password": "ebb-and-flow"}, act="Chose.")
        use_smtp({**values, "smtp_port": str(server.port), "smtp_password": ""})
        assert "ebb-and-flow" in b64decode(server.log_in_lines[1].split()[2]).decode(), (
            "nothing else has changed"
        )
    assert sending_settings().smtp_password == SecretStr("ebb-and-flow")


def test_suppressions_are_exchanged_both_ways_once_somebody_asks(sendgrid, join):
    use_sendgrid(KEY, "global")
    join("ana", "ben")
    suppression.suppress(
        "ana@example.org", Suppression.Reason.COMPLAINT, ConsentSource(SourceKind.EDITOR, "ada")
    )
    while pull_next_suppressions():
        pass
    assert sync_state().pulled_at
    push_next_suppressions()
    assert sendgrid.account.pushed == []
    sendgrid.account.suppressed["bounces"] = [{"email": "ben@example.org", "created": 1_700_000_000}]
    ask_for_sync()
    assert sync_state().is_asked_for
    while pull_next_suppressions():
        pass
    push_next_suppressions()
    push_next_suppressions()
    assert sendgrid.account.pushed == [["ana@example.org"]]
    state = sync_state()
    assert not state.is_asked_for
    assert state.pushed_at
    assert SuppressionSync.objects.count() == 5


def test_ours_are_pushed_daily_if_that_was_chosen(sendgrid, join, settings):
    use_sendgrid(KEY, "global")
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"sendgrid_push_suppressions": True})
    join("ana")
    suppression.suppress(
        "ana@example.org", Suppression.Reason.COMPLAINT, ConsentSource(SourceKind.EDITOR, "ada")
    )
    for _time in range(2):
        push_next_suppressions()
    assert len(sendgrid.account.pushed) == 1
    SuppressionSync.objects.filter(kind="push").update(pulled_at="2026-01-01T00:00Z")
    push_next_suppressions()
    assert len(sendgrid.account.pushed) == 2


def test_without_the_role_nothing_is_asked_of_sendgrid(sendgrid, publication):
    with acting_as(Actor("edith", frozenset({Role.EDITOR, Role.APPROVER, Role.SENDER}), account=8)):
        for act in (
            lambda: use_sendgrid(KEY, "global"),
            lambda: use_smtp({"smtp_host": "127.0.0.1"}),
            lambda: choose_transport("maildir"),
            lambda: make_event_webhook(EVENTS_URL),
            lambda: set_up_domain("harbour.example.org"),
            lambda: send_setup_test(publication, "edith@example.org"),
        ):
            with pytest.raises(Refused, match="administrator"):
                act()
    assert sendgrid.paths == []
