"""A mailing that needs more emails than the SendGrid plan has left does not start, and says both numbers."""

from datetime import UTC, datetime

import pytest
import time_machine
from pydantic import HttpUrl, SecretStr

from newsletter.errors import Refused
from newsletter.issues.models import Issue
from newsletter.scheduling.approval import approve
from newsletter.scheduling.release import release_now
from newsletter.sending.mailing_controls import pause_mailing, resume_mailing, stop_mailing
from newsletter.sending.models import Mailing, Recipient
from newsletter.sending.plan import plan_next_mailing
from newsletter.sending.retry_mailing import retry_mailing
from newsletter.sending.send_now import send_now
from newsletter.sending.sendgrid_plan_credits import plan_credits
from tests.fakes.strict_sendgrid import KEY, StrictSendGrid
from tests.sending.planned_mailing import planned_mailing


@pytest.fixture
def sendgrid(settings):
    with StrictSendGrid() as server:
        settings.NEWSLETTER = settings.NEWSLETTER.model_copy(
            update={
                "transport": "sendgrid",
                "sendgrid_api_key": SecretStr(KEY),
                "sendgrid_host": HttpUrl(server.url),
            }
        )
        yield server
        assert server.unfit == []


def enter(settings, number):
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"sendgrid_monthly_emails": number})


def test_a_mailing_that_passes_the_credits_is_blocked_before_it_starts(sendgrid, issue, join):
    join("ana", "ben", "cem")
    sendgrid.credits |= {"remain": 2, "total": 50_000}
    approve(issue)
    with pytest.raises(
        Refused, match=r"needs 3 emails, but your SendGrid plan has only 2 of 50,000 emails left"
    ):
        send_now(issue, without_undo=True)
    release_now(issue)
    assert plan_next_mailing() is None
    issue.refresh_from_db()
    assert issue.state == Issue.State.BLOCKED
    assert "needs 3 emails, but your SendGrid plan has only 2 of 50,000 emails left until 1 December" in (
        issue.blocked_reason
    )
    assert not Mailing.objects.exists()
    assert not Recipient.objects.exists()
    assert not sendgrid.requests


def test_credits_that_are_written_as_text_count_too(sendgrid, issue, join):
    join("ana", "ben", "cem")
    sendgrid.credits |= {"remain": "2", "total": "50000"}
    approve(issue)
    with pytest.raises(Refused, match="only 2 of 50,000 emails left"):
        send_now(issue, without_undo=True)


def test_the_sender_is_told_before_the_undo_window_begins(sendgrid, issue, join):
    join("ana", "ben", "cem")
    sendgrid.credits["remain"] = 2
    approve(issue)
    with pytest.raises(Refused, match="needs 3 emails, but your SendGrid plan has only 2"):
        send_now(issue)
    issue.refresh_from_db()
    assert issue.state == Issue.State.APPROVED


def test_an_administrator_can_allow_more_than_the_plan_has_left(sendgrid, issue, join, settings):
    join("ana", "ben", "cem")
    sendgrid.credits["remain"] = 0
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"sendgrid_allow_overage": True})
    assert planned_mailing(issue).audience == 3


def test_a_mailing_that_needs_exactly_the_credits_is_planned(sendgrid, issue, join):
    join("ana", "ben")
    sendgrid.credits["remain"] = 2
    assert planned_mailing(issue).audience == 2


def test_what_other_mailings_still_need_is_not_left_for_a_new_one(sendgrid, issue, join):
    join("ana", "ben")
    planned_mailing(issue)
    sendgrid.credits["remain"] = 5
    assert (plan_credits().left, plan_credits().reserved) == (3, 2)
    with pytest.raises(Refused, match=r"only 3 of .*\(current mailings need another 2\)"):
        plan_credits().require(4)
    Mailing.objects.update(state=Mailing.State.PAUSED)
    assert plan_credits().left == 5


