"""SendGrid's lists of suppressions are taken over, in closed windows; ours are given when asked for."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from newsletter.environment import read_environment
from newsletter.sending import sync_sendgrid_suppressions
from newsletter.sending.models import SuppressionSync
from subscribers import consent, suppression
from subscribers.consent_log import ConsentSource
from subscribers.models import SourceKind, Subscription, Suppression
from tests.fakes.sendgrid import FakeSendGrid
from tests.sending.planned_mailing import planned_mailing

Reason = Suppression.Reason
EDITOR = ConsentSource(SourceKind.EDITOR, "edda")
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def sendgrid(settings, monkeypatch, home):
    with FakeSendGrid() as server:
        monkeypatch.setenv("NEWSLETTER_HOME", str(home))
        monkeypatch.setenv("NEWSLETTER_TRANSPORT", "sendgrid")
        monkeypatch.setenv("SENDGRID_API_KEY", "SG.key")
        monkeypatch.setenv("NEWSLETTER_SENDGRID_HOST", server.url)
        settings.NEWSLETTER = read_environment()
        yield server


def entry(address, at=NOON, **more):
    return {"email": address, "created": int(at.timestamp()), **more}


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("bounces", Reason.HARD_BOUNCE),
        ("spam_reports", Reason.COMPLAINT),
        ("invalid_emails", Reason.HARD_BOUNCE),
        ("unsubscribes", Reason.LEFT_ALL),
    ],
)
def test_whoever_is_on_a_list_of_sendgrids_is_not_mailed_any_more(sendgrid, join, kind, reason):
    [ana, ben] = join("ana", "ben", joined_at=NOON - timedelta(days=9))
    sendgrid.account.suppressed[kind] = [entry("Ana@example.org"), entry("unknown@example.org")]
    pulled = {each.kind: each for each in sync_sendgrid_suppressions.pull_suppressions()}
    assert (pulled[kind].read, pulled[kind].new) == (2, 2)
    assert suppression.reasons("ana@example.org") == {reason}
    assert suppression.reasons("unknown@example.org") == {reason}
    ana.refresh_from_db()
    ben.refresh_from_db()
    assert (ana.state, ben.state) == (Subscription.State.UNSUBSCRIBED, Subscription.State.ACTIVE)


def test_a_long_list_is_read_page_by_page(sendgrid, db):
    sendgrid.account.suppressed["bounces"] = [
        entry(f"b{n}@example.org", NOON - timedelta(seconds=n)) for n in range(1_203)
    ]
    pulled = sync_sendgrid_suppressions.pull_suppressions()[0]
    assert (pulled.read, pulled.new) == (1_203, 1_203)
    asked = [query for kind, query in sendgrid.account.questions if kind == "bounces"]
    assert [query["offset"] for query in asked] == ["0", "500", "1000"]
    assert len({(query["start_time"], query["end_time"]) for query in asked}) == 1


def test_each_window_is_closed_and_overlaps_the_last_and_what_is_read_twice_is_new_once(sendgrid, db):
    with time_machine.travel(NOON, tick=False):
        sendgrid.account.suppressed["bounces"] = [entry("a@example.org", NOON - timedelta(minutes=10))]
        sync_sendgrid_suppressions.pull_suppressions()
    with time_machine.travel(NOON + timedelta(hours=2), tick=False):
        # Written late, with a time before the end of the last window.
        sendgrid.account.suppressed["bounces"].append(entry("late@example.org", NOON - timedelta(minutes=5)))
        again = sync_sendgrid_suppressions.pull_suppressions()[0]
    assert (again.read, again.new) == (2, 1)
    first, second = (query for kind, query in sendgrid.account.questions if kind == "bounces")
    assert int(second["start_time"]) == int(first["end_time"]) - 3_600
    assert int(second["end_time"]) <= int((NOON + timedelta(hours=2)).timestamp())
    assert Suppression.objects.count() == 2


def test_a_pull_that_breaks_off_begins_there_again(sendgrid, db):
    sendgrid.account.suppressed["bounces"] = [entry("a@example.org")]
    sendgrid.account.suppressed["spam_reports"] = [entry("b@example.org")]
    sendgrid.account.statuses["/v3/suppression/spam_reports"] = 500
    with pytest.raises(sync_sendgrid_suppressions.NewsletterError, match="Try again later"):
        sync_sendgrid_suppressions.pull_suppressions()
    assert suppression.reasons("a@example.org")
    assert list(SuppressionSync.objects.values_list("kind", flat=True)) == ["bounces"]
    sendgrid.account.statuses.clear()
    sync_sendgrid_suppressions.pull_suppressions()
    assert suppression.reasons("b@example.org") == {Reason.COMPLAINT}


def test_what_was_lifted_here_is_not_suppressed_again_by_an_old_entry(sendgrid, join):
    join("ana")
    sendgrid.account.suppressed["bounces"] = [entry("ana@example.org", timezone.now() - timedelta(hours=2))]
    sync_sendgrid_suppressions.pull_suppressions()
    suppression.end_suppression("ana@example.org", EDITOR, why="the mailbox works again")
    SuppressionSync.objects.all().delete()
    sync_sendgrid_suppressions.pull_suppressions()
    assert suppression.reasons("ana@example.org") == set()


def test_who_left_at_sendgrid_and_came_back_here_since_stays(sendgrid, join):
    [ana] = join("ana", joined_at=NOON)
    sendgrid.account.suppressed["unsubscribes"] = [entry("ana@example.org", NOON - timedelta(days=30))]
    sync_sendgrid_suppressions.pull_suppressions()
    ana.refresh_from_db()
    assert ana.state == Subscription.State.ACTIVE


def test_entries_that_are_no_addresses_are_left_alone(sendgrid, db):
    sendgrid.account.suppressed["invalid_emails"] = [
        entry("no address"),
        {"created": 1},
        entry("ok@example.org"),
    ]
    assert sync_sendgrid_suppressions.pull_suppressions()[2].new == 1


def test_before_a_mailing_what_is_new_is_taken_over(sendgrid, issue, join):
    join("ana", "ben", joined_at=NOON - timedelta(days=9))
    sendgrid.account.suppressed["spam_reports"] = [
        entry("ana@example.org", timezone.now() - timedelta(hours=1))
    ]
    assert planned_mailing(issue).audience == 1


@pytest.mark.parametrize("status", [401, 429, 500])
def test_a_mailing_goes_on_without_a_pull_and_says_so(sendgrid, issue, join, status):
    join("ana")
    sendgrid.account.statuses["/v3/suppression/bounces"] = status
    mailing = planned_mailing(issue)
    assert mailing.audience == 1
    assert "could not copy the suppressions from SendGrid" in mailing.decisions.get().sentence


def test_what_was_pulled_just_now_is_not_asked_again_before_a_mailing(sendgrid, issue, join):
    join("ana")
    sync_sendgrid_suppressions.pull_suppressions()
    sendgrid.account.questions.clear()
    planned_mailing(issue)
    assert sendgrid.account.questions == []


def test_the_clock_pulls_the_list_that_waits_longest_until_none_is_due(sendgrid, db):
    with time_machine.travel(NOON, tick=False) as clock:
        assert [sync_sendgrid_suppressions.pull_next_suppressions() for _ in range(5)] == [True] * 4 + [False]
        clock.shift(timedelta(hours=1))
        assert sync_sendgrid_suppressions.pull_next_suppressions()
    assert [kind for kind, _query in sendgrid.account.questions] == [
        *sync_sendgrid_suppressions.KINDS,
        "bounces",
    ]


def test_ours_are_given_to_sendgrid_when_asked_for_and_nothing_is_deleted(cli, sendgrid, join):
    join("ana", "ben")
    suppression.suppress("ana@example.org", Reason.MANUAL, EDITOR)
    suppression.suppress("erased@example.org", Reason.ERASED, EDITOR)
    assert json.loads(cli("suppressions", "push", "--json").out) == {"pushed": 1}
    assert sendgrid.account.pushed == [["ana@example.org"]]
    sendgrid.account.suppressed["unsubscribes"] = [
        entry("ana@example.org", timezone.now() - timedelta(hours=1))
    ]
    assert json.loads(cli("suppressions", "pull", "--json").out)[3] == {
        "list": "unsubscribes",
        "read": 1,
        "new": 0,
    }
    assert {method for method, _path in sendgrid.paths} == {"GET", "POST"}


def test_the_command_shows_what_was_read_and_says_why_it_could_not(cli, sendgrid, settings):
    assert "bounces" in cli("suppressions", "pull").out
    sendgrid.account.refused.add("/v3/suppression/bounces")
    refused = cli("suppressions", "pull")
    assert refused.code == 1
    assert "The API key does not have permission for suppression/bounces (403)" in refused.err
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(
        update={"sendgrid_api_key": type(settings.NEWSLETTER.sendgrid_api_key)("")}
    )
    assert cli("suppressions", "pull").code == 2


def test_leaving_all_here_and_at_sendgrid_is_one_thing(sendgrid, join):
    [ana] = join("ana")
    consent.unsubscribe_from_all(ana.subscriber, EDITOR)
    sendgrid.account.suppressed["unsubscribes"] = [
        entry("ana@example.org", timezone.now() - timedelta(hours=1))
    ]
    sync_sendgrid_suppressions.pull_suppressions()
    assert Suppression.objects.count() == 1


def test_what_came_while_the_clock_was_a_day_ahead_is_taken_over_once_it_is_right(sendgrid, db):
    with time_machine.travel(NOON + timedelta(days=1)):
        sync_sendgrid_suppressions.pull_suppressions()
    sendgrid.account.suppressed["spam_reports"] = [entry("ana@example.org", NOON + timedelta(minutes=5))]
    with time_machine.travel(NOON + timedelta(hours=5)):
        while sync_sendgrid_suppressions.pull_next_suppressions():
            pass
    assert suppression.reasons("ana@example.org") == {Reason.COMPLAINT}
