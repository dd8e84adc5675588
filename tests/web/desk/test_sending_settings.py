"""Sending is set up in the desk by administrators alone, no key is ever shown, and nothing is overwritten unseen."""

import base64
import re
import time
from datetime import UTC, date, datetime

import pytest
import time_machine
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib.sessions.models import Session
from django.urls import reverse
from pydantic import HttpUrl, SecretStr

from newsletter.accounts.actor import acting_as
from newsletter.accounts.form_idempotency import UsedFormKey
from newsletter.accounts.one_at_a_time import one_at_a_time
from newsletter.environment import read_environment
from newsletter.issues.models import AuditEntry
from newsletter.sending.models import SendingDay
from newsletter.sending.sendgrid_account_setup import EVENT_WEBHOOK, LONGEST_SET_UP, act_on
from newsletter.sending.sending_setup import use_sendgrid
from newsletter.sending.transports import transport_named
from newsletter.sending_settings.change import choose_sending
from newsletter.sending_settings.current import sending_settings
from newsletter.sending_settings.models import SendingChoice
from tests.fakes.dns import FakeDns
from tests.fakes.smtp import FakeSmtp
from tests.fakes.strict_sendgrid import KEY, StrictSendGrid
from tests.web.desk.second_factors import just_now

PAGE = "/desk/settings/sending/"
PAGES = ("", "checks/", "sendgrid/", "smtp/", "limits/")
ACTS = (
    "transport/",
    "sendgrid/",
    "smtp/",
    "limits/",
    "webhook/",
    "domain/",
    "suppressions/",
    "test/",
    "undo/",
)


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.fixture
def ada(desk_of, publication, people):
    return just_now(desk_of("ada"))


@pytest.fixture
def sendgrid(settings):
    """A SendGrid account, and a DNS that knows nothing."""
    with StrictSendGrid() as server, FakeDns() as names:
        settings.NEWSLETTER = settings.NEWSLETTER.model_copy(
            update={
                "sendgrid_host": HttpUrl(server.url),
                "dns_server": names.address,
                "base_url": HttpUrl("http://127.0.0.1:9"),
            }
        )
        yield server
        transport_named("sendgrid").close()
        assert server.unfit == []


@pytest.fixture
def with_key(sendgrid, people):
    with acting_as(people["ada"]):
        use_sendgrid(KEY, "global")
    return sendgrid


def seen():
    found = SendingChoice.objects.first()
    return found.version if found else 0


def test_only_administrators_of_everything_open_the_pages_and_act(desk_of, publication, people, sendgrid):
    for name in ("amir", "ruth"):
        client = just_now(desk_of(name))
        for path in PAGES:
            answer = client.get(f"{PAGE}{path}")
            assert answer.status_code == 409, path
            assert "administrator" in text(answer)
        for path in ACTS:
            assert client.post(f"{PAGE}{path}", {}).status_code == 409, path
        assert PAGE not in client.get("/desk/issues/").content.decode()
    assert sendgrid.paths == []
    assert not SendingChoice.objects.exists()


def test_from_the_key_to_the_test_email(ada, sendgrid):
    assert "Emails do not leave this server" in text(ada.get(PAGE))
    leads = ada.post(f"{PAGE}transport/", {"transport": "sendgrid", "seen": "0"})
    assert leads["Location"] == f"{PAGE}sendgrid/"
    form = {"sendgrid_api_key": KEY, "region": "global", "seen": "0"}
    page = text(ada.post(f"{PAGE}sendgrid/", form, follow=True))
    assert "Emails are sent through SendGrid." in page
    checks = text(ada.get(f"{PAGE}checks/"))
    assert "Send emails : yes" in checks
    assert "40,000 of 50,000, until 1 December" in checks
    assert "Not in SendGrid yet" in checks
    domain = ada.post(f"{PAGE}domain/", {"domain": "example.org"}, follow=True)
    assert "has not found 3 of 3 DNS records for example.org yet" in text(domain)
    checks = ada.get(f"{PAGE}checks/").content.decode()
    assert 'data-copy="_dmarc.example.org"' in checks
    assert 'data-copy="v=DMARC1; p=none; rua=mailto:dmarc@example.org"' in checks
    assert 'data-copy="em1.example.org"' in ada.get(f"{PAGE}checks/").content.decode()
    domain = ada.post(f"{PAGE}domain/", {"domain": "example.org"}, follow=True)
    assert "SendGrid found all DNS records for example.org." in text(domain)
    webhook = ada.post(f"{PAGE}webhook/", follow=True)
    assert "SendGrid now tells this installation" in text(webhook)
    checks = text(ada.get(f"{PAGE}checks/"))
    assert "SendGrid signs events with the key that is stored here." in checks
    assert "NEWSLETTER_SENDGRID_WEBHOOK_KEY" not in checks
    assert sendgrid.account.webhooks[0]["url"] == "http://127.0.0.1:9/webhooks/sendgrid/"
    sent = ada.post(
        f"{PAGE}test/", {"publication": "harbour-letter", "address": "ada@example.org"}, follow=True
    )
    assert "The test email to ada@example.org was accepted. Check the inbox" in text(sent)
    assert len(sendgrid.requests) == 1


