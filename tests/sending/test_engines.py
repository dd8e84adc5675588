"""The same behaviour on both engines. Procrastinate's half runs on PostgreSQL: `python -m tests.postgres pytest …`."""

import threading
from contextlib import contextmanager
from functools import partial

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.utils import timezone

from newsletter.errors import Invalid
from newsletter.issues.models import Issue
from newsletter.sending.engines import make_worker
from newsletter.sending.mailing_controls import pause_mailing, resume_mailing, stop_mailing
from newsletter.sending.models import Batch, Mailing, Recipient
from newsletter.sending.outcomes import Accepted, NotSent, RecipientsOutcome
from newsletter.sending.recipient_counts import RecipientCounts, count_recipients
from newsletter.sending.retry_mailing import retry_mailing
from tests.sending.planned_mailing import planned_mailing
from tests.sending.scripted_transport import Took, answering, recipients_of, take_all

ON_POSTGRES = django_settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
ENGINES = ("local", "procrastinate") if ON_POSTGRES else ("local",)
# Threads of a test see each other's rows in PostgreSQL; SQLite's are tried in tests/journeys, on files.
THREADS = 3 if ON_POSTGRES else 1

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=ENGINES)
def engine(request, settings, transactional_db):
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"engine": request.param})
    if ON_POSTGRES:
        forget_jobs()
    return request.param


@pytest.fixture
def worker(engine):
    """A worker that ends when nothing is due: `worker(threads=1).run()`."""
    return partial(make_worker, engine, threads=THREADS, once=True)


def forget_jobs():
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")


def jobs():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT args->>'batch' FROM procrastinate_jobs WHERE task_name = 'send batch' ORDER BY id"
        )
        return [int(batch) for (batch,) in cursor.fetchall()]


def numbers_of(mailing):
    return list(mailing.batches.order_by("number").values_list("pk", flat=True))


def test_a_worker_sends_to_everybody_once(worker, mailing, issue, way_out):
    worker().run()
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=10)
    assert set(way_out.taken.values()) == {1}
    issue.refresh_from_db()
    assert issue.state == Issue.State.SENT


def test_a_worker_says_what_it_did(worker, mailing):
    seen = []
    worker(on_progress=seen.append).run()
    assert sum(delivery.settled for delivery in seen) == 10
    assert sorted(delivery.batch for delivery in seen) == numbers_of(mailing)


def test_a_worker_without_work_ends_when_it_is_asked_to(worker, publication):
    seen = []
    worker(on_progress=seen.append).run()
    assert seen == []


def test_a_worker_closes_what_the_way_out_kept_open(worker, mailing, way_out):
    worker().run()
    assert way_out.closed == 1


def test_a_stop_finishes_the_post_in_flight_and_starts_none(worker, mailing, way_out):
    sending = worker(threads=1)

    def stop_meanwhile(post):
        sending.stop()
        yield from take_all(post)

    way_out.plan = stop_meanwhile
    sending.run()
    assert len(way_out.posts) == 1
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=4, waiting=6)
    way_out.plan = take_all
    worker().run()
    assert set(way_out.taken.values()) == {1}
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=10)


def test_a_worker_that_was_stopped_before_it_ran_posts_nothing(worker, mailing, way_out):
    sending = worker()
    sending.stop()
    sending.run()
    assert way_out.posts == []


def test_a_paused_mailing_waits_until_it_is_resumed(worker, mailing, way_out):
    pause_mailing(mailing.pk, "A wrong headline", paused_by="edda")
    worker().run()
    assert way_out.posts == []
    resume_mailing(mailing.pk, resumed_by="edda")
    worker().run()
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=10)


def test_what_was_surely_not_sent_goes_when_its_time_has_come(worker, mailing, way_out):
    way_out.plan = answering(NotSent("Later, please.", retry_after=600))
    worker(threads=1).run()
    assert len(way_out.posts) == 1
    way_out.plan = take_all
    worker().run()
    assert len(way_out.posts) == 1
    Mailing.objects.update(not_before=timezone.now())
    worker().run()
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=10)


def test_who_was_stopped_and_retried_gets_it_from_a_worker(worker, mailing, way_out):
    stop_mailing(mailing.pk, stopped_by="edda")
    worker().run()
    assert way_out.posts == []
    retry_mailing(mailing.pk, retried_by="edda")
    worker().run()
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=10)
    assert set(way_out.taken.values()) == {1}


@pytest.mark.parametrize("taken", [True, False])
def test_a_batch_of_a_dead_process_is_settled_by_evidence_when_a_worker_starts(
    worker, mailing, way_out, taken
):
    dead = mailing.batches.first()
    Batch.objects.filter(pk=dead.pk).update(
        state=Batch.State.POSTING, attempts=1, posted_at=timezone.now(), lease_until=timezone.now()
    )
    if taken:
        way_out.taken.update(dead.recipients.values_list("pk", flat=True))
    worker().run()
    worker().run()
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=10)
    assert set(way_out.taken.values()) == {1}


