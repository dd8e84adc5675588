"""The press sends from where it is at home, and from nowhere else until an administrator says so."""

import json
import logging

import pytest
from django.utils import timezone

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.errors import Refused
from newsletter.instance import guard
from newsletter.instance.models import Instance
from newsletter.issues.models import AuditEntry
from subscribers import suppression
from subscribers.consent_log import ConsentSource
from subscribers.models import SourceKind

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def unseen(home):
    """Nothing was seen before the test, nor is remembered after it."""
    guard.clear_cached_status()
    yield
    guard.clear_cached_status()


@pytest.fixture
def elsewhere():
    """This database was last at home on another machine."""
    now = timezone.now()
    row = Instance.objects.create(
        pk=1, fingerprint="elsewhere", label="/srv/press.sqlite3 on old", counted_at=now, adopted_at=now
    )
    guard.clear_cached_status()
    return row


def at_home_now():
    guard.clear_cached_status()
    return guard.may_send()


def test_a_new_database_is_at_home_where_it_is_first_used():
    assert guard.may_send()
    assert Instance.objects.get().adopted_by == "the system"
    assert at_home_now()


def test_a_database_from_elsewhere_is_not_at_home_and_says_so_once(elsewhere, caplog):
    assert not guard.may_send()
    assert not guard.may_send()
    with pytest.raises(Refused, match="newsletter instance adopt"):
        guard.require_may_send()
    [said] = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert "/srv/press.sqlite3 on old" in said.getMessage()


def test_nothing_goes_while_nobody_can_tell_who_must_not_be_mailed(settings):
    suppression.suppress("ada@example.org", "complaint", ConsentSource(SourceKind.EDITOR))
    assert at_home_now()
    settings.SECRET_KEY, old = "another key", settings.SECRET_KEY
    assert not at_home_now()
    with pytest.raises(Refused, match="Set this key again"):
        guard.require_may_send()
    settings.SECRET_KEY_FALLBACKS = [old]
    assert at_home_now()


def test_a_clock_does_not_make_itself_at_home(elsewhere):
    guard.advance_serial()
    elsewhere.refresh_from_db()
    assert (elsewhere.fingerprint, elsewhere.serial) == ("elsewhere", 0)


def test_a_database_that_was_put_back_to_what_it_was_is_not_at_home():
    guard.advance_serial()
    guard.advance_serial()
    assert at_home_now()
    Instance.objects.update(serial=1)
    assert not at_home_now()
    assert "older" in guard.instance_status().problem


def test_whoever_looks_remembers_the_highest_count(home):
    guard.advance_serial()
    (home / "instance").unlink()
    assert at_home_now()
    Instance.objects.update(serial=0)
    assert not at_home_now()


@pytest.mark.parametrize("content", ["", "many", "\N{SNOWMAN}"])
def test_a_count_that_cannot_be_read_stops_nobody(home, content):
    guard.advance_serial()
    (home / "instance").write_text(content, encoding="utf-8")
    assert at_home_now()


def test_a_new_database_in_an_old_home_is_at_home(home):
    (home / "instance").write_text("70\n", encoding="ascii")
    assert guard.may_send()
    assert at_home_now()


def test_a_restored_database_asks_wherever_it_is():
    assert guard.may_send()
    guard.require_adoption()
    assert not guard.may_send()
    assert "restored from a backup" in guard.instance_status().problem


def test_an_administrator_lets_it_send_from_here_and_that_is_written_down(elsewhere):
    with acting_as(Actor("ada", frozenset({Role.ADMINISTRATOR}))):
        guard.adopt()
    assert guard.may_send()
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.act) == ("ada", "instance")
    assert "/srv/press.sqlite3 on old" in entry.sentence


def test_an_editor_cannot_let_it_send(elsewhere):
    with (
        acting_as(Actor("edda", frozenset({Role.EDITOR, Role.APPROVER, Role.SENDER}))),
        pytest.raises(Refused, match="administrator"),
    ):
        guard.adopt()
    assert not guard.may_send()


def test_taken_where_it_is_at_home_already_nothing_changes():
    assert guard.may_send()
    before = Instance.objects.values().get()
    guard.adopt()
    assert Instance.objects.values().get() == before
    assert not AuditEntry.objects.exists()


def test_after_a_restore_was_taken_machines_that_saw_more_go_on(home):
    for _beat in range(3):
        guard.advance_serial()
    Instance.objects.update(serial=1)
    guard.adopt()
    (home / "instance").write_text("7\n", encoding="ascii")
    assert at_home_now()


def test_the_command_shows_and_takes_only_with_a_word(cli, elsewhere):
    shown = cli("instance", "status")
    assert shown.code == 0
    for label in (
        "/srv/press.sqlite3 on old",
        "No emails are waiting to be sent.",
        "newsletter instance adopt",
    ):
        assert label in " ".join(shown.out.split())
    refused = cli("instance", "adopt")
    assert (refused.code, "--yes" in refused.err) == (1, True)
    taken = json.loads(cli("instance", "adopt", "--yes", "--json").out)
    assert taken["may_send"] is True
    assert taken["adopted_by"]
