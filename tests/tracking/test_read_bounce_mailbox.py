"""The bounce mailbox is read by IMAP, from a Maildir or from a pipe, and whatever goes wrong costs no bounce."""

import itertools
import os
import subprocess
import sys
import time

import pytest

from newsletter.environment import Environment
from newsletter.errors import Invalid, Refused, Unreachable
from newsletter.instance import guard, process_heartbeats
from newsletter.sending.batches import send_next_batch
from newsletter.sending.bounce_mailboxes.imap_bounces import open_folder
from newsletter.sending.transports import _set_up
from newsletter.tracking.bounces.process_bounce import BounceResult
from newsletter.tracking.bounces.read_mailbox import MAX_TRIES, name_of, read_bounces, read_some_bounces
from newsletter.tracking.models import BounceFolder, Event
from subscribers import suppression
from subscribers.models import Suppression
from tests.fakes.certificate import certificate_for, server_context
from tests.fakes.imap import FakeImap
from tests.fakes.smtp import FakeSmtp
from tests.sending.planned_mailing import planned_mailing
from tests.tracking.returned_mail import TO, bounce, complaint, reply

COUNTED, KNOWN, WITHOUT_EFFECT, LEFT = (
    BounceResult.COUNTED,
    BounceResult.KNOWN,
    BounceResult.WITHOUT_EFFECT,
    BounceResult.LEFT,
)


@pytest.fixture
def configure(settings, home):
    """Change the settings: `configure(bounce_maildir=…)`."""

    def change(**changes):
        settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update=changes)

    return change


@pytest.fixture
def server(configure, db):
    with FakeImap() as running:
        fields = {
            "bounce_imap_host": "localhost",
            "bounce_imap_port": running.port,
            "bounce_imap_security": "none",
            "bounce_imap_user": running.user,
            "bounce_imap_password": running.password,
            "bounce_imap_timeout_seconds": 20,
        }
        # Through the class, so that the password is a secret and the values are checked.
        given = Environment(_env_file=None, **fields)
        configure(**{name: getattr(given, name) for name in fields})
        yield running


@pytest.fixture
def maildir(configure, tmp_path):
    folder = tmp_path / "bounces"
    for room in ("tmp", "new", "cur"):
        (folder / room).mkdir(parents=True)
    configure(bounce_maildir=folder)
    return folder


def suppressed():
    names = ("ana", "ben", "cem", "dora")
    return {name for name in names if suppression.reasons(f"{name}@example.org")}


def test_reports_are_taken_in_and_deleted_and_everything_else_stays_unread(server, path_of):
    gone = [server.deliver(bounce(path_of("ana"))), server.deliver(complaint(path_of("ben")))]
    answered = server.deliver(reply(path_of("cem")))
    forged = server.deliver(bounce(TO))
    assert read_bounces() == {COUNTED: 2, LEFT: 2}
    assert suppressed() == {"ana", "ben"}
    assert list(server.folder) == [answered, forged]
    assert server.flags[answered] == server.flags[forged] == set()
    assert not set(gone) & server.folder.keys()
    assert process_heartbeats.last_heartbeat(process_heartbeats.BOUNCES) is not None


def test_what_was_left_is_not_fetched_again(server, path_of):
    server.deliver(reply())
    read_bounces()
    server.commands.clear()
    assert read_bounces() == {}
    assert "UID FETCH" not in server.commands
    server.deliver(bounce(path_of("ana")))
    assert read_bounces() == {COUNTED: 1}


def test_a_folder_whose_messages_have_new_numbers_is_read_again(server, path_of):
    server.deliver(reply())
    server.deliver(reply())
    read_bounces()
    server.folder, server.validity, server.next_number = {}, 8, 1
    server.deliver(bounce(path_of("ana")))
    assert read_bounces() == {COUNTED: 1}


def test_a_report_whose_deletion_was_cut_off_is_known_and_deleted_next_time(server, path_of):
    server.deliver(bounce(path_of("ana")))
    server.troubles["UID STORE"] = "cut"
    with pytest.raises(Unreachable):
        read_bounces()
    assert suppressed() == {"ana"}
    server.troubles.clear()
    assert read_bounces() == {KNOWN: 1}
    assert server.folder == {}
    assert Event.objects.count() == 1