def test_a_lost_answer_is_not_sent_again(worker, mailing, way_out, monkeypatch):
    way_out.plan = lambda post: [Took(recipients_of(post))]
    monkeypatch.setattr(way_out, "evidence", lambda _trace, _recipients: iter(()))
    for _ in range(3):
        worker().run()
    assert set(way_out.taken.values()) == {1}
    assert count_recipients(mailing) == RecipientCounts(audience=10, unknown=10)


def test_a_way_out_that_fails_pauses_its_mailing_and_not_the_worker(
    worker, mailing, way_out, caplog, monkeypatch
):
    caplog.set_level("CRITICAL")
    monkeypatch.setattr(way_out, "evidence", lambda _trace, _recipients: iter(()))

    def fail(post):
        yield RecipientsOutcome(recipients_of(post)[:1], Accepted())
        raise RuntimeError("a fault")

    way_out.plan = fail
    worker(threads=1).run()
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.PAUSED
    assert count_recipients(mailing).unknown == 3


def test_two_workers_at_once_send_to_everybody_once(worker, mailing, way_out):
    other = worker(threads=1)

    def other_works_too(post):
        if len(way_out.posts) == 1:
            # The first post of a mailing goes alone.
            yield from take_all(post)
            return
        way_out.plan = take_all
        if ON_POSTGRES:
            with in_a_thread(other):
                pass
        else:
            other.run()
        yield from take_all(post)

    way_out.plan = other_works_too
    worker(threads=1).run()
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=10)
    assert set(way_out.taken.values()) == {1}


@contextmanager
def in_a_thread(working):
    """While inside, the worker runs; afterwards it has ended."""

    def run():
        try:
            working.run()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        thread.join(30)
        assert not thread.is_alive()


def test_an_engine_that_cannot_work_here_says_why_and_leaves_nothing(issue, join, settings, way_out):
    if ON_POSTGRES:
        settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if "procrastinate" not in app]
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"engine": "procrastinate"})
    join("ana")
    with pytest.raises(Invalid, match="use the procrastinate engine"):
        planned_mailing(issue)
    assert not Mailing.objects.exists()
    assert not Recipient.objects.exists()
    with pytest.raises(Invalid, match="use the procrastinate engine"):
        make_worker("procrastinate", threads=1)


if ON_POSTGRES:

    @pytest.fixture
    def procrastinate(settings, transactional_db):
        settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"engine": "procrastinate"})
        forget_jobs()

    def test_planning_defers_a_job_for_each_batch(procrastinate, mailing):
        assert jobs() == numbers_of(mailing)

    def test_without_a_plan_there_are_no_jobs(procrastinate, issue, join, way_out):
        join("ana", "ben")
        with transaction.atomic():
            planned_mailing(issue)
            assert len(jobs()) == 1
            transaction.set_rollback(True)
        assert jobs() == []

    def test_a_lost_job_is_found_again_and_given_only_once(procrastinate, mailing):
        from newsletter.sending.job_queue import defer_due_batches

        forget_jobs()
        assert defer_due_batches() == 3
        assert defer_due_batches() == 0
        assert jobs() == numbers_of(mailing)

    def test_a_resumed_mailing_has_its_jobs_again(procrastinate, mailing):
        pause_mailing(mailing.pk, "why", paused_by="edda")
        forget_jobs()
        resume_mailing(mailing.pk, resumed_by="edda")
        assert jobs() == numbers_of(mailing)

    def test_no_job_is_given_to_a_batch_that_is_not_due(procrastinate, mailing):
        from newsletter.sending.job_queue import defer_due_batches

        forget_jobs()
        pause_mailing(mailing.pk, "why", paused_by="edda")
        assert defer_due_batches() == 0

    def test_jobs_that_come_twice_or_for_nothing_do_no_harm(procrastinate, mailing, way_out):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, args) "
                "SELECT queue_name, task_name, args FROM procrastinate_jobs UNION ALL "
                "SELECT 'sending', 'send batch', '{\"batch\": 0}'"
            )
        make_worker("procrastinate", threads=THREADS, once=True).run()
        assert set(way_out.taken.values()) == {1}
        assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=10)
        assert jobs() == []

    @pytest.mark.parametrize("name", ENGINES)
    def test_a_worker_waits_for_what_comes_later(name, procrastinate, issue, join, way_out):
        sent = threading.Event()
        working = make_worker(name, threads=2, on_progress=lambda _: sent.set())
        with in_a_thread(working):
            try:
                join("ana")
                mailing = planned_mailing(issue)
                assert sent.wait(30)
            finally:
                working.stop()
        assert count_recipients(mailing) == RecipientCounts(audience=1, accepted=1)
