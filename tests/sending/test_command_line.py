"""`issues send|export` and `mailings …`, as a person or a program uses them."""

import json
import mailbox
import signal
import stat
from datetime import timedelta
from threading import Event
from typing import Any, ClassVar

import pytest

from newsletter.issues.approvals import current_approval
from newsletter.issues.models import Issue
from newsletter.scheduling.approval import approve, withdraw_approval
from newsletter.scheduling.models import Schedule
from newsletter.scheduling.release import release_now
from newsletter.sending.engines.local import LocalEngine
from newsletter.sending.models import Mailing
from newsletter.sending.outcomes import Accepted, NotSent, RecipientsOutcome, Rejected, Unknown
from subscribers.backoff import steps
from tests.sending.scripted_transport import answering, recipients_of


class OneThread(LocalEngine):
    """An engine with one thread, which says when it was told to stop."""

    told_to_stop: ClassVar = Event()

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options, threads=1)

    def stop(self) -> None:
        super().stop()
        self.told_to_stop.set()


@pytest.fixture(autouse=True)
def in_one_thread(monkeypatch):
    """Threads of the engine would not see what a test's transaction holds."""
    monkeypatch.setattr("newsletter.sending.engines.local.LocalEngine", OneThread)


@pytest.fixture
def issue(issue):
    approve(issue)
    return issue


@pytest.fixture
def five(join):
    return join("ana", "ben", "cem", "dora", "eve")


def outbox(home):
    return mailbox.Maildir(home / "outbox", factory=None, create=False)


def test_send_delivers_to_everybody_and_says_the_sum(cli, issue, five, home):
    result = cli("issues", "send", "1", "--without-undo")
    assert result.code == 0
    for words in ("accepted", "waiting", "left out", "rejected", "unknown", "5"):
        assert words in result.out
    assert len(outbox(home)) == 5


def test_sending_again_sends_to_nobody_twice(cli, issue, five, home):
    cli("issues", "send", "1", "--without-undo")
    again = cli("issues", "send", "1", "--without-undo", "--json")
    assert again.code == 0
    assert json.loads(again.out) == {
        "mailing": Mailing.objects.get().pk,
        "purpose": "issue",
        "issue": "harbour/1",
        "key": str(Mailing.objects.get().key),
        "state": "sent",
        "pause_reason": "",
        "audience": 5,
        "waiting": 0,
        "accepted": 5,
        "skipped": 0,
        "rejected": 0,
        "unknown": 0,
        "posting": 0,
        "twice": 0,
        "reasons": {},
        "got_it_twice": [],
    }
    assert len(outbox(home)) == 5


@pytest.mark.parametrize(("reply", "sent"), [("y", 5), ("n", 0)])
def test_a_person_is_asked_first(cli, issue, five, way_out, monkeypatch, reply, sent):
    asked = []

    def confirm(question):
        asked.append(question)
        return reply == "y"

    monkeypatch.setattr("newsletter.cli.issue_sending.a_person_watches", lambda: True)
    monkeypatch.setattr("typer.confirm", confirm)
    result = cli("issues", "send", "1", "--without-undo")
    assert asked == ["Send The Harbour Letter 1 to 5 people (this is the first issue)?"]
    assert result.code == (0 if sent else 1)
    assert len(way_out.taken) == sent
    assert Mailing.objects.exists() is bool(sent)


def test_send_waits_for_the_undo_window_as_at_the_desk(cli, issue, five, home):
    result = cli("issues", "send", "1", "--yes")
    assert result.code == 0
    assert "Until then, you can undo this with `newsletter issues unschedule harbour/1`." in result.out
    assert Schedule.objects.get(issue=issue).in_undo_window
    assert not Mailing.objects.exists()
    assert cli("issues", "unschedule", "1").code == 0
    assert not Schedule.objects.exists()
    shown = json.loads(cli("issues", "send", "1", "--yes", "--json").out)
    assert (shown["state"], shown["in_undo_window"]) == ("scheduled", True)


