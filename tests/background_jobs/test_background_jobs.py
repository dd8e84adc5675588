"""A job that somebody asked for is done once, as the person who asked, and its state says what came of it."""

import os
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.utils import timezone

from newsletter.accounts.actor import Role, acting_as, current_actor, require_role
from newsletter.accounts.change_users import set_roles
from newsletter.accounts.users import actor_of
from newsletter.background_jobs import job_files
from newsletter.background_jobs.ask_for_job import ask_for_job, cancel_job, find_job
from newsletter.background_jobs.models import BackgroundJob
from newsletter.background_jobs.run_jobs import (
    BROKEN_OFF,
    LEASE,
    MAX_BROKEN_OFF,
    RETRY_AFTER,
    JobLostError,
    prune_jobs,
    run_job_at_once,
    run_next_job,
)
from newsletter.errors import NotFound, Refused
from newsletter.scheduler import TASKS

pytestmark = pytest.mark.django_db
State = BackgroundJob.State


@pytest.fixture
def home(settings, tmp_path):
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"home": tmp_path})
    return tmp_path


def job_of(work, **named):
    """Let a scheduler work on a job of which this is the function."""
    job = ask_for_job("count", **named)
    run_next_job({"count": work})
    job.refresh_from_db()
    return job


def test_a_job_is_done_with_a_result_and_no_other_process_does_it_again():
    times = []

    def work(run):
        times.append(run.arguments["to"])
        run.tell("Counting", 1, 3)
        run.keep(began=True)
        return {"counted": 3}

    job = job_of(work, arguments={"to": 3})
    assert (job.state, job.result, job.due_at) == (State.DONE, {"began": True, "counted": 3}, None)
    assert (job.phase, job.done, job.total) == ("Counting", 1, 3)
    assert job.began_at
    assert job.ended_at
    assert not run_next_job({"count": work})
    assert times == [3]


def test_the_scheduler_works_on_jobs_and_leaves_unknown_kinds_alone():
    ask_for_job("from a later version")
    assert not run_next_job({"count": lambda _run: {}})
    assert {"run background jobs", "delete old jobs"} <= {task.name for task in TASKS}


def test_a_refusal_is_the_sentence_of_a_failed_job():
    def work(_run):
        raise Refused("The list was archived.")

    job = job_of(work)
    assert (job.state, job.sentence) == (State.FAILED, "The list was archived.")


def test_a_job_acts_as_the_person_who_asked_with_the_roles_they_have_by_then():
    user = get_user_model().objects.create(username="ada")
    get_user_model().objects.create(username="boss")
    set_roles("ada", [Role.ADMINISTRATOR])
    set_roles("boss", [Role.ADMINISTRATOR])
    acted = []

    def work(_run):
        acted.append(current_actor().name)
        require_role(Role.ADMINISTRATOR, "Importing people")
        return {}

    with acting_as(actor_of(user)):
        first, second = ask_for_job("count"), ask_for_job("count")
    run_next_job({"count": work})
    set_roles("ada", [Role.EDITOR])
    run_next_job({"count": work})
    first.refresh_from_db()
    second.refresh_from_db()
    assert acted == ["ada", "ada"]
    assert (first.asked_by, first.state) == ("ada", State.DONE)
    assert second.state == State.FAILED
    assert "Only an administrator" in second.sentence


def test_a_job_of_an_account_that_is_gone_has_no_roles():
    user = get_user_model().objects.create(username="ada")
    set_roles("ada", [Role.ADMINISTRATOR])
    with acting_as(actor_of(user)):
        job = ask_for_job("count")
    user.delete()
    run_next_job({"count": lambda _run: {"may": current_actor().has_a_role}})
    job.refresh_from_db()
    assert job.result == {"may": False}


def test_a_job_that_waits_is_cancelled_at_once_and_one_that_runs_after_its_piece():
    waiting = cancel_job(ask_for_job("count"))
    assert waiting.state == State.CANCELLED
    pieces = []

    def work(run):
        for piece in range(5):
            run.tell("Counting", piece, 5 + piece)
            pieces.append(piece)
            if piece == 1:
                cancel_job(find_job(run.job.pk, "count"))
        return {}

    job = job_of(work)
    assert (job.state, pieces) == (State.CANCELLED, [0, 1])
    with pytest.raises(Refused, match="has already ended"):
        cancel_job(job)


