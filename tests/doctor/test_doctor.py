"""`newsletter doctor`: whatever is wrong is said, with how to mend it, and what is well is not complained of."""

import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from newsletter.doctor import examine, transport_usable
from newsletter.doctor.doctor_finding import Level
from newsletter.errors import Invalid
from newsletter.instance import process_heartbeats
from newsletter.instance.models import Heartbeat
from newsletter.issues.models import Publication
from subscribers import suppression
from subscribers.consent_log import ConsentSource
from subscribers.models import SourceKind
from tests.fakes.smtp import FakeSmtp

OK, WARNING, WRONG, LEFT_OUT = Level.OK, Level.WARNING, Level.WRONG, Level.LEFT_OUT


def said(lines, level):
    """The one line of that level."""
    [text] = [text for found, text in lines if found is level]
    return text


def test_nothing_is_wrong_with_what_is_well_but_that_loopback_is_no_public_address(well, settings):
    lines = list(examine(settings.NEWSLETTER))
    assert [(line.check, line.level) for line in lines if line.level is not OK] == [("base URL", WRONG)]
    assert {line.check for line in lines if line.level is OK} == {
        "home", "database", "instance", "base URL", "transport", "key", "clock", "sender",
        "SPF", "DKIM", "DMARC", "webhook", "secret key", "languages",
    }  # fmt: skip


def test_a_secret_key_that_a_suppression_needs_is_missed_and_older_ones_are_counted(well, says, settings):
    suppression.suppress("ada@example.org", "complaint", ConsentSource(SourceKind.EDITOR))
    settings.SECRET_KEY, old = "another key", settings.SECRET_KEY
    assert "Set this key again" in said(says("secret key"), WRONG)
    settings.SECRET_KEY_FALLBACKS = [old]
    assert (
        said(says("secret key"), OK)
        == "The secret key is in place. Older keys that we still need: 1 (for 1 suppressed address)."
    )


def test_the_doctor_changes_nothing_and_sends_nothing(well, settings, sendgrid, client):
    list(examine(settings.NEWSLETTER))
    assert sendgrid.requests == []
    assert {method for method, path in sendgrid.paths if path != "/v3/logs"} == {"GET"}
    assert sendgrid.keys == {"Bearer SG.key"}


def test_with_the_maildir_it_says_what_it_leaves_out_and_ends_with_0(cli, publication):
    result = cli("doctor")
    assert result.code == 0
    assert "There is 1 warning." in result.out
    assert "We did not find any problems" not in result.out
    process_heartbeats.record_heartbeat()
    assert cli("doctor").out.endswith("\nWe did not find any problems.\n")
    for check in ("base URL", "key", "clock", "sender", "SPF", "DKIM", "DMARC", "webhook"):
        assert f"skipped   {check}" in result.out


def test_what_is_wrong_ends_with_1_for_people_and_programs(cli, well, sendgrid):
    sendgrid.account.scopes.discard("mail.send")
    result = cli("doctor")
    assert result.code == 1
    assert "WRONG     key        The API key does not have permission to send email." in result.out
    assert (
        "→ In SendGrid, go to Settings, then API Keys, and give the API key the “Mail Send” permission."
    ) in result.out
    report = cli("doctor", "--json")
    assert report.code == 1
    document = json.loads(report.out)
    assert document["healthy"] is False
    assert {"check": "key", "level": "wrong"}.items() <= next(
        line for line in document["lines"] if line["check"] == "key"
    ).items()


def test_no_key_is_said_once(well, configure, says):
    configure(SENDGRID_API_KEY="")
    assert "SENDGRID_API_KEY is not set" in said(says("key"), WRONG)
    assert [level for level, _text in says("clock")] == [OK, LEFT_OUT]


def test_a_key_that_sendgrid_refuses_is_wrong(well, sendgrid, says):
    sendgrid.account.refused.add("/v3/scopes")
    assert "SendGrid does not accept the API key" in said(says("key"), WRONG)


@pytest.mark.parametrize(
    "scope", ["suppression.read", "user.webhooks.event.settings.read", "whitelabel.read"]
)
def test_a_scope_that_is_missing_is_a_warning_that_says_what_is_lost(well, sendgrid, says, scope):
    sendgrid.account.scopes.discard(scope)
    assert scope in said(says("key"), WARNING)


