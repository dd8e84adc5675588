"""What an administrator chooses about sending counts at once, unless the environment says otherwise."""

import logging

import pytest
from pydantic import HttpUrl, SecretStr

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.environment import read_environment
from newsletter.errors import InvalidFields, Refused
from newsletter.issues.models import AuditEntry
from newsletter.logs import RedactingFormatter
from newsletter.sending.transports import transport_named
from newsletter.sending_settings.change import (
    SendingChangedError,
    choice_version,
    choose_sending,
    is_secret_lost,
    renew_secrets,
    undo_sending,
)
from newsletter.sending_settings.current import sending_settings
from newsletter.sending_settings.models import SendingChoice

KEY = "SG.aaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
ADA = Actor("ada", frozenset({Role.ADMINISTRATOR}), account=7)
EDITH = Actor("edith", frozenset({Role.EDITOR, Role.APPROVER, Role.SENDER}), account=8)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ada():
    with acting_as(ADA):
        yield


def choose(**values):
    return choose_sending(values, act="Chose it.")


def test_without_a_choice_the_environment_counts(settings):
    assert sending_settings() is settings.NEWSLETTER


def test_a_choice_counts_at_once_and_a_transport_sends_with_it():
    choose(
        transport="sendgrid",
        sendgrid_api_key=KEY,
        sendgrid_host="https://api.eu.sendgrid.com",
        warm_up="50,100",
    )
    now = sending_settings()
    assert (now.transport, now.sendgrid_api_key, now.warm_up) == ("sendgrid", SecretStr(KEY), (50, 100))
    assert now.sendgrid_host == HttpUrl("https://api.eu.sendgrid.com")
    first = transport_named("sendgrid")
    assert transport_named("sendgrid") is first
    choose(sendgrid_api_key=f"{KEY}2")
    assert transport_named("sendgrid") is not first


def test_what_another_process_chose_is_seen_after_at_most_two_seconds(monkeypatch):
    from newsletter.sending_settings import current

    monkeypatch.setattr(current, "LOOK_AGAIN_SECONDS", 2.0)
    clock = iter([100.0, 101.9, 102.0, 102.1])
    monkeypatch.setattr(current, "steady_seconds", lambda: next(clock))
    current.look_again()
    assert sending_settings().transport == "maildir"
    choice = SendingChoice(pk=1, version=1, values={"transport": "smtp"}, changed_at="2026-11-28T12:00Z")
    choice.save()
    assert [sending_settings().transport for _time in range(3)] == ["maildir", "smtp", "smtp"]


def test_the_environment_takes_precedence_and_a_choice_against_it_is_refused(settings, monkeypatch):
    choose(transport="sendgrid", rate_per_hour=500)
    monkeypatch.setenv("NEWSLETTER_TRANSPORT", "smtp")
    monkeypatch.setenv("SENDGRID_API_KEY", "")
    settings.NEWSLETTER = read_environment()
    assert (sending_settings().transport, sending_settings().rate_per_hour) == ("smtp", 500)
    with pytest.raises(Refused, match="NEWSLETTER_TRANSPORT is set in the server"):
        choose(transport="maildir")
    # A variable that is there but empty sets nothing.
    choose(sendgrid_api_key=KEY)
    assert sending_settings().sendgrid_api_key == SecretStr(KEY)


def test_a_key_is_neither_in_the_database_nor_in_the_log_nor_in_the_activity(django_db_blocker):
    choose(sendgrid_api_key=KEY, smtp_password="hunter2-hunter2")
    row = SendingChoice.objects.get()
    for text in (str(row.values), row.secrets, str(row.before)):
        assert KEY not in text
        assert "hunter2" not in text
    [entry] = AuditEntry.objects.all()
    assert entry.actor == "ada"
    assert entry.changes == {
        "sendgrid_api_key": ["", "(not shown)"],
        "smtp_password": ["", "(not shown)"],
    }
    assert sending_settings().smtp_password == SecretStr("hunter2-hunter2")
    record = logging.makeLogRecord({"msg": "The server said: hunter2-hunter2 is wrong"})
    assert "hunter2" not in RedactingFormatter().format(record)
    assert KEY not in repr(sending_settings())


def test_after_the_secret_key_was_changed_the_old_one_still_reads_the_secrets(settings):
    choose(sendgrid_api_key=KEY)
    before = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another secret key of enough characters", [before]
    choose(rate_per_hour=9)
    assert sending_settings().sendgrid_api_key == SecretStr(KEY)
    assert not is_secret_lost()
    kept, settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = settings.SECRET_KEY, "a third one", []
    choose(rate_per_hour=10)
    assert sending_settings().sendgrid_api_key == SecretStr("")
    assert is_secret_lost()
    settings.SECRET_KEY_FALLBACKS = [kept]
    choose(rate_per_hour=11)
    assert sending_settings().sendgrid_api_key == SecretStr(KEY)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a fourth one", []
    choose(sendgrid_api_key=KEY)
    assert not is_secret_lost()


def test_finishing_a_change_of_the_secret_key_encrypts_the_secrets_again(settings):
    choose(sendgrid_api_key=KEY)
    before, settings.SECRET_KEY = settings.SECRET_KEY, "another secret key of enough characters"
    settings.SECRET_KEY_FALLBACKS = [before]
    assert renew_secrets() == 1
    assert renew_secrets() == 0
    settings.SECRET_KEY_FALLBACKS = []
    assert sending_settings().sendgrid_api_key == SecretStr(KEY)


def test_a_wrong_value_has_a_sentence_of_its_own():
    with pytest.raises(InvalidFields) as refused:
        choose(transport="pigeon", smtp_port=0, warm_up="fifty", rate_per_hour=-1)
    assert set(refused.value.fields) == {"transport", "smtp_port", "warm_up", "rate_per_hour"}
    assert all(sentence.endswith(".") for sentence in refused.value.fields.values())
    with pytest.raises(InvalidFields, match="not a sending setting"):
        choose(home="/")
    assert not SendingChoice.objects.exists()


def test_nobody_overwrites_what_somebody_else_chose_meanwhile():
    seen = choice_version()
    choose(rate_per_hour=100)
    with pytest.raises(SendingChangedError) as refused:
        choose_sending({"rate_per_hour": 200, "rate_per_second": 0}, act="Chose.", seen=seen)
    assert refused.value.now == {"rate_per_hour": 100}
    assert choose_sending({"rate_per_hour": 100}, act="Chose.", seen=seen) is None
    assert choose_sending({"rate_per_hour": 200}, act="Chose.", seen=choice_version()) == 2


def test_the_last_choice_can_be_taken_back_and_an_older_one_cannot():
    first = choose(transport="sendgrid", sendgrid_api_key=KEY)
    second = choose(transport="maildir")
    with pytest.raises(Refused, match="changed these settings again"):
        undo_sending(first)
    undo_sending(second)
    assert (sending_settings().transport, sending_settings().sendgrid_api_key) == ("sendgrid", SecretStr(KEY))
    with pytest.raises(Refused, match="changed these settings again"):
        undo_sending(second)
    assert AuditEntry.objects.last().changes == {"undone": [None, ["transport"]]}


def test_only_administrators_choose():
    with acting_as(EDITH):
        with pytest.raises(Refused, match="administrator"):
            choose(transport="smtp")
        with pytest.raises(Refused, match="administrator"):
            undo_sending(1)
    assert not SendingChoice.objects.exists()
