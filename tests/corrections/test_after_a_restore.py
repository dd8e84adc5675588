"""An email about a correction that was about to be sent when the database was copied is not sent from the copy."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from newsletter.corrections.after_a_restore import adopt_installation, pending_emails
from newsletter.corrections.approve_notice import found_notice
from newsletter.corrections.models import CorrectionNotice
from newsletter.corrections.send_notice import plan_next_notice, send_notice
from newsletter.instance import guard
from newsletter.issues.models import AuditEntry, Publication
from newsletter.notifications.detectors.blocked_corrections import blocked_corrections
from tests.corrections.conftest import deliver
from tests.corrections.test_correction_emails import GOT_IT, approved, reached

State = CorrectionNotice.State


@pytest.fixture
def waiting(correction, publication):
    """An email about a correction for which somebody has selected “Send”."""
    Publication.objects.update(undo_minutes=5)
    publication.refresh_from_db()
    return send_notice(approved(correction, publication))


def after_the_undo_window():
    return time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False)


def test_it_is_listed_and_sent_from_the_installation_where_it_was_made(waiting, way_out):
    [pending] = pending_emails()
    assert pending.what == "Correction to “Tides explained” for The Harbour Letter"
    assert (pending.at, pending.people, pending.is_held) == (waiting.due_at, len(GOT_IT), False)
    with after_the_undo_window():
        assert plan_next_notice() == waiting
        deliver()
    assert reached(way_out) == dict.fromkeys(GOT_IT, 1)


@pytest.mark.parametrize("how", ["restored", "older"])
def test_a_restored_installation_lists_it_and_sends_it_only_if_somebody_selects_send_again(
    how, waiting, publication, way_out, cli
):
    if how == "restored":
        guard.require_adoption()
    else:
        guard.quarantine("This database is older than what was sent.")
    [pending] = pending_emails()
    assert (pending.people, pending.is_held, pending.is_due) == (len(GOT_IT), True, False)
    assert "when you select “Send” again" in cli("instance", "status").out
    assert json.loads(cli("instance", "status", "--json").out)["pending_sends"][0]["is_held"]
    with after_the_undo_window():
        assert plan_next_notice() is None
        adopt_installation()
        assert not guard.instance_status().problem
        assert plan_next_notice() is None
        deliver()
    assert reached(way_out) == {}
    waiting.refresh_from_db()
    assert waiting.state == State.BLOCKED
    assert "could have been sent since then" in waiting.blocked_reason
    assert AuditEntry.objects.filter(act="correction-email", sentence__contains="Blocked").exists()
    assert pending_emails() == []
    send_notice(found_notice(waiting.correction, publication), without_undo=True)
    deliver()
    assert reached(way_out) == dict.fromkeys(GOT_IT, 1)


def test_allowing_an_installation_that_can_send_holds_nothing(waiting):
    adopt_installation()
    waiting.refresh_from_db()
    assert waiting.state == State.SCHEDULED


def test_an_email_that_is_later_than_the_grace_is_blocked_as_an_issue_is(waiting, way_out):
    late = timedelta(minutes=5 + settings.NEWSLETTER.grace_minutes + 1)
    with time_machine.travel(timezone.now() + late, tick=False):
        assert plan_next_notice() is None
        deliver()
    waiting.refresh_from_db()
    assert waiting.state == State.BLOCKED
    assert "NEWSLETTER_GRACE_MINUTES" in waiting.blocked_reason
    assert reached(way_out) == {}


@pytest.mark.parametrize("late", [timedelta(minutes=6), timedelta(days=9)])
def test_everybody_concerned_is_notified_that_it_is_blocked_however_late_that_is(late, waiting):
    with time_machine.travel(timezone.now() + late, tick=False):
        if late < timedelta(days=1):
            guard.require_adoption()
            adopt_installation()
        assert plan_next_notice() is None
        [event] = blocked_corrections(timezone.now() - timedelta(minutes=1))
    assert event.reason == CorrectionNotice.objects.get().blocked_reason


def test_the_command_names_no_time_for_an_email_that_is_held(waiting, cli):
    guard.require_adoption()
    held = cli("corrections", "send", str(waiting.correction_id), "--yes")
    assert held.code == 1
    assert "restored from a backup" in held.err
    assert "will be sent at" not in held.out