def test_a_key_that_may_not_read_email_logs_is_warned_of(well, sendgrid, says):
    sendgrid.logs_status = 403
    assert "Email Logs" in said(says("key"), WARNING)


def test_a_key_that_may_do_everything_is_warned_of(well, sendgrid, says):
    sendgrid.account.scopes.add("api_keys.create")
    assert "far more" in said(says("key"), WARNING)


def test_sendgrid_that_does_not_answer_is_said_and_the_rest_is_looked_at(well, configure, says, unused_port):
    configure(NEWSLETTER_SENDGRID_HOST=f"http://127.0.0.1:{unused_port}")
    assert "SendGrid did not respond" in said(says("key"), WRONG)
    assert [level for level, _text in says("SPF")] == [WRONG]
    assert says("DKIM")[0][0] is OK


@pytest.mark.parametrize(
    ("skew", "level", "words"),
    [(3, OK, "agrees"), (-3, OK, "agrees"), (90, WARNING, "behind"), (-4000, WRONG, "ahead of")],
)
def test_the_clock_is_held_against_sendgrids(well, sendgrid, says, skew, level, words):
    sendgrid.account.skew = skew
    [_ticking, (found, text)] = says("clock")
    assert (found, words in text) == (level, True)


@pytest.mark.parametrize(
    ("seconds", "level", "words"),
    [
        (0, OK, "The scheduler last ran 0 seconds ago"),
        (50, OK, "50 seconds"),
        (4_000, WARNING, "newsletter scheduler"),
        (-4_000, WRONG, "4,000 seconds in the future"),
    ],
)
def test_a_clock_that_stopped_ticking_or_ticked_in_the_future_is_said(well, says, seconds, level, words):
    with time_machine.travel(timezone.now() + timedelta(seconds=seconds), tick=False):
        heartbeats = says("clock")
    assert (heartbeats[0][0], words in heartbeats[0][1]) == (level, True)


def test_a_clock_that_never_ticked_is_said(well, says):
    Heartbeat.objects.all().delete()
    assert "has never run" in said(says("clock"), WARNING)


def test_a_senders_name_that_sendgrid_cannot_show_is_named_with_what_readers_see(well, says):
    Publication.objects.update(sender_name="Łódź Nowości")
    sentence = said(says("sender"), WARNING)
    assert "Readers will see “Lodz Nowosci”" in sentence
    assert "publications edit harbour sender_name_ascii=NAME" in sentence
    Publication.objects.update(sender_name_ascii="News from Lodz")
    assert "Łódź" not in str(says("sender"))


def test_a_language_without_words_and_one_without_review_are_named(well, says):
    assert said(says("languages"), OK) == "harbour: the standard wording is in English."
    Publication.objects.update(language="he")
    assert "harbour: we have no Hebrew translation." in said(says("languages"), WARNING)
    assert "English, German, French" in said(says("languages"), WARNING)
    Publication.objects.update(language="es")
    assert "nobody who reads Spanish has reviewed" in said(says("languages"), WARNING)


def test_a_sender_whom_sendgrid_does_not_know_is_wrong(well, sendgrid, says):
    sendgrid.account.domains.clear()
    assert "would reject its emails" in said(says("sender"), WRONG)
    assert "SendGrid signs emails with its own domain" in said(says("DKIM"), WRONG)
    assert "fail DMARC" in said(says("DMARC"), WRONG)


def test_an_address_that_alone_is_verified_is_a_warning(well, sendgrid, says):
    sendgrid.account.domains.clear()
    sendgrid.account.senders = [{"from_email": "News@harbour.example.org", "verified": True}]
    assert "its domain is not" in said(says("sender"), WARNING)


def test_an_address_that_waits_to_be_verified_is_not_yet_known(well, sendgrid, says):
    sendgrid.account.domains.clear()
    sendgrid.account.senders = [{"from_email": "news@harbour.example.org", "verified": False}]
    assert "is not a verified sender" in said(says("sender"), WRONG)


