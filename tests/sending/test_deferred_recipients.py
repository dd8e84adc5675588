"""People who are to come back later for reasons of their own: tried for days, longer apart each time, and alone."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from newsletter.sending.batches import send_next_batch
from newsletter.sending.models import Batch, Mailing, Recipient
from newsletter.sending.outcomes import Accepted, NotSent, RecipientsOutcome
from newsletter.sending.recipient_counts import RecipientCounts, count_reasons, count_recipients
from tests.sending.planned_mailing import planned_mailing
from tests.sending.scripted_transport import answering, recipients_of, take_all

LATER = NotSent("Come back later.", everybody=False, retry_after=300)
FULL = NotSent("The hourly limit is reached.", retry_after=60, patient=True)


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as moved:
        yield moved


def send_all():
    posts = 0
    while send_next_batch():
        posts += 1
    return posts


def the_first_is_full(post):
    first, *others = recipients_of(post)
    yield RecipientsOutcome([first], LATER)
    yield RecipientsOutcome(others, Accepted())


def test_a_mailbox_that_stays_full_is_tried_for_four_days_longer_apart_each_time(mailing, way_out, clock):
    way_out.plan = answering(LATER)
    began, gaps, last = timezone.now(), [], timezone.now()
    for _ in range(100):
        if send_all():
            gaps.append((timezone.now() - last).total_seconds() / 60)
            last = timezone.now()
        due = Batch.objects.filter(state=Batch.State.WAITING).order_by("not_before").last()
        if due is None:
            break
        clock.move_to(due.not_before)
    assert count_recipients(mailing) == RecipientCounts(audience=10, rejected=10)
    assert count_reasons(mailing) == {"rejected": {"We stopped trying after 4 days. Come back later.": 10}}
    assert timedelta(days=4) <= timezone.now() - began < timedelta(days=5)
    assert gaps[1] < 10
    assert max(gaps) <= 300


def test_who_is_deferred_waits_apart_from_those_who_had_no_turn(mailing, way_out, clock):
    def ends_early(post):
        first, *others = recipients_of(post)
        yield RecipientsOutcome([first], LATER)
        yield RecipientsOutcome(others, NotSent("It did not come to their turn.", ours=True))

    way_out.plan = ends_early
    send_next_batch()
    way_out.plan = take_all
    send_all()
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=9, waiting=1)
    clock.shift(timedelta(minutes=7))
    send_all()
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=10)


def test_an_outage_counts_towards_giving_up_nobody(mailing, way_out, clock):
    way_out.plan = answering(NotSent("The server is away.", patient=True))
    for _ in range(20):
        send_next_batch()
        clock.shift(timedelta(hours=8))
    way_out.plan = answering(LATER)
    send_all()
    assert count_recipients(mailing) == RecipientCounts(audience=10, waiting=10)
    way_out.plan = take_all
    clock.shift(timedelta(minutes=10))
    send_all()
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=10)


def test_a_first_share_does_not_wait_for_a_full_mailbox(mailing, way_out, clock):
    mailing.batches.filter(number=1).update(first=True)
    Mailing.objects.filter(pk=mailing.pk).update(canary_pending=True, canary_size=4)
    way_out.plan = the_first_is_full
    send_next_batch()
    mailing.refresh_from_db()
    assert not mailing.canary_pending


def test_a_limit_an_hour_reaches_everybody_and_pauses_nothing(publication, issue, crowd, way_out, clock):
    crowd(60)
    way_out.batch_size = 8
    mailing = planned_mailing(issue)
    hour, sent = timezone.now(), 0

    def limited(post):
        nonlocal hour, sent
        if timezone.now() - hour >= timedelta(hours=1):
            hour, sent = timezone.now(), 0
        for recipient in recipients_of(post):
            if sent >= 20:
                yield RecipientsOutcome([recipient], FULL)
                continue
            sent += 1
            yield RecipientsOutcome([recipient], Accepted())

    way_out.plan = limited
    for _ in range(60):
        if not send_next_batch():
            clock.shift(timedelta(minutes=8))
    mailing.refresh_from_db()
    assert count_recipients(mailing) == RecipientCounts(audience=60, accepted=60)
    assert mailing.state == Mailing.State.SENT
    assert not Recipient.objects.filter(state=Recipient.State.REJECTED).exists()


def test_a_limit_that_lasts_for_days_pauses_the_mailing_with_the_words_of_the_server(mailing, way_out, clock):
    way_out.plan = answering(FULL)
    Mailing.objects.filter(pk=mailing.pk).update(failures=298)
    send_next_batch()
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.SENDING
    clock.shift(timedelta(minutes=13))
    send_next_batch()
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.PAUSED
    assert mailing.pause_reason == "The hourly limit is reached."
    assert count_recipients(mailing) == RecipientCounts(audience=10, waiting=10)
