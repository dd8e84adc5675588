"""Jobs of Procrastinate that a worker takes before the transaction that makes their batches due is committed.

The worker finds that the batch is not due, and the job ends. The batch must not wait for that.
"""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from newsletter.sending.engines import make_worker
from newsletter.sending.enqueue_batches import enqueue_due_batches
from newsletter.sending.mailing_controls import pause_mailing, resume_mailing
from newsletter.sending.models import Batch, Variant
from newsletter.sending.recipient_counts import RecipientCounts, count_recipients
from tests.sending.test_engines import forget_jobs, in_a_thread, jobs, numbers_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


@pytest.fixture
def mailing(settings, transactional_db, request):
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"engine": "procrastinate"})
    forget_jobs()
    return request.getfixturevalue("mailing")


def let_another_worker_take_every_job():
    with in_a_thread(make_worker("procrastinate", threads=2, once=True)):
        pass
    assert jobs() == []


def test_a_mailing_that_is_being_resumed_has_its_jobs_afterwards(mailing, way_out):
    pause_mailing(mailing.pk, "why", paused_by="edda")
    with transaction.atomic():
        resume_mailing(mailing.pk, resumed_by="edda")
        let_another_worker_take_every_job()
    assert way_out.posts == []
    assert jobs() == numbers_of(mailing)


def test_the_batches_that_wait_for_the_first_one_have_their_jobs_afterwards(mailing, way_out):
    first, *others = numbers_of(mailing)
    Batch.objects.filter(pk=first).update(
        state=Batch.State.POSTING,
        attempts=1,
        posted_at=timezone.now(),
        lease_until=timezone.now() + timedelta(minutes=5),
        owner="a process on another machine",
    )
    with transaction.atomic():
        Variant.objects.update(content_accepted=True)
        enqueue_due_batches()
        let_another_worker_take_every_job()
    assert way_out.posts == []
    assert jobs() == others


def test_a_worker_that_is_to_send_once_sends_what_has_lost_its_job_meanwhile(mailing, way_out):
    def lose_jobs(_delivery):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs WHERE status = 'todo'")

    make_worker("procrastinate", threads=1, once=True, on_progress=lose_jobs).run()
    assert set(way_out.taken.values()) == {1}
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=10)