def test_a_second_click_on_a_domain_ends_on_the_page(ada, with_key):
    with one_at_a_time(act_on("example.org"), longest=LONGEST_SET_UP):
        second = ada.post(f"{PAGE}domain/", {"domain": "example.org"}, follow=True)
    assert second.status_code == 200
    assert "We are already waiting for SendGrid’s response about example.org." in text(second)
    assert with_key.account.domains == []


def test_a_second_click_on_the_event_webhook_ends_on_the_page(ada, with_key):
    with one_at_a_time(act_on(EVENT_WEBHOOK), longest=LONGEST_SET_UP):
        second = ada.post(f"{PAGE}webhook/", follow=True)
    assert second.status_code == 200
    assert "We are already waiting for SendGrid’s response about the event webhook." in text(second)
    assert with_key.account.webhooks == []


def test_a_claim_of_a_process_that_died_ends_by_itself(ada, with_key):
    with one_at_a_time(act_on("example.org"), longest=LONGEST_SET_UP):
        UsedFormKey.objects.update(used_at=datetime(2026, 1, 1, tzinfo=UTC))
        ada.post(f"{PAGE}domain/", {"domain": "example.org"})
    assert len(with_key.account.domains) == 1


def test_the_part_for_htmx_is_only_a_part(ada, with_key):
    answer = ada.get(f"{PAGE}checks/", headers={"HX-Request": "true"})
    assert "<html" not in answer.content.decode()
    assert "What the key can do" in text(answer)


def test_no_page_form_session_or_log_shows_the_key(ada, sendgrid, desk_of, people, caplog):
    caplog.set_level("DEBUG")
    form = {"sendgrid_api_key": KEY, "region": "global", "seen": "0"}
    late = desk_of("ada")
    assert late.post(f"{PAGE}sendgrid/", form)["Location"] == f"{PAGE}sendgrid/"
    gone = desk_of("")
    shown = [gone.post(f"{PAGE}sendgrid/", form, headers={"Sec-Fetch-Site": "same-origin"})]
    refused = ada.post(f"{PAGE}sendgrid/", {**form, "sendgrid_api_key": f"{KEY}x"})
    assert "does not accept this key" in text(refused)
    shown += [refused, ada.post(f"{PAGE}sendgrid/", form, follow=True)]
    shown += [ada.get(f"{PAGE}{path}") for path in PAGES]
    shown += [ada.get("/desk/audit/"), ada.get(PAGE)]
    for answer in shown:
        assert KEY not in answer.content.decode()
    for session in Session.objects.all():
        assert KEY not in str(session.get_decoded())
    assert all(KEY not in str(entry.changes) + entry.sentence for entry in AuditEntry.objects.all())
    assert KEY not in caplog.text


def test_choosing_asks_who_it_is_unless_that_was_proved_lately(desk_of, publication, people):
    client = desk_of("ada")
    for address, fields in (
        (f"{PAGE}transport/", {"transport": "maildir"}),
        (f"{PAGE}undo/", {"version": "1"}),
    ):
        assert "/account/confirm/" in client.post(address, fields)["Location"]
    for path in ("sendgrid/", "smtp/"):
        assert "/account/confirm/" in client.get(f"{PAGE}{path}")["Location"]


def test_the_page_says_what_the_server_has_set_and_lets_nobody_choose_it(ada, settings, monkeypatch):
    monkeypatch.setenv("NEWSLETTER_HOME", str(settings.NEWSLETTER.home))
    monkeypatch.setenv("NEWSLETTER_TRANSPORT", "sendgrid")
    monkeypatch.setenv("SENDGRID_API_KEY", KEY)
    monkeypatch.setenv("NEWSLETTER_RATE_PER_HOUR", "500")
    settings.NEWSLETTER = read_environment()
    page = ada.get(PAGE)
    assert "Set on the server ( NEWSLETTER_TRANSPORT )" in text(page)
    assert 'action="/desk/settings/sending/transport/"' not in page.content.decode()
    assert "Set on the server ( SENDGRID_API_KEY )" in text(page)
    refused = ada.post(f"{PAGE}transport/", {"transport": "maildir", "seen": "0"})
    assert refused.status_code == 409
    assert "takes precedence" in text(refused)
    limits = ada.get(f"{PAGE}limits/")
    assert "500. Set on the server" in text(limits)
    assert 'name="rate_per_hour"' not in limits.content.decode()


