"""People in doubt, by name: the first of each group, and everybody of the group that somebody opens."""

import pytest

from newsletter.sending import unknown_outcomes
from newsletter.sending.batches import send_next_batch
from newsletter.sending.models import Batch
from newsletter.sending.outcomes import Unknown
from newsletter.sending.unknown_outcomes import unconfirmed_batches
from tests.sending.scripted_transport import answering

pytestmark = [pytest.mark.django_db, pytest.mark.enable_socket]


def test_a_page_names_the_first_of_each_group_and_all_of_the_group_that_is_opened(
    mailing, way_out, monkeypatch
):
    monkeypatch.setattr(unknown_outcomes, "NAMES", 2)
    way_out.plan = answering(Unknown("The answer was lost."))
    assert send_next_batch(mailing.pk)
    (batch,) = unconfirmed_batches(mailing)
    assert (len(batch.names), batch.count) == (2, 4)
    (batch,) = unconfirmed_batches(mailing, whole=batch.id)
    assert len(batch.names) == Batch.objects.get(pk=batch.id).recipients.count() == 4
    (batch,) = unconfirmed_batches(mailing, whole=999_999_999)
    assert len(batch.names) == 2
