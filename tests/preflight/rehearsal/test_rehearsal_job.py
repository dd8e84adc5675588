"""The job of a rehearsal is continued after a stop or a crash, is one for all who ask, and begins again if it must."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from newsletter.background_jobs import run_jobs
from newsletter.background_jobs.models import BackgroundJob
from newsletter.background_jobs.run_jobs import run_next_job
from newsletter.errors import Refused
from newsletter.issues.models import Issue
from newsletter.preflight.rehearsal import audience_file, rehearse_emails
from newsletter.preflight.rehearsal.ask_for_rehearsal import ask_for_rehearsal, cancel_rehearsal
from newsletter.preflight.rehearsal.rehearsal_results import Stage, latest_rehearsal
from newsletter.preflight.rehearsal_models import Rehearsal, RehearsalProblem
from newsletter.rendering.email_set import EmailSet, EmailVariant
from subscribers.models import Subscriber, Subscription
from tests.preflight.rehearsal.conftest import JOBS
from tests.sending.scripted_transport import Crash

NAMES = ("ana", "ben", "cem", "dora", "eve", "finn")


@pytest.fixture
def in_small_pages(monkeypatch):
    """Two people in each page, and everything is kept after each."""
    monkeypatch.setattr(rehearse_emails, "AT_ONCE", 2)
    monkeypatch.setattr(rehearse_emails, "KEPT_EVERY_SECONDS", -1.0)
    monkeypatch.setattr(audience_file, "READ_AT_ONCE", 2)
    # The job looks before each page whether it should end.
    monkeypatch.setattr(run_jobs, "TOLD_EVERY", timedelta())


def addresses(*names):
    return [f"{name}@example.org" for name in names]


@pytest.mark.usefixtures("in_small_pages")
def test_a_rehearsal_whose_process_died_is_continued_where_it_was(issue, join, way_out):
    join(*NAMES)
    Subscriber.objects.filter(first_name__in=("Ana", "Finn")).update(locale="de")
    ask_for_rehearsal(issue)
    way_out.fails_at = 4
    with pytest.raises(Crash):
        run_next_job(JOBS)
    assert latest_rehearsal(issue).stage is Stage.RUNNING
    assert RehearsalProblem.objects.count() == 1
    assert not run_next_job(JOBS)  # as long as its claim stands
    way_out.fails_at = 0
    way_out.built.clear()
    with time_machine.travel(timezone.now() + run_jobs.LEASE + timedelta(seconds=1)):
        assert run_next_job(JOBS)
    assert way_out.built == addresses("cem", "dora", "eve", "finn")
    row = Rehearsal.objects.get()
    assert (row.built, row.problems, RehearsalProblem.objects.count()) == (6, {"language": 2}, 2)


@pytest.mark.usefixtures("in_small_pages")
def test_a_scheduler_that_stops_puts_it_back(issue, join, way_out):
    join(*NAMES)
    ask_for_rehearsal(issue)
    assert run_next_job(JOBS, lambda: len(way_out.built) >= 2)
    assert latest_rehearsal(issue).stage is Stage.RUNNING
    assert run_next_job(JOBS)
    assert way_out.built == addresses(*NAMES)


@pytest.mark.usefixtures("in_small_pages")
def test_it_begins_again_if_the_email_changed_meanwhile(issue, join, way_out):
    join(*NAMES)
    Subscriber.objects.update(locale="de")
    ask_for_rehearsal(issue)
    run_next_job(JOBS, lambda: len(way_out.built) >= 2)
    Issue.objects.update(subject="Ebb")
    way_out.built.clear()
    assert run_next_job(JOBS)
    assert way_out.built == addresses(*NAMES)
    assert RehearsalProblem.objects.count() == Rehearsal.objects.get().built == 6
    assert not latest_rehearsal(Issue.objects.get()).outdated


@pytest.mark.usefixtures("in_small_pages")
def test_a_cancelled_rehearsal_ends_after_the_page_that_is_being_built(issue, join, way_out):
    join(*NAMES)
    ask_for_rehearsal(issue)

    def cancel():
        if way_out.built:
            cancel_rehearsal(issue)
        return False

    assert run_next_job(JOBS, cancel)
    assert way_out.built == addresses("ana", "ben", "cem", "dora")
    assert latest_rehearsal(issue).stage is Stage.CANCELLED
    with pytest.raises(Refused, match="already ended"):
        cancel_rehearsal(issue)


# SQLite has one writer, and the one of the tests in memory does not wait for it: there, requests cannot meet.
@pytest.mark.postgresql
def test_two_who_ask_at_the_same_moment_get_one_rehearsal(transactional_db, issue, join, way_out):
    join("ana")
    together = threading.Barrier(4)

    def ask(_number):
        together.wait(30)
        try:
            return ask_for_rehearsal(issue).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        jobs = set(pool.map(ask, range(4)))
    assert jobs == {BackgroundJob.objects.get().pk} == {Rehearsal.objects.get().job}


@pytest.fixture
def in_two_languages(issue, join, way_out, monkeypatch):
    """An email in two variants: Ben and Eve read German, and everybody else does not."""
    join(*NAMES)
    Subscriber.objects.filter(first_name__in=("Ben", "Eve")).update(locale="de")
    email = rehearse_emails.current_emails(issue).main
    emails = EmailSet(
        (EmailVariant(email=email, language="de", readers="language is de"), EmailVariant(email=email))
    )
    monkeypatch.setattr(rehearse_emails, "current_emails", lambda _issue: emails)
    ask_for_rehearsal(issue)
    return way_out


@pytest.mark.usefixtures("in_small_pages")
def test_each_variant_is_built_for_its_own_readers(in_two_languages):
    assert run_next_job(JOBS)
    assert in_two_languages.built == addresses("ben", "eve", "ana", "cem", "dora", "finn")


@pytest.mark.usefixtures("in_small_pages")
def test_a_variant_that_was_built_before_a_stop_is_not_built_again(in_two_languages):
    assert run_next_job(JOBS, lambda: len(in_two_languages.built) >= 4)
    assert run_next_job(JOBS)
    assert in_two_languages.built == addresses("ben", "eve", "ana", "cem", "dora", "finn")
    assert Rehearsal.objects.get().built == 6


@pytest.mark.usefixtures("in_small_pages")
def test_people_who_may_no_longer_be_emailed_are_left_out(issue, join, way_out, monkeypatch):
    people = join(*NAMES)
    read = rehearse_emails.candidates_among

    def after_two_left(numbers, mailing_list):
        Subscription.objects.filter(pk=people[1].pk).update(state=Subscription.State.UNSUBSCRIBED)
        Subscriber.objects.filter(first_name="Eve").delete()
        return read(numbers, mailing_list)

    monkeypatch.setattr(rehearse_emails, "candidates_among", after_two_left)
    ask_for_rehearsal(issue)
    assert run_next_job(JOBS)
    row = Rehearsal.objects.get()
    assert (row.people, row.built, row.left_out) == (6, 4, 2)
    assert way_out.built == addresses("ana", "cem", "dora", "finn")