@pytest.mark.parametrize(
    "answer",
    [{"remain": None}, {"remain": "many"}, {"remain": "²"}, {"remain": True}, {"remain": -1}, {"total": 0}],
)
def test_an_account_that_does_not_say_its_credits_stops_nothing(sendgrid, issue, join, answer):
    join("ana")
    sendgrid.credits |= answer
    assert plan_credits() is None
    assert planned_mailing(issue).audience == 1


def test_the_number_that_an_administrator_entered_counts_where_the_key_may_not_ask(
    sendgrid, issue, join, settings
):
    sendgrid.account.scopes.remove("user.credits.read")
    join("ana", "ben", "cem")
    enter(settings, 4)
    with time_machine.travel(datetime(2026, 11, 28, 12, tzinfo=UTC)):
        assert planned_mailing(issue).audience == 3
        left = plan_credits()
        assert (left.left, left.total, str(left.until)) == (1, 4, "2026-12-01")
        with pytest.raises(Refused) as refused:
            left.require(2)
    assert (
        "This mailing needs 2 emails, but the sending settings allow 4 emails a month, of which only 1 is left"
        in str(refused.value)
    )
    assert "is left until 1 December" in str(refused.value)
    with time_machine.travel(datetime(2026, 12, 1, 0, 1, tzinfo=UTC)):
        assert (plan_credits().left, str(plan_credits().until)) == (4, "2027-01-01")


def test_a_silent_sendgrid_does_not_stop_a_mailing_by_itself(sendgrid, issue, join, settings):
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(
        update={"sendgrid_host": HttpUrl("http://127.0.0.1:9"), "sendgrid_timeout_seconds": 0.5}
    )
    assert plan_credits() is None
    enter(settings, 10)
    assert plan_credits().left == 10


@pytest.mark.parametrize("changes", [{"transport": "maildir"}, {"sendgrid_sandbox": True}])
def test_what_needs_no_credits_does_not_ask_for_them(sendgrid, settings, changes, db):
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update=changes)
    assert plan_credits() is None
    assert sendgrid.paths == []


def test_the_rest_of_a_paused_mailing_is_not_resumed_without_credits(sendgrid, issue, join):
    join("ana", "ben", "cem")
    mailing = planned_mailing(issue)
    pause_mailing(mailing.pk, "A wrong headline.")
    sendgrid.credits |= {"remain": 2, "total": 50_000}
    with pytest.raises(
        Refused, match=r"rest of this mailing needs 3 emails, but .* only 2 of 50,000 emails left"
    ):
        resume_mailing(mailing.pk, resumed_by="edda")
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.PAUSED
    sendgrid.credits["remain"] = 3
    resume_mailing(mailing.pk, resumed_by="edda")
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.SENDING


def test_those_left_out_by_a_stop_are_not_sent_it_again_without_credits(sendgrid, issue, join):
    join("ana", "ben", "cem")
    mailing = planned_mailing(issue)
    stop_mailing(mailing.pk, stopped_by="edda")
    sendgrid.credits["remain"] = 2
    with pytest.raises(Refused, match="rest of this mailing needs 3 emails"):
        retry_mailing(mailing.pk, retried_by="edda")
    sendgrid.credits["remain"] = 3
    assert retry_mailing(mailing.pk, retried_by="edda") == 3


def test_a_mailing_of_this_month_does_not_count_against_itself(sendgrid, issue, join, settings):
    sendgrid.account.scopes.remove("user.credits.read")
    join("ana", "ben", "cem")
    enter(settings, 4)
    with time_machine.travel(datetime(2026, 11, 28, 12, tzinfo=UTC)):
        mailing = planned_mailing(issue)
        pause_mailing(mailing.pk, "A wrong headline.")
        resume_mailing(mailing.pk, resumed_by="edda")
        pause_mailing(mailing.pk, "A wrong headline.")
    enter(settings, 2)
    with (
        time_machine.travel(datetime(2026, 12, 1, 12, tzinfo=UTC)),
        pytest.raises(
            Refused,
            match="needs 3 emails, but the sending settings allow 2 emails a month, of which only 2 are left",
        ),
    ):
        resume_mailing(mailing.pk, resumed_by="edda")