def test_limits_are_saved_shown_and_undone(ada):
    form = {
        "rate_per_second": "",
        "rate_per_hour": "5000",
        "warm_up": "50, 100",
        "canary_percent": "2.5",
        "canary_minutes": "30",
        "hard_bounce_limit": "2",
        "complaint_limit": "0.3",
        "sendgrid_monthly_emails": "40000",
        "seen": "0",
    }
    page = text(ada.post(f"{PAGE}limits/", form, follow=True))
    assert "At most 5,000 per hour" in page
    assert "Maximum emails on the first days: 50, 100. Today is day 1: 0 of 50 emails have been sent." in page
    assert "2.5% of the emails. We then watch for problems for 30 minutes" in page
    assert "40,000, as entered here" in page
    assert sending_settings().warm_up == (50, 100)
    assert "Nothing was changed." in text(ada.post(f"{PAGE}limits/", {**form, "seen": "1"}, follow=True))
    assert not sending_settings().sendgrid_allow_overage
    ada.post(f"{PAGE}undo/", {"version": "1"})
    assert sending_settings().rate_per_hour == 0
    wrong = ada.post(f"{PAGE}limits/", {**form, "canary_percent": "70", "warm_up": "many", "seen": "2"})
    assert wrong.status_code == 422
    assert "<title>Error: " in wrong.content.decode()
    assert 'value="70"' in wrong.content.decode()
    assert "Enter a number that is 50 or less." in text(wrong)
    assert "Enter a whole number." in text(wrong)
    more = {**form, "sendgrid_allow_overage": "yes", "seen": "2"}
    assert "Mailings start anyway" in text(ada.post(f"{PAGE}limits/", more, follow=True))
    ada.post(f"{PAGE}undo/", {"version": "3"})
    assert sending_settings().rate_per_hour == 0


def test_the_page_says_where_the_warm_up_is(ada, people):
    with acting_as(people["ada"]):
        choose_sending({"warm_up": "50,100,1000"}, act="Chose.")
    with time_machine.travel(datetime(2026, 11, 28, 12, tzinfo=UTC), tick=False):
        SendingDay.objects.create(day=date(2026, 11, 20), count=50)
        SendingDay.objects.create(day=date(2026, 11, 27), count=0)
        SendingDay.objects.create(day=date(2026, 11, 28), count=7)
        ada = just_now(ada)
        assert "Today is day 2: 7 of 100 emails have been sent." in text(ada.get(PAGE))
        SendingDay.objects.filter(day=date(2026, 11, 27)).update(count=3)
        SendingDay.objects.create(day=date(2026, 11, 26), count=3)
        assert "The warm-up is over." in text(ada.get(PAGE))


def test_the_limits_are_not_overwritten_unseen(ada, people):
    form = {**dict.fromkeys(("rate_per_second", "rate_per_hour", "canary_percent"), "0")}
    form |= {"warm_up": "", "canary_minutes": "30", "hard_bounce_limit": "2", "complaint_limit": "0.3"}
    form |= {"sendgrid_monthly_emails": "0", "seen": str(seen())}
    with acting_as(people["ada"]):
        choose_sending({"rate_per_hour": 700}, act="Chose.")
    answer = ada.post(f"{PAGE}limits/", {**form, "rate_per_hour": "900"})
    assert answer.status_code == 409
    assert "Saved now" in text(answer)
    assert "700" in text(answer)
    assert 'value="900"' in answer.content.decode()
    assert sending_settings().rate_per_hour == 700
    again = re.search(r'name="seen" value="(\d+)"', answer.content.decode())[1]
    ada.post(f"{PAGE}limits/", {**form, "rate_per_hour": "900", "seen": again})
    assert sending_settings().rate_per_hour == 900


def test_a_transport_is_not_chosen_over_what_a_colleague_chose(ada, with_key, people):
    answer = ada.post(f"{PAGE}transport/", {"transport": "maildir", "seen": "0"})
    assert answer.status_code == 409
    assert "Somebody else has changed these settings" in text(answer)
    assert sending_settings().transport == "sendgrid"


def test_a_key_is_not_stored_over_what_a_colleague_chose(ada, with_key):
    answer = ada.post(f"{PAGE}sendgrid/", {"sendgrid_api_key": "", "region": "eu", "seen": "0"})
    assert "Nothing was changed." in text(ada.get(answer["Location"]))
    with_key.key = f"{KEY}2"
    answer = ada.post(f"{PAGE}sendgrid/", {"sendgrid_api_key": f"{KEY}2", "region": "eu", "seen": "0"})
    assert answer.status_code == 409
    assert sending_settings().sendgrid_api_key == SecretStr(KEY)
    answer = ada.post(
        f"{PAGE}sendgrid/", {"sendgrid_api_key": f"{KEY}2", "region": "eu", "seen": str(seen())}
    )
    assert sending_settings().sendgrid_api_key == SecretStr(f"{KEY}2")