def test_two_processes_that_read_at_once_count_once(server, path_of):
    server.deliver(bounce(path_of("ana")))
    row = BounceFolder.objects.create(name=name_of(Environment()), validity=7)
    read_bounces()
    # The other one has listed the message before it was gone.
    BounceFolder.objects.exclude(pk=row.pk).update(last_number=0)
    server.folder[1] = bounce(path_of("ana"))
    assert read_bounces() == {KNOWN: 1}
    assert Event.objects.count() == Suppression.objects.count() == 1


def test_a_message_that_cannot_be_fetched_is_left_after_some_tries(server, path_of):
    server.deliver(reply())
    server.troubles["UID FETCH"] = "cut"
    for _ in range(MAX_TRIES):
        with pytest.raises(Unreachable):
            read_bounces()
    assert read_bounces() == {}
    server.troubles.clear()
    server.deliver(bounce(path_of("ana")))
    assert read_bounces() == {COUNTED: 1}


TROUBLES = ("cut", "drip", "hang", "endless", "huge", "NO", "BAD no", "\x00")
COMMANDS = ("GREETING", "AUTHENTICATE", "SELECT", "UID SEARCH", "UID FETCH", "UID STORE")
# Each trouble at one command, and each command in one trouble; the rest where everything is asked for.
USUAL = {(trouble, COMMANDS[number % len(COMMANDS)]) for number, trouble in enumerate(TROUBLES)}


@pytest.mark.parametrize(
    ("trouble", "command"),
    [
        pytest.param(*each, marks=() if each in USUAL else pytest.mark.full)
        for each in itertools.product(TROUBLES, COMMANDS)
    ],
)
def test_whatever_the_server_does_ends_in_time_and_loses_nothing(
    server, path_of, configure, command, trouble
):
    message = server.deliver(bounce(path_of("ana")))
    server.troubles[command] = trouble
    configure(bounce_imap_timeout_seconds=0.4)
    began = time.monotonic()
    with pytest.raises((Unreachable, Refused)) as error:
        read_bounces()
    assert time.monotonic() - began < 10
    assert "NEWSLETTER_BOUNCE_IMAP" in str(error.value) or "Try again" in str(error.value)
    assert message in server.folder
    server.troubles.clear()
    configure(bounce_imap_timeout_seconds=20)
    assert read_bounces().total() == 1
    assert suppressed() == {"ana"}


def test_a_wrong_password_is_said_without_the_password(server, configure):
    server.password = "another"
    with pytest.raises(Refused, match="rejected the login") as error:
        read_bounces()
    assert "geheim" not in str(error.value)


def test_a_server_without_plain_or_uidplus_is_used_too(server, path_of, configure):
    server.capabilities = "IMAP4rev1"
    server.password = "plain words"
    configure(bounce_imap_password=Environment(bounce_imap_password="plain words").bounce_imap_password)
    number = server.deliver(bounce(path_of("ana")))
    assert read_bounces() == {COUNTED: 1}
    assert server.flags[number] == {"\\Seen", "\\Deleted"}
    assert "UID EXPUNGE" not in server.commands


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_the_connection_is_protected_and_the_name_proven(
    server, configure, tmp_path, monkeypatch, security, path_of
):
    path = certificate_for("localhost", tmp_path / "certificate.pem")
    server.tls, server.tls_from_the_start = server_context(path), security == "tls"
    server.capabilities += " STARTTLS"
    configure(bounce_imap_security=security)
    server.deliver(bounce(path_of("ana")))
    with pytest.raises(Refused, match="certificate is not valid"):
        read_bounces()
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    assert read_bounces() == {COUNTED: 1}


def test_a_server_without_starttls_is_told_no_password(server, configure):
    configure(bounce_imap_security="starttls")
    with pytest.raises(Unreachable, match="does not offer STARTTLS"):
        read_bounces()
    assert "AUTHENTICATE" not in server.commands


def test_only_the_beginning_of_a_large_message_is_fetched(server, path_of):
    server.deliver(bounce(path_of("ana")) + b"x" * 5_000_000)
    with open_folder(_settings()) as folder:
        assert len(folder.beginning(1, 1_000)) == 1_000
    assert read_bounces() == {COUNTED: 1}


def _settings():
    from django.conf import settings

    return settings.NEWSLETTER


