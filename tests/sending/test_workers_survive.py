"""A worker outlives whatever one piece of its work comes to: it logs it, rests, and goes on with the rest."""

import errno
import logging
from threading import Event, Timer

import pytest
from django.conf import settings as django_settings
from django.db import OperationalError

from newsletter.issues.models import Issue, Item
from newsletter.sending.engines import make_worker
from newsletter.sending.models import Batch, Mailing
from newsletter.sending.recipient_counts import RecipientCounts, count_recipients
from tests.sending.planned_mailing import planned_mailing

ON_POSTGRES = django_settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
ENGINES = ("local", "procrastinate") if ON_POSTGRES else ("local",)
PATIENCE = 60

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=ENGINES)
def engine(request, settings, transactional_db):
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"engine": request.param})
    return request.param


@pytest.fixture
def work_through(engine):
    """Run a worker until nothing of the mailing waits: `work_through(mailing, on_progress=…)`."""

    def run(mailing, on_progress=lambda _: None):
        def seen(delivery):
            on_progress(delivery)
            if not mailing.batches.filter(state=Batch.State.WAITING).exists():
                worker.stop()

        worker = make_worker(engine, threads=1, on_progress=seen)
        # A worker that goes on for ever must not hold the tests up for ever.
        ends = Timer(PATIENCE, worker.stop)
        ends.start()
        try:
            worker.run()
        finally:
            ends.cancel()

    return run


class Logged(logging.Handler):
    """Calls `act` the first time that something is logged which holds these words."""

    def __init__(self, words, act):
        super().__init__()
        self.words, self.act, self.met = words, act, Event()

    def emit(self, record):
        if self.words in record.getMessage() and not self.met.is_set():
            self.met.set()
            self.act()


@pytest.fixture
def on_log():
    """`on_log("could not", act)` calls `act` once when that is logged."""
    handlers = []

    def listen(words, act=lambda: None):
        handler = Logged(words, act)
        handlers.append(handler)
        logging.getLogger("newsletter").addHandler(handler)
        return handler.met

    yield listen
    for handler in handlers:
        logging.getLogger("newsletter").removeHandler(handler)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(errno.EMFILE, "Too many open files"),
        OperationalError("gone"),
        AttributeError("'NoneType' object has no attribute 'get'"),
        RecursionError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_one_piece_of_work_comes_to_the_rest_is_sent(work_through, mailing, way_out, error):
    errors = [error]

    def fail_once(_delivery):
        if errors:
            raise errors.pop()

    work_through(mailing, fail_once)
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=10)
    assert set(way_out.taken.values()) == {1}


def test_a_question_about_posts_that_fails_keeps_nothing_from_being_sent(
    work_through, mailing, way_out, monkeypatch, on_log
):
    first = mailing.batches.first()
    first.recipients.update(state="unknown")
    Batch.objects.filter(pk=first.pk).update(
        state=Batch.State.UNKNOWN, posted_at=mailing.planned_at, attempts=1
    )
    monkeypatch.setattr(way_out, "evidence", lambda _trace, _recipients: 1 / 0)
    logged = on_log("could not find out whether emails with an unknown outcome were sent")
    work_through(mailing)
    assert logged.is_set()
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=6, unknown=4)


def test_a_folder_that_cannot_be_written_is_waited_for(work_through, mailing, way_out, home, on_log):
    sending = home / "sending"
    sending.write_text("in the way", encoding="ascii")
    mended = on_log("could not send due batches", sending.unlink)
    work_through(mailing)
    assert mended.is_set()
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=10)


def test_a_mailing_that_cannot_be_begun_keeps_no_other_from_being_sent(
    work_through, mailing, issue, way_out, publication
):
    other = Issue.objects.create(
        publication=publication, number=2, subject="Winds", composed_at=mailing.planned_at
    )
    Item.objects.create(issue=other, article=issue.items.get().article, lead=True)
    second = planned_mailing(other, planned_by="edda")
    mailing.variants.update(email={"of": "another version"})
    work_through(second)
    assert count_recipients(second) == RecipientCounts(audience=10, accepted=10)
    mailing.refresh_from_db()
    assert count_recipients(mailing) == RecipientCounts(audience=10, waiting=10)
    assert mailing.state == Mailing.State.PAUSED
    assert mailing.pause_reason.startswith(
        "We could not send this mailing: We could not read this stored email"
    )
