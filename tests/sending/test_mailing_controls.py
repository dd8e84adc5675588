"""What a person decides about a mailing, and that it is written down."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from newsletter.errors import NotFound, Refused
from newsletter.issues.models import Issue
from newsletter.sending import outcomes
from newsletter.sending.batches import send_next_batch
from newsletter.sending.defer_mailing import defer_mailing
from newsletter.sending.mailing_controls import (
    mailing_by_number,
    pause_mailing,
    resume_mailing,
    stop_mailing,
    waits_after_failure,
    why_not_pause,
    why_not_resume,
    why_not_stop,
)
from newsletter.sending.models import Decision, Mailing, Recipient
from newsletter.sending.outcomes import Accepted, NotSent, RecipientsOutcome, Unknown
from newsletter.sending.recipient_counts import (
    RecipientCounts,
    count_reasons,
    count_recipients,
    recipients_of,
)
from newsletter.sending.reconcile_unknown_recipients import settle_batch
from newsletter.sending.retry_mailing import retry_mailing, retryable_recipients, why_not_retry
from tests.sending import scripted_transport
from tests.sending.scripted_transport import answering


def send_all():
    while send_next_batch():
        pass


def log_of(mailing):
    return [(each.act, each.decided_by) for each in mailing.decisions.all()]


def test_a_mailing_that_is_not_there_is_said_in_a_sentence(db):
    with pytest.raises(NotFound, match="Mailing 7 does not exist"):
        mailing_by_number(7)


def test_pause_and_resume_are_logged_and_the_rest_goes(mailing):
    send_next_batch()
    assert pause_mailing(mailing.pk, "A wrong headline.", paused_by="edda")
    assert not pause_mailing(mailing.pk, "Again.", paused_by="edda")
    resume_mailing(mailing.pk, resumed_by="olu")
    send_all()
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=10)
    assert log_of(mailing) == [("plan", "edda"), ("pause", "edda"), ("resume", "olu")]


def test_only_a_paused_mailing_is_resumed(mailing):
    with pytest.raises(Refused, match="Only a paused mailing"):
        resume_mailing(mailing.pk, resumed_by="edda")


def test_stop_leaves_ungone_what_has_not_gone_and_says_so(mailing, issue, way_out):
    send_next_batch()
    assert stop_mailing(mailing.pk, stopped_by="edda") == 6
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=4, skipped=6)
    assert count_reasons(mailing) == {"skipped": {"stopped": 6}}
    issue.refresh_from_db()
    mailing.refresh_from_db()
    assert (mailing.state, issue.state) == (Mailing.State.STOPPED, Issue.State.SENT)
    assert send_next_batch() is None
    assert (
        mailing.decisions.last().sentence
        == "Stopped the mailing. The email will not be sent to 6 recipients."
    )
    with pytest.raises(Refused, match="there is nothing to stop"):
        stop_mailing(mailing.pk, stopped_by="edda")


def test_an_issue_that_was_stopped_before_anybody_got_it_is_cancelled(mailing, issue):
    stop_mailing(mailing.pk, stopped_by="edda")
    issue.refresh_from_db()
    assert issue.state == Issue.State.CANCELLED


def test_what_comes_back_after_a_stop_does_not_wait_for_ever(mailing, way_out):
    def stopped_meanwhile(post):
        stop_mailing(mailing.pk, stopped_by="edda")
        yield RecipientsOutcome(scripted_transport.recipients_of(post), NotSent("Connection refused."))

    way_out.plan = stopped_meanwhile
    send_next_batch()
    assert count_recipients(mailing) == RecipientCounts(audience=10, skipped=10)
    mailing.refresh_from_db()
    assert mailing.finished_at is not None


def test_retry_sends_to_exactly_those_who_did_not_get_it(mailing, issue, way_out):
    refused = []

    def refuse_the_first_batch(post):
        everybody = scripted_transport.recipients_of(post)
        if not refused:
            refused.extend(everybody)
            yield RecipientsOutcome(everybody, outcomes.Rejected("Not valid."))
        else:
            yield RecipientsOutcome(everybody, Accepted())

    way_out.plan = refuse_the_first_batch
    send_next_batch()
    send_next_batch()
    stop_mailing(mailing.pk, stopped_by="edda")
    assert retry_mailing(mailing.pk, retried_by="edda") == 6
    issue.refresh_from_db()
    assert issue.state == Issue.State.SENDING
    send_all()
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=10)
    assert set(way_out.taken.values()) == {1}
    assert len(way_out.taken) == 10
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.SENT


def test_retry_has_nobody_when_everybody_got_it_or_said_no(mailing):
    send_all()
    with pytest.raises(Refused, match="cannot be retried"):
        retry_mailing(mailing.pk, retried_by="edda")


def test_retry_leaves_the_unknown_alone(mailing, way_out):
    way_out.plan = answering(Unknown("cut"))
    send_all()
    with pytest.raises(Refused):
        retry_mailing(mailing.pk, retried_by="edda")


@pytest.mark.parametrize(
    ("accepted", "then"),
    [
        (True, RecipientCounts(audience=10, accepted=10)),
        (False, RecipientCounts(audience=10, waiting=4, accepted=6)),
    ],
)
def test_an_editors_word_settles_an_unknown_batch_and_is_logged(mailing, way_out, accepted, then):
    way_out.plan = answering(Unknown("cut"))
    send_next_batch()
    way_out.plan = answering(Accepted())
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        send_all()
    batch = mailing.batches.get(number=1)
    assert settle_batch(mailing, batch.pk, accepted=accepted, settled_by="edda") == 4
    assert count_recipients(mailing) == then
    decision = mailing.decisions.last()
    assert (decision.act, decision.decided_by, decision.batch) == (Decision.Act.SETTLE, "edda", batch)
    assert "4 recipients in batch 1" in decision.sentence
    mailing.refresh_from_db()
    assert (mailing.state == Mailing.State.SENT) is accepted


def test_only_an_unknown_batch_of_this_mailing_is_settled(mailing):
    send_next_batch()
    with pytest.raises(Refused, match="if we do not know it"):
        settle_batch(mailing, mailing.batches.first().pk, accepted=True, settled_by="edda")
    with pytest.raises(NotFound):
        settle_batch(mailing, 999_999, accepted=True, settled_by="edda")


def test_recipients_are_listed_by_state_and_without_an_address_once_erased(mailing):
    send_next_batch()
    Recipient.objects.order_by("pk").first().subscriber.delete()
    accepted = list(recipients_of(mailing, Recipient.State.ACCEPTED))
    assert [row.address for row in accepted] == ["", "ben@example.org", "cem@example.org", "dora@example.org"]
    assert {row.state for row in accepted} == {"accepted"}
    assert len(list(recipients_of(mailing))) == 10


def test_a_paused_mailing_is_not_resumed_by_a_retry(mailing, way_out):
    way_out.plan = answering(outcomes.Rejected("no"))
    send_next_batch()
    pause_mailing(mailing.pk, "Too many complaints.", paused_by="the system")
    with pytest.raises(Refused, match="Resume or stop the mailing first"):
        retry_mailing(mailing.pk, retried_by="edda")
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.PAUSED


def test_a_mailing_that_was_paused_at_its_last_answer_keeps_no_reason_to_pause(mailing, way_out):
    def paused_meanwhile(post):
        pause_mailing(mailing.pk, "Wait.", paused_by="edda")
        yield from answering(Accepted())(post)

    for plan in (answering(Accepted()), answering(Accepted()), paused_meanwhile):
        way_out.plan = plan
        send_next_batch()
    mailing.refresh_from_db()
    assert (mailing.state, mailing.pause_reason) == (Mailing.State.SENT, "")


def test_a_reason_to_pause_may_have_any_sign_in_it(mailing):
    pause_mailing(mailing.pk, "A wrong\0 headline.", paused_by="edda")
    mailing.refresh_from_db()
    assert mailing.pause_reason == "A wrong headline."


def test_who_does_not_fit_a_post_is_left_out_when_the_mailing_is_stopped_meanwhile(
    mailing, way_out, monkeypatch
):
    def stopped_meanwhile(_post):
        stop_mailing(mailing.pk, stopped_by="edda")
        return 2

    monkeypatch.setattr(way_out, "max_envelopes", stopped_meanwhile)
    send_next_batch()
    mailing.refresh_from_db()
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=2, skipped=8)
    assert mailing.finished_at is not None


def test_what_a_page_says_of_a_mailing_is_what_the_act_is_refused_with(mailing):
    assert (
        why_not_resume(mailing)
        == "Only a paused mailing can be resumed. Mailing of The Harbour Letter 1 is being sent."
    )
    with pytest.raises(Refused, match=re.escape(why_not_resume(mailing))):
        resume_mailing(mailing.pk, resumed_by="edda")
    assert (why_not_pause(mailing), why_not_stop(mailing)) == ("", "")
    stop_mailing(mailing.pk, stopped_by="edda")
    mailing.refresh_from_db()
    with pytest.raises(Refused, match=re.escape(why_not_stop(mailing))):
        stop_mailing(mailing.pk, stopped_by="edda")
    assert not pause_mailing(mailing.pk, "A wrong headline.")
    assert why_not_pause(mailing) == (
        "Only a mailing that is being sent can be paused. Mailing of The Harbour Letter 1 has been stopped."
    )
    assert why_not_retry(mailing, retryable_recipients(mailing).count()) == ""
    assert retry_mailing(mailing.pk, retried_by="edda") == 10
    mailing.refresh_from_db()
    with pytest.raises(Refused, match=re.escape(why_not_retry(mailing, 0))):
        retry_mailing(mailing.pk, retried_by="edda")


def test_a_mailing_that_waits_after_a_failure_tries_again_at_once_if_somebody_says_so(mailing, way_out):
    def broken(post):
        yield RecipientsOutcome(scripted_transport.recipients_of(post), NotSent("Connection refused."))

    sound, way_out.plan = way_out.plan, broken
    send_all()
    mailing.refresh_from_db()
    assert (mailing.state, mailing.failures) == (Mailing.State.SENDING, 1)
    assert mailing.not_before > timezone.now()
    assert waits_after_failure(mailing)
    assert why_not_resume(mailing) == ""
    way_out.plan = sound
    resume_mailing(mailing.pk, resumed_by="edda")
    send_all()
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=10)
    assert mailing.decisions.last().sentence == "Tried again without waiting any longer."


def test_a_failure_that_goes_on_pauses_the_mailing_however_often_somebody_tries_again(mailing, way_out):
    def broken(post):
        yield RecipientsOutcome(scripted_transport.recipients_of(post), NotSent("Connection refused."))

    way_out.plan = broken
    for _ in range(50):
        send_all()
        mailing.refresh_from_db()
        if mailing.state == Mailing.State.PAUSED:
            break
        resume_mailing(mailing.pk, resumed_by="edda")
    assert mailing.state == Mailing.State.PAUSED


def test_a_mailing_that_waits_for_a_limit_or_for_the_canary_batch_is_not_hurried(mailing):
    defer_mailing(mailing.pk, timezone.now() + timedelta(minutes=30), "We are watching for bounces.")
    mailing.refresh_from_db()
    assert not waits_after_failure(mailing)
    with pytest.raises(Refused, match="Only a paused mailing"):
        resume_mailing(mailing.pk, resumed_by="edda")