def test_a_copy_of_an_installation_leaves_the_bounces_to_the_original(server, path_of):
    server.deliver(bounce(path_of("ana")))
    guard.require_adoption()
    try:
        with pytest.raises(Refused, match="copy"):
            read_bounces()
        assert read_some_bounces() is False
    finally:
        guard.clear_cached_status()
    assert server.sessions == 0


def test_without_a_mailbox_the_clock_reads_nothing_and_the_command_says_so(configure, db, cli):
    assert read_some_bounces() is False
    with pytest.raises(Invalid, match="NEWSLETTER_BOUNCE_IMAP_HOST"):
        read_bounces()
    assert cli("bounces").code == 2


def test_the_command_says_what_it_read(server, path_of, cli):
    server.deliver(bounce(path_of("ana")))
    result = cli("bounces", "--json")
    assert (result.code, '"counted": 1' in result.out) == (0, True)


def test_a_maildir_is_read_and_what_is_left_stays_there_unread(maildir, path_of):
    (maildir / "new" / "1.a").write_bytes(bounce(path_of("ana")))
    (maildir / "new" / "2.b:2,").write_bytes(reply())
    (maildir / "new" / "3.c").write_bytes(bounce(path_of("cem"), action="delivered"))
    (maildir / "new" / ".hidden").write_bytes(bounce(path_of("ben")))
    (maildir / "new" / "4.folder").mkdir()
    (maildir / "new" / "5.link").symlink_to(maildir / "new" / ".hidden")
    assert read_bounces() == {COUNTED: 1, WITHOUT_EFFECT: 1, LEFT: 1}
    assert [file.name for file in (maildir / "cur").iterdir()] == ["2.b:2,"]
    assert sorted(file.name for file in (maildir / "new").iterdir()) == [".hidden", "4.folder", "5.link"]
    assert suppressed() == {"ana"}
    assert read_bounces() == {}


def test_a_folder_that_is_not_a_maildir_is_said(configure, tmp_path, db):
    configure(bounce_maildir=tmp_path / "nowhere")
    with pytest.raises(Invalid, match="NEWSLETTER_BOUNCE_MAILDIR"):
        read_bounces()


def test_a_mail_server_hands_over_a_bounce_by_a_pipe(cli, path_of, monkeypatch, tmp_path):
    file = tmp_path / "message"
    file.write_bytes(bounce(TO) + b"x" * 3_000_000)
    monkeypatch.setenv("ORIGINAL_RECIPIENT", path_of("ana"))
    with file.open() as pipe:
        monkeypatch.setattr("sys.stdin", pipe)
        result = cli("bounces", "--pipe", "--json")
        assert pipe.buffer.read() == b""
    assert (result.code, "counted" in result.out) == (0, True)
    assert suppressed() == {"ana"}


def test_a_pipe_is_told_to_try_again_on_a_copy(cli, sent, monkeypatch, tmp_path):
    guard.require_adoption()
    file = tmp_path / "message"
    file.write_bytes(bounce(TO) + b"x" * 1_000_000)
    try:
        with file.open() as pipe:
            monkeypatch.setattr("sys.stdin", pipe)
            assert cli("bounces", "--pipe").code == 75
            assert pipe.buffer.read() == b""
    finally:
        guard.clear_cached_status()


@pytest.mark.full
def test_a_pipe_is_told_to_try_again_where_there_is_no_database(tmp_path):
    environment = os.environ | {"NEWSLETTER_HOME": str(tmp_path), "DATABASE_URL": ""}
    done = subprocess.run(
        [sys.executable, "-m", "newsletter", "bounces", "--pipe"],
        input=bounce("bounces+" + "a" * 40 + "@example.org") + b"x" * 1_000_000,
        env=environment,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, b"Traceback" in done.stderr) == (75, False)


def test_from_the_email_to_the_suppression(server, configure, issue, join):
    with FakeSmtp() as smtp:
        fields = {"smtp_host": "127.0.0.1", "smtp_port": smtp.port, "smtp_security": "none"}
        configure(transport="smtp", bounce_address=TO, **fields)
        join("ana")
        planned_mailing(issue, planned_by="edda")
        assert send_next_batch()
        _set_up("smtp", _settings()).close()
        [sender] = smtp.senders
    server.deliver(bounce(sender))
    assert read_bounces() == {COUNTED: 1}
    assert suppressed() == {"ana"}
