"""A batch that is being posted is read as it is now; its mailing may be some seconds old, but is never another one."""

from uuid import uuid4

import pytest

from newsletter.sending.claimed_batch import claimed_batch
from newsletter.sending.models import Batch, Mailing, Variant
from tests.sending.planned_mailing import planned_mailing


@pytest.fixture
def batch(issue, join, way_out):
    join("ana", "ben")
    return planned_mailing(issue, planned_by="edda").batches.get()


def test_a_claimed_batch_and_its_variant_are_read_each_time(batch):
    before = claimed_batch(batch.pk)
    Batch.objects.update(attempts=3, state=Batch.State.POSTING)
    Variant.objects.update(content_accepted=True)
    now = claimed_batch(batch.pk)
    assert (before.attempts, before.variant.content_accepted) == (0, False)
    assert (now.attempts, now.state, now.variant.content_accepted) == (3, Batch.State.POSTING, True)


def test_a_claimed_batch_knows_its_mailing_issue_and_publication(batch, issue):
    found = claimed_batch(batch.pk).mailing
    assert (found.pk, found.issue, found.issue.publication) == (batch.mailing_id, issue, issue.publication)


def test_a_mailing_that_has_the_number_of_an_earlier_one_is_read_again(batch):
    claimed_batch(batch.pk)
    Mailing.objects.update(key=(key := uuid4()))
    assert claimed_batch(batch.pk).mailing.key == key