def test_an_smtp_server_that_does_not_answer_is_not_stored_and_what_was_typed_is_kept(ada):
    form = {"smtp_host": "127.0.0.1", "smtp_port": "9", "smtp_security": "none", "smtp_user": "press"}
    answer = ada.post(f"{PAGE}smtp/", {**form, "smtp_password": "hunter2-hunter2", "seen": "0"})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert 'value="press"' in page
    assert "hunter2" not in page
    assert "NEWSLETTER_SMTP" not in page
    assert not SendingChoice.objects.exists()


def test_an_smtp_server_is_chosen_and_sends_the_test_email(ada):
    assert ada.post(f"{PAGE}transport/", {"transport": "smtp", "seen": "0"})["Location"] == f"{PAGE}smtp/"
    with FakeSmtp() as server:
        form = {"smtp_host": "127.0.0.1", "smtp_port": str(server.port), "smtp_security": "none"}
        form |= {"smtp_user": "press", "smtp_password": "hunter2-hunter2", "seen": "0"}
        page = ada.post(f"{PAGE}smtp/", form, follow=True)
        assert "Emails are sent through an SMTP server." in text(page)
        assert f"127.0.0.1, port {server.port}" in text(page)
        assert "hunter2" not in page.content.decode()
        test = {"publication": "harbour-letter", "address": "ada@example.org"}
        assert "was accepted" in text(ada.post(f"{PAGE}test/", test, follow=True))
        assert server.inbox["ada@example.org"] == 1
        transport_named("smtp").close()
    refused = ada.post(f"{PAGE}test/", test)
    assert refused.status_code in {409, 503}
    assert 'value="ada@example.org"' in refused.content.decode()


def test_a_problem_with_sendgrid_is_said_beside_its_step(ada, with_key):
    with_key.account.scopes -= {"user.webhooks.event.settings.create", "whitelabel.create"}
    checks = text(ada.get(f"{PAGE}checks/"))
    assert "Set up the event webhook from this page : no" in checks
    assert "This key cannot set up the webhook." in checks
    assert "This key cannot add domains." in checks
    answer = ada.post(f"{PAGE}webhook/")
    assert answer.status_code == 409
    assert "does not have permission" in text(answer)
    with_key.key = "SG.other"
    assert "does not have permission" in text(ada.get(f"{PAGE}checks/"))


def test_what_sendgrid_signs_is_accepted_as_soon_as_the_webhook_is_set_up(ada, with_key, client):
    body, now = b"[]", str(int(time.time()))
    signed = with_key.signing_key.sign(now.encode() + body, ec.ECDSA(hashes.SHA256()))
    headers = {
        "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signed).decode(),
        "X-Twilio-Email-Event-Webhook-Timestamp": now,
    }

    def posted():
        return client.post(
            "/webhooks/sendgrid/", body, content_type="application/json", headers=headers
        ).status_code

    assert posted() == 403
    ada.post(f"{PAGE}webhook/")
    assert posted() == 200


def test_an_account_full_of_scripts_does_nothing(ada, with_key):
    evil = '"><script>alert(1)</script>'
    with_key.account.authenticate("example.org", valid=False)
    for record in with_key.account.domains[0]["dns"].values():
        record |= {"host": evil, "data": evil, "type": evil}
    with_key.account.webhooks = [
        {"id": "1", "url": "http://127.0.0.1:9/webhooks/sendgrid/", "public_key": evil}
    ]
    page = ada.get(f"{PAGE}checks/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_suppressions_are_exchanged_when_asked_for(ada, with_key):
    assert "Not yet" in text(ada.get(PAGE))
    asked = text(ada.post(f"{PAGE}suppressions/", follow=True))
    assert "The sync will start within 30 seconds." in asked
    daily = text(ada.post(f"{PAGE}suppressions/daily/", {"on": "yes"}, follow=True))
    assert "We now send our suppressions to SendGrid every day." in daily
    assert sending_settings().sendgrid_push_suppressions
    ada.post(f"{PAGE}suppressions/daily/", {"on": ""})
    assert not sending_settings().sendgrid_push_suppressions


def test_the_page_needs_few_queries(ada, with_key, django_assert_max_num_queries):
    ada.get(PAGE)
    with django_assert_max_num_queries(30):
        ada.get(PAGE)


def test_every_address_of_an_act_leads_a_get_to_the_page(ada):
    for name in ("sending-transport", "sending-webhook", "sending-domain", "sending-test", "undo-sending"):
        assert ada.get(reverse(f"desk:{name}"))["Location"] == PAGE
