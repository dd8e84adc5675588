"""A stop that is committed in the moment in which a post ends: whoever waited does not wait for ever."""

from threading import Event, Thread

import pytest
from django.db import connection, transaction

from newsletter.sending.batches import send_next_batch
from newsletter.sending.mailing_controls import stop_mailing
from newsletter.sending.models import Mailing
from newsletter.sending.outcomes import NotSent, RecipientsOutcome
from newsletter.sending.recipient_counts import RecipientCounts, count_recipients
from tests.sending.scripted_transport import recipients_of

# SQLite has one writer: there the two cannot meet.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]

WAITING_FOR_A_LOCK = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


class Stopping(Thread):
    """Stops a mailing, and commits that once the sender waits for it or is done."""

    def __init__(self, mailing):
        super().__init__()
        self.mailing, self.is_set, self.sent = mailing, Event(), Event()

    def run(self):
        try:
            with transaction.atomic():
                stop_mailing(self.mailing.pk, stopped_by="edda")
                self.is_set.set()
                while not self.sent.wait(0.01) and not self._somebody_waits():
                    pass
        finally:
            connection.close()

    def _somebody_waits(self):
        with connection.cursor() as cursor:
            cursor.execute(WAITING_FOR_A_LOCK)
            return cursor.fetchone()[0]


def test_a_stop_and_the_end_of_a_post_do_not_miss_each_other(mailing, way_out):
    stopping = Stopping(mailing)

    def nothing_leaves(post):
        stopping.start()
        assert stopping.is_set.wait(10)
        yield RecipientsOutcome(recipients_of(post), NotSent("Later.", everybody=False, retry_after=60))

    way_out.plan = nothing_leaves
    send_next_batch()
    stopping.sent.set()
    stopping.join()
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.STOPPED
    assert count_recipients(mailing) == RecipientCounts(audience=10, skipped=10)
    assert mailing.finished_at is not None
