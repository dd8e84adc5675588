"""Counting the recipients of a mailing, also if its batches do not have consecutive numbers."""

import uuid

from newsletter.sending.models import Batch, Mailing, Recipient, Variant
from newsletter.sending.recipient_counts import RecipientCounts, count_recipients
from tests.sending.planned_mailing import planned_mailing


def test_each_mailing_counts_only_its_own_batches(issue, crowd, way_out):
    crowd(10)
    mailing = planned_mailing(issue)
    correction = Mailing.objects.get()
    correction.pk, correction.key, correction.purpose = None, uuid.uuid4(), Mailing.Purpose.CORRECTION
    correction.save()
    variant = Variant.objects.get()
    variant.pk, variant.mailing = None, correction
    variant.save()
    states = (
        Recipient.State.ACCEPTED,
        Recipient.State.REJECTED,
        Recipient.State.ACCEPTED,
        Recipient.State.UNKNOWN,
    )
    for number, state in enumerate(states, start=1):
        # A batch of each in turn, as if two mailings split their batches at the same time.
        theirs = Batch.objects.create(mailing=correction, variant=variant, number=number)
        ours = Batch.objects.create(
            mailing=mailing, variant=mailing.batches.earliest("pk").variant, number=number + 3
        )
        recipient = Recipient.objects.filter(batch__mailing=mailing, batch__number__lte=3).earliest("pk")
        Recipient.objects.filter(pk=recipient.pk).update(batch=ours, state=state)
        Recipient.objects.create(
            mailing=correction, batch=theirs, subscriber=recipient.subscriber, state=Recipient.State.SKIPPED
        )
    assert count_recipients(mailing) == RecipientCounts(
        audience=10, waiting=6, accepted=2, rejected=1, unknown=1
    )
    assert count_recipients(correction) == RecipientCounts(audience=10, skipped=4)
    assert count_recipients(mailing).add_up


def test_a_mailing_without_batches_has_no_recipients(issue, crowd, way_out):
    crowd(3)
    mailing = planned_mailing(issue)
    mailing.batches.all().delete()
    assert count_recipients(mailing) == RecipientCounts(audience=3)
