"""What events prove about people of whom the ledger says something else."""

import pytest

from newsletter.errors import Refused
from newsletter.sending.models import Batch, Recipient
from newsletter.sending.proven_duplicates import duplicates_of
from newsletter.sending.recipient_counts import RecipientCounts, count_recipients
from newsletter.sending.retry_mailing import retry_mailing

State = Recipient.State
FIRST_FOUR = ("ana", "ben", "cem", "dora")


def now_stands(name, state, reason):
    Recipient.objects.filter(subscriber__address=f"{name}@example.org").update(state=state, reason=reason)


@pytest.mark.parametrize("event", ["processed", "delivered", "open", "click", "bounce", "deferred"])
def test_who_is_reported_on_was_not_refused_or_left_out_and_is_not_retried(sent, tell, fold, event):
    now_stands("ana", State.REJECTED, "SendGrid refuses the request (400).")
    now_stands("ben", State.SKIPPED, "stopped")
    fold(tell("ana", event), tell("ben", event))
    assert count_recipients(sent) == RecipientCounts(audience=10, accepted=10)
    with pytest.raises(Refused, match="cannot be retried"):
        retry_mailing(sent.pk, retried_by="edda")


def test_what_sendgrid_dropped_is_not_delivered_by_being_processed(sent, tell, fold):
    fold(tell("ana", "dropped", reason="Bounced Address"))
    fold(tell("ana", "processed"))
    assert count_recipients(sent) == RecipientCounts(audience=10, accepted=9, rejected=1)


def test_what_was_delivered_was_not_dropped(sent, tell, fold):
    now_stands("ana", State.REJECTED, "dropped: Bounced Address")
    fold(tell("ana", "delivered"))
    assert count_recipients(sent).rejected == 0


def test_events_of_an_earlier_post_name_who_got_it_twice(sent, tell, fold):
    Batch.objects.filter(number=1).update(attempts=2)
    fold(*(tell(name, "processed", attempt=1) for name in FIRST_FOUR[:2]))
    fold(*(tell(name, "delivered", attempt=1) for name in FIRST_FOUR[:2]))
    fold(*(tell(name, "delivered", attempt=2) for name in FIRST_FOUR))
    assert [each.address for each in duplicates_of(sent)] == ["ana@example.org", "ben@example.org"]


def test_events_of_the_latest_post_are_no_duplicates(sent, tell, fold):
    Batch.objects.filter(number=1).update(attempts=2)
    fold(*(tell(name, "processed", attempt=2) for name in FIRST_FOUR))
    assert duplicates_of(sent) == []


def test_events_that_name_a_post_of_another_mailing_prove_nothing(sent, tell, fold):
    fold(tell("ana", "delivered", press_batch="999999"))
    assert duplicates_of(sent) == []
