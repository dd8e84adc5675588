"""`newsletter doctor` says what really failed at the SMTP server, and which setting mends it."""

from uuid import UUID

import pytest

from newsletter.doctor.doctor_finding import Level
from newsletter.issues.models import Publication
from newsletter.sending.return_path import return_path
from newsletter.sending.transports import smtp_reconnecting
from subscribers.models import List
from tests.fakes.certificate import certificate_for, server_context
from tests.fakes.smtp import FakeSmtp, Trouble


@pytest.fixture
def server():
    with FakeSmtp() as running:
        yield running


@pytest.fixture
def tried(publication, configure, names, says, server):
    """What is said of the server with these settings: `tried(SECURITY="tls")` gives (level, sentence and mend)."""

    def lines(**settings):
        given = {"HOST": "localhost", "PORT": str(server.port), "SECURITY": "none", "USER": "", **settings}
        configure(
            NEWSLETTER_TRANSPORT="smtp",
            NEWSLETTER_DNS_SERVER=names.address,
            **{f"NEWSLETTER_SMTP_{name}": value for name, value in given.items()},
        )
        [line] = says("transport")
        return line

    return lines


@pytest.fixture
def certified(server, tmp_path, monkeypatch):
    """Let the server have a certificate for a name, which this machine trusts, or not."""

    def certify(name, *, days=1, trusted=True):
        path = certificate_for(name, tmp_path / "certificate.pem", days=days)
        server.tls = server_context(path)
        server.offers.append("STARTTLS")
        if trusted:
            monkeypatch.setenv("SSL_CERT_FILE", str(path))

    return certify


def test_a_server_without_starttls_was_reached(tried):
    level, text = tried(SECURITY="starttls")
    assert level is Level.WRONG
    assert "it does not offer STARTTLS" in text
    assert "Set NEWSLETTER_SMTP_SECURITY to tls" in text


def test_the_bounce_mailbox_is_tried_as_the_sender(tried, server, monkeypatch):
    monkeypatch.setenv("NEWSLETTER_BOUNCE_ADDRESS", "bounces@example.org")
    _level, text = tried()
    assert server.senders == [return_path("bounces@example.org", UUID(int=0), 0)]
    assert "It accepts emails from bounces@example.org" in text


def test_a_server_without_a_log_in_was_reached(tried, server):
    server.offers.remove("AUTH PLAIN")
    _level, text = tried(USER="ruth", PASSWORD="secret")
    assert "it does not offer a login (AUTH). Set NEWSLETTER_SMTP_SECURITY to starttls or tls" in text


def test_a_log_in_by_a_kind_that_is_not_known_is_said(tried, server):
    server.offers = ["AUTH GSSAPI"]
    assert "does not offer a login method that we support" in tried(USER="ruth", PASSWORD="secret")[1]


def test_a_refused_log_in_names_user_and_password(tried, server):
    server.greeting_trouble = Trouble("auth", "535 no")
    _level, text = tried(USER="ruth", PASSWORD="secret")
    assert "rejected the login (535). Check NEWSLETTER_SMTP_USER and NEWSLETTER_SMTP_PASSWORD." in text


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (Trouble("greeting", "554 go away"), "rejected the connection (554)"),
        (Trouble("greeting", "421 busy"), "rejected the connection (421)"),
        (Trouble("greeting"), "closed the connection"),
        (Trouble("greeting", "hang"), "did not respond within 0.2 seconds"),
    ],
)
def test_a_greeting_that_is_not_one_is_said(tried, server, monkeypatch, trouble, words):
    monkeypatch.setattr(smtp_reconnecting, "TRY_SECONDS", 0.2 if trouble.says == "hang" else 10)
    server.greeting_trouble = trouble
    assert words in tried()[1]


def test_a_name_without_an_address_is_said(tried):
    assert (
        "We could not find the SMTP server in DNS. Check NEWSLETTER_SMTP_HOST"
        in tried(HOST="smtp.invalid")[1]
    )


def test_a_plain_server_that_is_asked_for_tls_from_the_start_is_said(tried):
    assert (
        "does not use TLS from the start. Set NEWSLETTER_SMTP_SECURITY to starttls"
        in tried(SECURITY="tls")[1]
    )


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_holds_is_well(tried, server, certified, security):
    certified("localhost")
    server.tls_from_the_start = security == "tls"
    assert tried(SECURITY=security, USER="ruth", PASSWORD="secret")[0] is Level.OK


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_of_another_name_is_said_with_the_name_that_is_asked_for(
    tried, server, certified, security
):
    certified("mail.example.org")
    server.tls_from_the_start = security == "tls"
    _level, text = tried(SECURITY=security)
    assert "certificate is not valid for 'localhost'" in text
    assert "Set NEWSLETTER_SMTP_HOST to the name in the server's certificate." in text


@pytest.mark.parametrize(
    ("days", "trusted", "words"),
    [(-1, True, "certificate has expired"), (1, False, "self-signed certificate")],
)
def test_a_certificate_that_does_not_hold_is_said_with_the_reason(tried, certified, days, trusted, words):
    certified("localhost", days=days, trusted=trusted)
    _level, text = tried(SECURITY="starttls")
    assert words in text
    assert "Renew the server's certificate" in text


def test_the_sender_of_each_publication_is_tried_and_no_message_is_sent(tried, server, publication):
    level, text = tried()
    assert level is Level.OK
    assert f"It accepts emails from {publication.sender_address}." in text
    assert (server.senders, server.out_of_step) == ([publication.sender_address], [])
    assert not server.messages


@pytest.mark.parametrize(
    ("says_it", "level", "words"),
    [
        ("550 5.7.1 not yours", Level.WRONG, "rejects the sender {} (550: 5.7.1 not yours)"),
        ("530 5.7.0 log in first", Level.WRONG, "rejects the sender {} (530: 5.7.0 log in first)"),
        ("452 4.3.1 hourly limit", Level.WARNING, "does not accept the sender {} at the moment (452"),
        ("421 4.3.2 closing", Level.WARNING, "does not accept the sender {} at the moment (421"),
        ("", Level.WARNING, "does not accept the sender {} at the moment (no readable reply"),
    ],
)  # fmt: skip
def test_a_sender_that_the_server_does_not_take_is_said_with_its_words(tried, server, says_it, level, words):
    server.troubles = iter([Trouble("mail", says_it)])
    found, text = tried()
    assert found is level
    assert words.format("news@harbour.example.org") in text


def test_one_sender_that_is_refused_does_not_hide_the_others(tried, server, publication, says):
    other = Publication.objects.get(pk=publication.pk)
    other.pk, other.slug, other.sender_address = None, "other", "zoë@straße.example"
    other.mailing_list = List.objects.create(slug="others", name="Others")
    other.save()
    server.offers = []
    _level, text = tried()
    assert "rejects the sender zoë@straße.example" in text
    assert "no SMTPUTF8" in text
    server.offers = ["SMTPUTF8"]
    server.troubles = iter([Trouble("mail", "421 4.3.2 closing")])
    assert [level for level, _text in says("transport")] == [Level.WARNING, Level.LEFT_OUT]
