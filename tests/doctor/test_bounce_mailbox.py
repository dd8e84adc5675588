"""`newsletter doctor` says whether bounces by mail can be read, and when they were."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.doctor.doctor_finding import Level
from newsletter.instance import process_heartbeats
from newsletter.instance.models import Heartbeat
from tests.fakes.imap import FakeImap
from tests.fakes.smtp import FakeSmtp


@pytest.fixture
def imap():
    with FakeImap() as server:
        yield server


@pytest.fixture
def said(publication, configure, names, says, imap):
    """What is said of bounces with these settings, by SMTP: (level, sentence and mend)."""

    def line(**settings):
        with FakeSmtp() as smtp:
            configure(
                NEWSLETTER_TRANSPORT="smtp",
                NEWSLETTER_SMTP_HOST="127.0.0.1",
                NEWSLETTER_SMTP_PORT=str(smtp.port),
                NEWSLETTER_SMTP_SECURITY="none",
                NEWSLETTER_DNS_SERVER=names.address,
                **{f"NEWSLETTER_BOUNCE_{name}": value for name, value in settings.items()},
            )
            [line] = says("bounces")
            return line

    return line


@pytest.fixture
def mailbox(imap):
    return {
        "ADDRESS": "bounces@example.org",
        "IMAP_HOST": "localhost",
        "IMAP_PORT": str(imap.port),
        "IMAP_SECURITY": "none",
        "IMAP_USER": imap.user,
        "IMAP_PASSWORD": imap.password,
    }


def test_without_a_mailbox_it_says_how_to_have_one(said):
    level, text = said()
    assert (level, "NEWSLETTER_BOUNCE_ADDRESS" in text) == (Level.LEFT_OUT, True)


def test_a_mailbox_that_was_just_read_is_well(said, mailbox):
    process_heartbeats.record_heartbeat(process_heartbeats.BOUNCES)
    level, text = said(**mailbox)
    assert (level, "last read them 0 seconds ago" in text) == (Level.OK, True)


def test_a_mailbox_that_nobody_reads_is_a_warning(said, mailbox):
    level, text = said(**mailbox)
    assert (level, "have never read them" in text) == (Level.WARNING, True)
    Heartbeat.objects.create(name=process_heartbeats.BOUNCES, at=timezone.now() - timedelta(hours=2))
    level, text = said(**mailbox)
    assert (level, "7,200 seconds ago" in text) == (Level.WARNING, True)


def test_a_log_in_that_is_refused_is_wrong(said, mailbox, imap):
    level, text = said(**{**mailbox, "IMAP_PASSWORD": "guessed"})
    assert (level, "NEWSLETTER_BOUNCE_IMAP_PASSWORD" in text) == (Level.WRONG, True)
    assert "guessed" not in text


def test_a_maildir_that_is_not_there_is_wrong(said, tmp_path):
    level, text = said(ADDRESS="bounces@example.org", MAILDIR=str(tmp_path / "nowhere"))
    assert (level, "is not a Maildir" in text) == (Level.WRONG, True)


def test_with_another_transport_the_mailbox_is_checked_if_it_gets_unsubscribe_emails(
    publication, configure, says, mailbox
):
    configure(NEWSLETTER_TRANSPORT="maildir")
    assert says("bounces") == []
    configure(
        NEWSLETTER_TRANSPORT="maildir",
        **{
            f"NEWSLETTER_BOUNCE_{name}": value
            for name, value in {**mailbox, "IMAP_PASSWORD": "wrong"}.items()
        },
    )
    [(level, sentence)] = says("bounces")
    assert level is Level.WRONG
    assert "rejected the login" in sentence
