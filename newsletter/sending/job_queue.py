"""Adds jobs for due batches to Procrastinate's queue in PostgreSQL, from which its engine takes them.

A job only says "send batch N". The batch row is the truth: a job that comes twice, late or never does no harm.
https://procrastinate.readthedocs.io
"""

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat
from procrastinate import App
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Status

from newsletter.instance.guard import may_send
from newsletter.sending.due_batches import due_batches
from newsletter.sending.models import Batch

QUEUE = "sending"
SEND = "send batch"
# At most one waiting job can be for a batch.
LOCK = "batch "
JOBS_AT_ONCE = 1_000


def defer_due_batches() -> int:
    """Add a job for every due batch without one, in the current transaction; return how many were added.

    Batches have no job when a mailing is planned, resumed or retried, when their deferral is over, or when their job
    was lost.
    """
    app = App(connector=DjangoConnector())
    deferred = 0
    if not may_send():
        return deferred
    while batches := list(_due_without_a_job()[:JOBS_AT_ONCE]):
        jobs = [
            app.configure_task(SEND, queue=QUEUE, queueing_lock=f"{LOCK}{batch}").make_new_job(batch=batch)
            for batch in batches
        ]
        try:
            with transaction.atomic():
                app.job_manager.batch_defer_jobs(jobs)
        except AlreadyEnqueued:
            # Another worker is doing the same now, and the queueing lock allows only one of them.
            break
        deferred += len(jobs)
    return deferred


def _due_without_a_job() -> QuerySet[Batch, int]:
    lock = Concat(Value(LOCK), Cast(OuterRef("pk"), CharField()))
    waiting = ProcrastinateJob.objects.filter(status=Status.TODO.value, queueing_lock=lock)
    return due_batches().exclude(Exists(waiting)).values_list("pk", flat=True)