def test_a_job_of_a_scheduler_that_stops_is_continued_at_once_by_the_next():
    begun = []

    def work(run):
        begun.append(run.job.attempts)
        run.keep(kept=len(begun))
        run.tell("Counting", len(begun), 100 + len(begun))
        return {"of_the_first": run.job.result["kept"]}

    job = ask_for_job("count")
    stops = iter([False, True])
    assert run_next_job({"count": work}, lambda: next(stops))
    job.refresh_from_db()
    assert (job.state, job.result) == (State.WAITING, {"kept": 1})
    assert run_next_job({"count": work})
    job.refresh_from_db()
    assert (job.state, begun, job.broken_off) == (State.DONE, [1, 2], 0)


def test_a_job_whose_process_died_is_continued_after_its_lease_and_the_first_commits_nothing_more():
    job = ask_for_job("count")
    seen = []

    def first(run):
        with time_machine.travel(timezone.now() + LEASE + timedelta(seconds=1)):
            assert run_next_job({"count": lambda second: {"by": second.job.attempts}})
        try:
            run.hold()
        except JobLostError:
            seen.append("lost")
            raise
        return {"by": "the first"}

    assert run_next_job({"count": first})
    job.refresh_from_db()
    assert (seen, job.state, job.result, job.broken_off) == (["lost"], State.DONE, {"by": 2}, 1)


def test_a_job_is_not_taken_while_its_lease_lasts():
    job = ask_for_job("count")
    taken = []

    def work(_run):
        taken.append(run_next_job({"count": lambda _second: {}}))
        return {}

    run_next_job({"count": work})
    job.refresh_from_db()
    assert (taken, job.state) == ([False], State.DONE)


def test_a_job_that_fails_by_a_fault_is_tried_again_and_given_up_with_a_sentence():
    job = ask_for_job("count")

    def work(_run):
        raise ZeroDivisionError

    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(MAX_BROKEN_OFF):
            with pytest.raises(ZeroDivisionError):
                run_next_job({"count": work})
            assert not run_next_job({"count": work})
            clock.shift(RETRY_AFTER)
    job.refresh_from_db()
    assert (job.state, job.sentence) == (State.FAILED, BROKEN_OFF)


def test_a_job_that_kills_its_process_is_not_tried_for_ever():
    job = ask_for_job("count")
    BackgroundJob.objects.filter(pk=job.pk).update(state=State.RUNNING, broken_off=MAX_BROKEN_OFF - 1)
    assert not run_next_job({"count": lambda _run: {}})
    job.refresh_from_db()
    assert (job.state, job.sentence) == (State.FAILED, BROKEN_OFF)


def test_a_small_job_is_done_while_its_page_waits_and_a_fault_leaves_it_to_the_scheduler(caplog):
    assert run_job_at_once(ask_for_job("count"), lambda _run: {"counted": 1}).result == {"counted": 1}

    def work(_run):
        raise ZeroDivisionError

    assert run_job_at_once(ask_for_job("count"), work).state == State.WAITING
    assert "The scheduler will try it again" in caplog.text


def test_only_a_machine_that_has_the_files_of_a_job_works_on_it(home):
    folder = job_files.new_folder()
    path = job_files.folder_of(folder)
    assert oct(path.stat().st_mode)[-3:] == "700"
    job = ask_for_job("count", folder=folder)
    path.rename(home / "elsewhere")
    assert not run_next_job({"count": lambda _run: {}})
    (home / "elsewhere").rename(path)
    assert run_next_job({"count": lambda _run: {}})
    job.refresh_from_db()
    assert job.state == State.DONE


def test_old_jobs_and_the_folders_that_nothing_names_are_deleted(home):
    kept, old, fresh = (job_files.new_folder() for _ in range(3))
    (home / "jobs" / "notes").mkdir()
    day_ago = (timezone.now() - timedelta(days=1)).timestamp()
    for name in (kept, old):
        os.utime(job_files.folder_of(name), (day_ago, day_ago))
    assert job_files.remove_old_folders({kept}, timezone.now() - timedelta(hours=1)) == 1
    assert {path.name for path in (home / "jobs").iterdir()} == {kept, fresh, "notes"}
    done, lost = job_of(lambda _run: {}), ask_for_job("count", folder=kept)
    job_files.remove_folder(kept)
    assert prune_jobs(timezone.now() + timedelta(seconds=1)) == 1
    with pytest.raises(NotFound):
        find_job(done.pk, "count")
    lost.refresh_from_db()
    assert (lost.state, lost.sentence) == (State.FAILED, "The file for this job is no longer stored.")
    with pytest.raises(ValueError, match="not the name of a job folder"):
        job_files.folder_of("../secret-key")