def test_a_domain_that_waits_for_its_records_is_wrong(well, sendgrid, says):
    sendgrid.account.domains[0]["valid"] = False
    assert "select “Verify”" in said(says("sender"), WRONG)
    assert "fail DMARC" in said(says("DMARC"), WRONG)


def test_without_a_publication_nobody_sends(well, says):
    Publication.objects.all().delete()
    assert "no publications yet" in said(says("sender"), WARNING)
    assert [level for level, _text in says("DMARC")] == [LEFT_OUT]


def test_a_bounce_domain_without_spf_is_wrong_and_names_the_record_to_add(well, names, says):
    del names.records["u1.wl.sendgrid.net"]
    assert "em1.harbour.example.org → u1.wl.sendgrid.net" in said(says("SPF"), WRONG)


def test_two_spf_records_are_none(well, names, says):
    names.records["u1.wl.sendgrid.net"] = ["v=spf1 -all", "v=spf1 ~all", "v=spf10 is something else"]
    assert "2 SPF records" in said(says("SPF"), WRONG)


def test_one_of_two_signing_keys_missing_is_a_warning_and_both_are_wrong(well, names, says):
    names.records["s2.domainkey.u1.wl.sendgrid.net"] = ["k=rsa; p="]
    assert "s2._domainkey.harbour.example.org → s2.domainkey" in said(says("DKIM"), WARNING)
    del names.records["s1.domainkey.u1.wl.sendgrid.net"]
    assert "We could not find a TXT record" in said(says("DKIM"), WRONG)


def test_a_domain_without_dmarc_is_wrong_and_shows_a_record_to_add(well, names, says):
    del names.records["_dmarc.harbour.example.org"]
    assert "“v=DMARC1; p=none; rua=mailto:dmarc@harbour.example.org”" in said(says("DMARC"), WRONG)


def test_a_dmarc_record_above_the_domain_counts(well, names, says):
    names.records["_dmarc.example.org"] = names.records.pop("_dmarc.harbour.example.org")
    assert [level for level, _text in says("DMARC")] == [OK, OK]


@pytest.mark.parametrize(
    ("records", "words"),
    [
        (["v=DMARC1; p=none", "v=DMARC1; p=reject"], "2 DMARC records"),
        (["v=DMARC1; sp=reject"], "does not have a valid policy (no p=)"),
    ],
)
def test_a_dmarc_record_that_does_not_count_is_wrong(well, names, says, records, words):
    names.records["_dmarc.harbour.example.org"] = records
    assert words in said(says("DMARC"), WRONG)


@pytest.mark.parametrize(
    ("record", "level"),
    [
        ("v=DMARC1; p=none; rua=mailto:d@example.org", WARNING),
        ("v=DMARC1; p=none; rua=mailto:d@example.org; adkim=s", WRONG),
    ],
)
def test_a_signature_by_the_domain_above_fits_unless_the_record_is_strict(
    well, sendgrid, names, says, record, level
):
    sendgrid.account.domains.clear()
    sendgrid.account.authenticate("example.org")
    names.records["_dmarc.harbour.example.org"] = [record]
    assert "example.org" in said(says("DMARC"), level)


def test_a_webhook_that_is_not_set_up_is_wrong_and_the_address_is_named(well, sendgrid, says, base_url):
    sendgrid.account.webhooks = []
    assert f"Add the address {base_url}/webhooks/sendgrid/" in said(says("webhook"), WRONG)


@pytest.mark.parametrize(
    ("change", "level", "words"),
    [
        ({"enabled": False}, WRONG, "turned off"),
        ({"public_key": ""}, WRONG, "does not sign"),
        ({"public_key": "another"}, WRONG, "does not contain SendGrid’s current key"),
        ({"bounce": False, "spam_report": False}, WARNING, "bounce, spam_report"),
    ],
)
def test_a_webhook_that_is_set_up_wrongly_is_said(well, sendgrid, says, change, level, words):
    sendgrid.account.webhooks[0].update(change)
    assert words in said(says("webhook"), level)


def test_a_webhook_that_lacks_the_slash_at_the_end_leads_elsewhere(well, sendgrid, says):
    sendgrid.account.webhooks[0]["url"] = sendgrid.account.webhooks[0]["url"].rstrip("/")
    assert "is not the address of this installation" in said(says("webhook"), WRONG)


