"""What is reported has its consequences at once: for the address, the subscription and the ledger's row."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from newsletter.sending.batches import send_next_batch
from newsletter.sending.models import Batch, Mailing
from newsletter.sending.outcomes import Rejected
from newsletter.sending.recipient_counts import count_recipients
from newsletter.sending.recover_abandoned_batches import recover_abandoned_batches
from newsletter.tracking.models import Event, MailingMonitor
from newsletter.tracking.reconcile_by_events import settle_by_arrivals
from subscribers import consent, suppression
from subscribers.consent_log import ConsentSource
from subscribers.models import ConsentEntry, SourceKind, Subscriber, Subscription, Suppression
from tests.sending.scripted_transport import Crash, Took, answering, recipients_of

Reason = Suppression.Reason


def reasons(name):
    return suppression.reasons(f"{name}@example.org")


def subscription(name):
    return Subscription.objects.get(subscriber__address=f"{name}@example.org")


@pytest.mark.parametrize(
    ("event", "fields", "suppressed", "expected"),
    [
        (
            "bounce",
            {"type": "bounce", "status": "5.1.1"},
            {Reason.HARD_BOUNCE},
            ("accepted", "bounced: 5.1.1"),
        ),
        ("spamreport", {}, {Reason.COMPLAINT}, ("accepted", "complained")),
        (
            "dropped",
            {"reason": "Bounced Address"},
            {Reason.HARD_BOUNCE},
            ("rejected", "dropped: Bounced Address"),
        ),
        ("dropped", {"reason": "Invalid"}, {Reason.HARD_BOUNCE}, ("rejected", "dropped: Invalid")),
        (
            "dropped",
            {"reason": "Spam Reporting Address"},
            {Reason.COMPLAINT},
            ("rejected", "dropped: Spam Reporting Address"),
        ),
    ],
)
def test_who_must_not_be_mailed_is_suppressed_at_once(
    sent, tell, fold, row, event, fields, suppressed, expected
):
    fold(tell("ana", event, **fields))
    assert reasons("ana") == suppressed
    assert subscription("ana").state == Subscription.State.UNSUBSCRIBED
    assert row("ana") == expected
    assert count_recipients(sent).add_up


@pytest.mark.parametrize("event", ["unsubscribe", "group_unsubscribe"])
def test_who_unsubscribes_at_sendgrid_leaves_the_list_and_the_log_says_how(sent, tell, fold, row, event):
    fold(tell("ana", event))
    assert subscription("ana").state == Subscription.State.UNSUBSCRIBED
    entry = ConsentEntry.objects.get(act=ConsentEntry.Act.LEFT)
    assert (entry.source, entry.source_name) == (SourceKind.PROVIDER, "SendGrid")
    assert reasons("ana") == set()
    assert row("ana")[0] == "accepted"


@pytest.mark.parametrize("event", ["unsubscribe", "group_unsubscribe"])
def test_who_unsubscribes_at_sendgrid_is_heard_although_they_join_in_the_future(sent, tell, fold, event):
    Subscription.objects.filter(pk=subscription("ana").pk).update(
        joined_at=timezone.now() + timedelta(days=30)
    )
    fold(tell("ana", event))
    assert subscription("ana").state == Subscription.State.UNSUBSCRIBED


@pytest.mark.parametrize(
    ("event", "fields"),
    [
        ("bounce", {"type": "blocked"}),
        ("deferred", {}),
        ("dropped", {"reason": "Spam Content"}),
        ("open", {}),
    ],
)
def test_what_passes_is_only_recorded(sent, tell, fold, event, fields):
    fold(tell("ana", event, **fields))
    assert Event.objects.exists()
    assert subscription("ana").state == Subscription.State.ACTIVE
    assert reasons("ana") == set()


def test_a_late_bounce_that_lost_its_arguments_is_found_by_its_address(sent, fold, row):
    fold({"event": "bounce", "email": "Ana@Example.ORG", "timestamp": 1_790_000_000, "status": "5.0.0"})
    assert row("ana") == ("accepted", "bounced: 5.0.0")
    assert reasons("ana") == {Reason.HARD_BOUNCE}
    assert Event.objects.get().recipient.subscriber.first_name == "Ana"


def test_a_bounce_of_somebody_unknown_is_remembered_for_the_day_they_are_added(sent, fold):
    fold({"event": "bounce", "email": "zoe@example.org", "timestamp": 1_790_000_000})
    assert reasons("zoe") == {Reason.HARD_BOUNCE}


def test_a_repeat_does_not_undo_that_a_suppression_was_lifted(sent, tell, fold):
    event = tell("ana", "bounce")
    fold(event)
    suppression.end_suppression(
        "ana@example.org", ConsentSource(SourceKind.EDITOR, "edda"), why="The mailbox is back."
    )
    fold({**event, "sg_event_id": "again"})
    assert reasons("ana") == set()


def test_an_unsubscribe_that_comes_late_does_not_undo_a_return(sent, tell, fold):
    event = tell("ana", "unsubscribe")
    with time_machine.travel(timezone.now() + timezone.timedelta(hours=1)):
        consent.unsubscribe(subscription("ana"), ConsentSource(SourceKind.EMAIL_LINK))
        consent.resubscribe(subscription("ana"), ConsentSource(SourceKind.EMAIL_LINK))
        fold(event)
    assert subscription("ana").state == Subscription.State.ACTIVE


def test_erased_people_are_not_needed_for_an_event(sent, tell, fold):
    event = tell("ana", "bounce")
    Subscriber.objects.get(first_name="Ana").delete()
    fold(event, tell("ben", "open"))
    assert reasons("ana") == {Reason.HARD_BOUNCE}
    assert Event.objects.count() == 2


def lose_the_answer(way_out):
    """The world outside takes the batch, and the process dies."""

    def lost(post):
        yield Took(recipients_of(post))
        yield Crash()

    way_out.plan = lost
    with pytest.raises(Crash):
        send_next_batch()


def test_one_event_settles_the_whole_batch_whose_answer_was_lost(planned, way_out, tell, fold):
    lose_the_answer(way_out)
    with time_machine.travel(timezone.now() + timezone.timedelta(minutes=5)):
        recover_abandoned_batches()
        assert count_recipients(planned).unknown == 4
        fold(tell("ana", "processed"))
    assert (
        count_recipients(planned).unknown,
        count_recipients(planned).accepted,
        count_recipients(planned).waiting,
    ) == (0, 4, 6)
    assert "SendGrid's event webhook" in planned.decisions.last().decided_by


def test_an_event_that_came_before_the_answer_was_called_lost_settles_it_too(planned, way_out, tell, fold):
    lose_the_answer(way_out)
    fold(tell("ana", "processed"))
    assert count_recipients(planned).waiting == 10, "the process that posts may still answer"
    with time_machine.travel(timezone.now() + timezone.timedelta(minutes=5)):
        recover_abandoned_batches()
        assert settle_by_arrivals() == 4
    assert count_recipients(planned).accepted == 4


def test_an_event_of_another_attempt_proves_nothing_about_the_others(planned, way_out, tell, fold):
    lose_the_answer(way_out)
    with time_machine.travel(timezone.now() + timezone.timedelta(minutes=5)):
        recover_abandoned_batches()
        fold(tell("ana", "delivered", attempt=7))
    assert (count_recipients(planned).unknown, count_recipients(planned).accepted) == (3, 1), (
        "ana herself surely has it"
    )


def test_who_waits_again_but_has_it_gets_no_second_letter(planned, way_out, tell, fold, row):
    from newsletter.sending.outcomes import NotSent

    way_out.plan = answering(NotSent("Email Logs had no trace."))
    send_next_batch()
    assert row("ana")[0] == "waiting"
    fold(tell("ana", "delivered"))
    assert [row(name)[0] for name in ("ana", "ben", "cem", "dora")] == ["accepted"] * 4
    assert planned.batches.get(number=1).state == Batch.State.ANSWERED


def test_a_dropped_person_can_be_sent_to_again_and_a_repeat_does_not_hinder_it(
    sent, way_out, tell, fold, row
):
    from newsletter.sending.retry_mailing import retry_mailing

    event = tell("ana", "dropped", reason="Recipient List over Package Quota")
    fold(event)
    assert row("ana")[0] == "rejected"
    assert retry_mailing(sent.pk, retried_by="edda") == 1
    fold(event)
    assert row("ana")[0] == "waiting"
    while send_next_batch():
        pass
    assert row("ana")[0] == "accepted"


def test_a_batch_that_was_refused_stays_refused(planned, way_out, tell, fold, row):
    way_out.plan = answering(Rejected("Not valid."))
    send_next_batch()
    fold(tell("ana", "delivered"))
    assert row("ben") == ("rejected", "Not valid.")


def test_a_stranger_in_the_reports_pauses_the_mailing(planned, tell, fold, caplog):
    fold({**tell("ana", "processed"), "press_recipient": "999999"})
    planned.refresh_from_db()
    assert planned.state == Mailing.State.PAUSED
    assert "not recipients of this mailing" in planned.pause_reason
    assert "Mailing" in caplog.text
    assert "example.org" not in caplog.text
    assert MailingMonitor.objects.get().strangers == 1


def test_more_letters_than_recipients_pause_the_mailing(planned, tell, fold):
    fold([tell(name, "processed") for name in ("ana", "ben")])
    planned.refresh_from_db()
    assert planned.state == Mailing.State.SENDING
    fold([tell("ana", "processed", after=n, sg_message_id=f"other-{n}") for n in range(1, 11)])
    planned.refresh_from_db()
    assert planned.state == Mailing.State.PAUSED
    assert "12 emails for 10 recipients" in planned.pause_reason


def test_a_repeat_is_no_reason_for_an_alarm(planned, tell, fold):
    event = tell("ana", "processed")
    for n in range(12):
        fold({**event, "sg_event_id": f"again-{n}"})
    planned.refresh_from_db()
    assert planned.state == Mailing.State.SENDING


def test_events_of_an_installation_that_was_before_are_nobody_s(sent, tell, fold):
    fold(
        {
            **tell("ana", "bounce"),
            "press_mailing": "00000000-0000-4000-8000-000000000000",
            "email": "x@example.org",
        }
    )
    event = Event.objects.get()
    assert (event.mailing, event.recipient) == (None, None)
    sent.refresh_from_db()
    assert sent.state == Mailing.State.SENT


def test_too_many_bounces_pause_the_mailing_before_it_goes_on(planned, way_out, tell, fold):
    send_next_batch()
    fold([tell(name, "bounce", status="5.1.1") for name in ("ana", "ben", "cem")])
    planned.refresh_from_db()
    assert planned.state == Mailing.State.PAUSED
    assert "The emails to 3 of 4 recipients bounced permanently" in planned.pause_reason