@pytest.mark.parametrize("option", ["--yes", "--without-undo"])
def test_what_nobody_approved_is_not_sent_and_sending_approves_nothing(cli, issue, five, option):
    withdraw_approval(issue)
    result = cli("issues", "send", "1", option)
    assert result.code == 1
    assert "is not approved. Approve it first." in result.err
    issue.refresh_from_db()
    assert issue.state == Issue.State.DRAFT
    assert current_approval(issue) is None
    assert not Mailing.objects.exists()


def test_a_released_issue_that_nobody_planned_is_sent_by_the_same_command(cli, issue, five, home):
    release_now(issue)
    assert cli("issues", "send", "1", "--without-undo").code == 0
    assert len(outbox(home)) == 5


def test_yes_is_not_asked(cli, issue, five, way_out, monkeypatch):
    monkeypatch.setattr("newsletter.cli.issue_sending.a_person_watches", lambda: True)
    monkeypatch.setattr("typer.confirm", lambda _question: pytest.fail("asked"))
    assert cli("issues", "send", "1", "--without-undo", "--yes").code == 0


def test_what_cannot_be_sent_is_one_sentence(cli, issue):
    result = cli("issues", "send", "1", "--without-undo")
    assert result.code == 1
    assert result.err.startswith("newsletter: Nobody would receive The Harbour Letter 1")
    assert cli("issues", "send", "9").code == 1
    assert "Traceback" not in result.err


def test_a_pause_during_sending_ends_with_1_and_says_how_to_go_on(cli, issue, five, way_out):
    way_out.plan = answering(NotSent("The key is refused.", pause=True))
    result = cli("issues", "send", "1", "--without-undo")
    number = Mailing.objects.get().pk
    assert result.code == 1
    how = f"To continue, run `newsletter mailings resume {number}`"
    assert f"is paused. The key is refused. {how}" in result.err
    assert cli("issues", "send", "1", "--without-undo").code == 1
    way_out.plan = answering(Accepted())
    assert cli("mailings", "resume", number).code == 0
    assert cli("issues", "send", "1", "--without-undo").code == 0
    assert len(way_out.taken) == 5


def test_unknown_recipients_are_never_called_sent(cli, issue, five, way_out):
    way_out.plan = answering(Unknown("The answer was lost."))
    way_out.batch_size = 5
    way_out.evidence = lambda _trace, _recipients: iter(())
    result = cli("issues", "send", "1", "--without-undo")
    number = Mailing.objects.get().pk
    batch = Mailing.objects.get().batches.get()
    assert result.code == 1
    assert "We do not know whether 5 recipients received the email" in result.err
    assert Issue.objects.get().state == Issue.State.SENDING
    shown = cli("mailings", "show", number)
    assert "The answer was lost." in shown.out
    listed = cli("mailings", "recipients", number, "--state", "unknown", "--json")
    assert {row["state"] for row in json.loads(listed.out)} == {"unknown"}
    assert len(json.loads(listed.out)) == 5
    assert cli("mailings", "settle", number, "--batch", batch.pk).code == 2
    assert cli("mailings", "settle", number, "--batch", batch.pk, "--sent").code == 0
    assert Issue.objects.get().state == Issue.State.SENT
    assert "Settled" not in cli("mailings", "list").err


def test_stop_says_how_many_do_not_get_it_and_retry_sends_to_them(cli, issue, five, way_out):
    way_out.plan = answering(NotSent("Wait.", pause=True))
    cli("issues", "send", "1", "--without-undo")
    number = Mailing.objects.get().pk
    stopped = cli("mailings", "stop", number, "--yes", "--json")
    assert json.loads(stopped.out)["reasons"] == {"skipped": {"stopped": 5}}
    way_out.plan = answering(Accepted())
    assert cli("mailings", "retry", number).code == 0
    assert cli("issues", "send", "1", "--without-undo").code == 0
    assert len(way_out.taken) == 5