def test_a_webhook_address_where_something_else_answers_is_wrong(well, own_pages, says):
    own_pages.RequestHandlerClass.statuses["/webhooks/sendgrid/"] = 404
    assert "responds with status 404, so requests to it do not reach this installation" in said(
        says("webhook"), WRONG
    )


@pytest.mark.parametrize(
    ("status", "words"), [(301, "redirects to another address (301)"), (502, "responds with status 502")]
)
def test_a_base_url_that_does_not_answer_well_is_wrong(well, own_pages, says, status, words):
    own_pages.RequestHandlerClass.statuses["/"] = status
    assert words in says("base URL")[1][1]
    assert says("base URL")[1][0] is WRONG


def test_a_base_url_without_https_is_wrong(well, configure, says, monkeypatch):
    monkeypatch.setattr("newsletter.doctor.public_base_url.status_at", lambda _url: 200)
    configure(NEWSLETTER_BASE_URL="http://letters.harbour.org")
    assert "RFC 8058" in said(says("base URL"), WRONG)
    configure(NEWSLETTER_BASE_URL="https://letters.lan")
    assert "is not a public address" in said(says("base URL"), WRONG)
    configure(NEWSLETTER_BASE_URL="https://letters.harbour.org")
    assert [level for level, _text in says("base URL")] == [OK, OK]


def test_debug_is_warned_of(well, configure, says):
    configure(NEWSLETTER_DEBUG="true")
    assert "NEWSLETTER_DEBUG" in said(says("base URL"), WARNING)


def test_the_sandbox_is_warned_of(well, configure, says):
    configure(NEWSLETTER_SENDGRID_SANDBOX="true")
    assert "does not deliver them" in said(says("transport"), WARNING)


def test_a_key_is_not_sent_in_the_open(well, configure, settings):
    configure(NEWSLETTER_SENDGRID_HOST="http://api.sendgrid.example")
    lines = transport_usable.check(SimpleNamespace(environment=settings.NEWSLETTER))
    assert "unencrypted" in next(lines).sentence


def test_an_smtp_server_is_tried_out(configure, publication, says, names, unused_port):
    with FakeSmtp() as server:
        configure(
            NEWSLETTER_TRANSPORT="smtp",
            NEWSLETTER_SMTP_HOST="127.0.0.1",
            NEWSLETTER_SMTP_PORT=str(server.port),
            NEWSLETTER_SMTP_SECURITY="none",
            NEWSLETTER_DNS_SERVER=names.address,
        )
        assert "responds" in said(says("transport"), OK)
    assert "no SPF record" in said(says("SPF"), WRONG)
    configure(NEWSLETTER_SMTP_PORT=str(unused_port))
    assert f"does not accept connections on port {unused_port}" in said(says("transport"), WRONG)


@pytest.mark.parametrize(
    ("free", "level"), [(100_000_000, WRONG), (500_000_000, WARNING), (5_000_000_000, OK)]
)
def test_the_disk_needs_room(well, says, monkeypatch, free, level):
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=free))
    assert says("home")[0][0] is level


def test_a_home_folder_that_is_not_there_is_wrong(well, configure, says, tmp_path):
    configure(NEWSLETTER_HOME=str(tmp_path / "nowhere"))
    assert "newsletter init" in said(says("home"), WRONG)


def test_a_database_that_lacks_a_change_is_wrong_and_what_is_kept_in_it_is_left_out(well, says):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'newsletter'")
    assert "newsletter init" in said(says("database"), WRONG)
    assert "not ready" in said(says("sender"), LEFT_OUT)


def test_a_check_that_fails_itself_does_not_hide_the_others(well, settings, monkeypatch, says):
    def fails(_installation):
        raise ZeroDivisionError

    monkeypatch.setattr("newsletter.doctor.dkim.check", fails)
    assert "ZeroDivisionError" in said(says("DKIM"), WRONG)
    assert says("DMARC")[0][0] is OK


def test_a_dns_server_is_an_address(configure):
    with pytest.raises(Invalid, match="NEWSLETTER_DNS_SERVER"):
        configure(NEWSLETTER_DNS_SERVER="my resolver")
