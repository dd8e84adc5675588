"""People of whom nobody knows whether they received the email: who decides about them is told why, and when."""

from datetime import timedelta

import pytest

from newsletter.notifications.models import Notification
from newsletter.notifications.write_notifications import write_next_notification
from newsletter.sending.batches import send_next_batch
from newsletter.sending.models import Batch
from newsletter.sending.outcomes import Accepted, RecipientsOutcome, Rejected, Unknown
from newsletter.sending.undecided_batches import unfinished_batches
from tests.sending.planned_mailing import planned_mailing
from tests.sending.scripted_transport import answering

pytestmark = pytest.mark.django_db


@pytest.fixture
def mailing(clock, issue, join, way_out):
    join("ana", "ben", "cem")
    return planned_mailing(issue)


def one_of_each(post):
    first, second, third = (envelope.recipient for envelope in post.envelopes)
    yield RecipientsOutcome([third], Unknown("Cut after the final dot."))
    yield RecipientsOutcome([first], Accepted())
    yield RecipientsOutcome([second], Rejected("550: 5.1.1 no such user", personal=True))


def test_a_batch_shows_the_reason_of_those_in_doubt_and_not_that_of_another_person(mailing, way_out, cli):
    way_out.plan = one_of_each
    send_next_batch()
    [batch] = unfinished_batches(mailing)
    assert (batch.state, batch.unknown, batch.reason) == (Batch.State.UNKNOWN, 1, "Cut after the final dot.")
    shown = cli("mailings", "show", str(mailing.pk)).out
    assert "Cut after the final dot." in shown
    assert "5.1.1" not in shown[shown.index("Sent at") :]


def test_who_decides_is_told_once_when_a_mailing_waits_for_nothing_else(mailing, way_out, clock):
    way_out.plan = answering(Unknown("The answer was lost."))
    while send_next_batch():
        pass
    clock.shift(timedelta(minutes=59))
    assert notified() == []
    clock.shift(timedelta(minutes=1))
    [told] = notified()
    assert "We do not know whether 3 people received this email" in told.text
    assert f"newsletter mailings settle {mailing.pk}" in told.text
    assert told.data["unknown"] == 3
    clock.shift(timedelta(hours=1))
    assert notified() == []


def test_while_somebody_still_waits_nobody_is_asked_to_decide(issue, join, way_out, clock):
    join("ana", "ben", "cem", "dora", "eve")
    mailing = planned_mailing(issue)
    way_out.plan = answering(Unknown("The answer was lost."))
    send_next_batch()
    clock.shift(timedelta(hours=2))
    assert {each.state for each in mailing.batches.all()} == {Batch.State.UNKNOWN, Batch.State.WAITING}
    assert notified() == []


def notified():
    """Write what is new, and return what was written about people in doubt."""
    before = set(Notification.objects.values_list("pk", flat=True))
    while write_next_notification():
        pass
    return list(Notification.objects.filter(kind="mailing.undecided").exclude(pk__in=before))