def test_refused_recipients_are_shown_with_the_reason(cli, issue, five, way_out):
    way_out.plan = answering(Rejected("No such mailbox."))
    result = cli("issues", "send", "1", "--without-undo")
    assert result.code == 0
    assert "No such mailbox.: 5" in result.out


def test_sigterm_finishes_the_post_in_flight_and_starts_none(cli, issue, five, way_out):
    way_out.batch_size = 2
    OneThread.told_to_stop.clear()

    def told_to_end(post):
        signal.raise_signal(signal.SIGTERM)
        # Another thread hears the signal: without this wait, the next batch could start before it does.
        assert OneThread.told_to_stop.wait(10)
        yield RecipientsOutcome(recipients_of(post), Accepted())

    way_out.plan = told_to_end
    result = cli("issues", "send", "1", "--without-undo", "--json")
    states = json.loads(result.out)
    assert result.code == 1
    assert states["accepted"] == 2
    assert states["waiting"] == 3
    assert "To send to everyone who is still waiting, run this command again" in result.err
    way_out.plan = answering(Accepted())
    assert cli("issues", "send", "1", "--without-undo").code == 0
    assert set(way_out.taken.values()) == {1}


def test_mailings_list_says_when_there_are_none(cli, db):
    assert "You have not sent an issue yet" in cli("mailings", "list").out
    assert json.loads(cli("mailings", "list", "--json").out) == []


def test_mailings_list_shows_each_with_its_sums(cli, issue, five, way_out):
    cli("issues", "send", "1", "--without-undo")
    assert json.loads(cli("mailings", "list", "--json").out)[0]["accepted"] == 5
    assert "Sent" in cli("mailings", "list").out


def test_pause_keeps_the_reason(cli, issue, mailing):
    result = cli("mailings", "pause", mailing.pk, "--why", "A wrong headline.")
    assert result.code == 0
    mailing.refresh_from_db()
    assert mailing.pause_reason == "A wrong headline."


def test_export_writes_the_letter_as_a_sample_person_gets_it(cli, issue, tmp_path):
    folder = tmp_path / "a" / "b"
    result = cli("issues", "preview", "1", "--out", folder)
    assert result.code == 0
    assert sorted(path.name for path in folder.iterdir()) == ["email.eml", "email.html", "email.txt"]
    html = (folder / "email.html").read_text(encoding="utf-8")
    assert "*|" not in html
    assert "Tides explained" in html
    assert b"reader@example.org" in (folder / "email.eml").read_bytes()
    assert stat.S_IMODE((folder / "email.html").stat().st_mode) & stat.S_IRUSR


def test_export_as_a_subscriber_has_their_links(cli, issue, five, tmp_path):
    result = cli("issues", "preview", "1", "--out", tmp_path, "--as", "Ana@Example.org")
    assert result.code == 0
    assert b"To: Ana <ana@example.org>" in (tmp_path / "email.eml").read_bytes()
    stranger = cli("issues", "preview", "1", "--out", tmp_path, "--as", "nobody@example.org")
    assert stranger.code == 1
    assert "Nobody on the list “Readers” has that address" in stranger.err


def test_export_into_a_folder_that_cannot_be_is_a_sentence(cli, issue, tmp_path):
    (tmp_path / "file").write_text("in the way")
    result = cli("issues", "preview", "1", "--out", tmp_path / "file")
    assert result.code == 2
    assert "Choose another folder" in result.err


def test_waiting_for_the_way_out_is_said_and_ends(cli, issue, five, way_out, monkeypatch):
    monkeypatch.setattr("newsletter.sending.batches.BACKOFF", steps(timedelta(seconds=0.01)))
    told = iter([NotSent("SendGrid asked us to send fewer requests.", retry_after=0.3)])

    def busy_once(post):
        yield RecipientsOutcome(recipients_of(post), next(told, Accepted()))

    way_out.plan = busy_once
    way_out.batch_size = 5
    result = cli("issues", "send", "1", "--without-undo")
    assert result.code == 0
    assert "is waiting until" in result.err
    assert "SendGrid asked us to send fewer requests." in result.err
    assert set(way_out.taken.values()) == {1}
