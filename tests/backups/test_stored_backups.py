"""Backups by the scheduler: once a night, tried by restoring them, copied elsewhere, and some are kept."""

import shlex
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.background_jobs.models import BackgroundJob
from newsletter.background_jobs.run_jobs import JobRun, run_next_job
from newsletter.backups import backup_job, try_restoring
from newsletter.backups.backup_file import opened_backup
from newsletter.backups.copy_elsewhere import copy_elsewhere
from newsletter.backups.models import BackupPlan, StoredBackup
from newsletter.backups.nightly_backups import (
    ask_for_nightly_backup,
    backup_plan,
    change_plan,
    next_nightly_backup,
    plan_version,
)
from newsletter.backups.stored_backups import (
    OPEN,
    ask_for_backup,
    backup_folder,
    latest_backup_job,
    open_backup_file,
    remove_backup,
    this_machine,
    why_not_copied,
    why_not_here,
)
from newsletter.environment import Environment
from newsletter.errors import InvalidFields, NotFound, Refused, Unreachable
from newsletter.issues.models import AuditEntry, Publication
from newsletter.notifications.models import Notification
from newsletter.notifications.write_notifications import write_next_notification
from newsletter.scheduler import JOBS, TASKS
from subscribers.models import Subscriber

NIGHT = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)
State = BackgroundJob.State
COPY = "import shutil, sys; shutil.copy(sys.argv[1], sys.argv[2])"
REFUSE = "import sys; print('The disk is full.'); sys.exit(3)"


@pytest.fixture
def clock():
    with time_machine.travel(NIGHT - timedelta(hours=6), tick=False) as traveller:
        yield traveller


@pytest.fixture
def quick():
    """The real trial starts a process, which takes seconds: three tests do it. Here the file is read to its end."""
    tried = []

    def read(file, _look):
        with opened_backup(file) as found:
            tried.append(found.unpacked_bytes)
        return try_restoring.Trial(subscribers=1, issues=1)

    return Trials(read, tried)


class Trials:
    """Lets the scheduler make backups with this trial. `tried` are the sizes of the backups that it was given."""

    def __init__(self, trial, tried):
        self.trial, self.tried = trial, tried

    def work(self):
        while run_next_job({"backup": partial(backup_job.run_backup, trial=self.trial)}):
            pass


def jobs():
    return list(BackgroundJob.objects.order_by("pk").values_list("state", flat=True))


def names():
    return sorted(path.name for path in backup_folder().glob("*"))


def stored():
    return list(StoredBackup.objects.order_by("pk").values_list("name", flat=True))


def test_one_backup_a_night_is_asked_for_however_many_schedulers_there_are(db, clock):
    change_plan(nightly=True, hour=3, keep=2)
    ask_for_nightly_backup()
    assert jobs() == []
    clock.move_to(NIGHT)
    for _scheduler in range(3):
        ask_for_nightly_backup()
    assert jobs() == [State.WAITING]
    clock.shift(timedelta(hours=23, minutes=59))
    ask_for_nightly_backup()
    assert len(jobs()) == 1
    clock.shift(timedelta(minutes=1))
    ask_for_nightly_backup()
    assert len(jobs()) == 2


def test_a_night_in_which_nothing_ran_is_made_up_for_in_the_morning(db, clock):
    change_plan(nightly=True, hour=3, keep=2)
    clock.move_to(NIGHT + timedelta(hours=7))
    ask_for_nightly_backup()
    assert jobs() == [State.WAITING]


def test_turning_it_on_in_the_afternoon_waits_for_the_night(db, clock):
    clock.move_to(NIGHT + timedelta(hours=12))
    assert next_nightly_backup(backup_plan()) is None
    change_plan(nightly=True, hour=3, keep=2)
    ask_for_nightly_backup()
    assert jobs() == []
    assert next_nightly_backup(backup_plan()) == NIGHT + timedelta(hours=24)
    clock.move_to(NIGHT + timedelta(hours=24))
    ask_for_nightly_backup()
    assert jobs() == [State.WAITING]


def end_job(state, **values):
    BackgroundJob.objects.filter(ended_at=None).update(state=state, ended_at=timezone.now(), **values)


@pytest.mark.parametrize("state", [State.WAITING, State.RUNNING, State.FAILED, State.DONE])
def test_a_backup_made_by_hand_is_not_that_of_the_night(db, clock, state):
    change_plan(nightly=True, hour=3, keep=2)
    ask_for_backup()
    BackgroundJob.objects.update(state=state, ended_at=None if state in OPEN else timezone.now())
    clock.move_to(NIGHT)
    ask_for_nightly_backup()
    assert jobs() == [state, State.WAITING]
    assert BackgroundJob.objects.latest("pk").arguments == {"reason": "nightly"}
    # One that fails afterwards is no reason for another nightly backup.
    end_job(State.DONE, result={"backup": 1})
    clock.shift(timedelta(minutes=1))
    ask_for_backup()
    end_job(State.FAILED)
    clock.shift(timedelta(hours=2))
    ask_for_nightly_backup()
    assert len(jobs()) == 3


def test_a_nightly_backup_that_could_not_be_made_is_asked_for_again_in_the_same_night(db, clock):
    change_plan(nightly=True, hour=3, keep=2)
    clock.move_to(NIGHT)
    for attempt in (1, 2, 3):
        for _scheduler in range(3):
            ask_for_nightly_backup()
        assert len(jobs()) == attempt
        end_job(State.FAILED)
        again = timezone.now() + timedelta(hours=1)
        tomorrow = NIGHT + timedelta(days=1)
        assert next_nightly_backup(backup_plan()) == (again if attempt < 3 else tomorrow)
        clock.move_to(again - timedelta(seconds=1))
        ask_for_nightly_backup()
        assert len(jobs()) == attempt
        clock.move_to(again)
    ask_for_nightly_backup()
    assert len(jobs()) == 3
    clock.move_to(tomorrow)
    ask_for_nightly_backup()
    assert len(jobs()) == 4


def test_a_nightly_backup_that_was_made_is_not_made_again_because_it_could_not_be_restored(
    home, transactional_db, clock, quick
):
    def refuse(_file, _look):
        raise Refused("The test could not restore this backup.")

    quick.trial = refuse
    change_plan(nightly=True, hour=3, keep=2)
    clock.move_to(NIGHT)
    ask_for_nightly_backup()
    quick.work()
    clock.shift(timedelta(hours=2))
    ask_for_nightly_backup()
    assert jobs() == [State.FAILED]


def test_the_hour_is_that_of_the_publication(publication, clock):
    Publication.objects.update(zone="Asia/Tokyo")
    change_plan(nightly=True, hour=8, keep=2)
    clock.move_to(datetime(2026, 11, 29, 22, 59, tzinfo=UTC))
    ask_for_nightly_backup()
    # That was the 30th, 07:59, in Tokyo, but the 29th had not been done.
    assert jobs() == []
    clock.move_to(datetime(2026, 11, 29, 23, 0, tzinfo=UTC))
    ask_for_nightly_backup()
    assert jobs() == [State.WAITING]


def test_a_clock_that_was_a_year_ahead_stops_no_backups_afterwards(db, clock):
    change_plan(nightly=True, hour=3, keep=2)
    clock.move_to(NIGHT + timedelta(days=365))
    ask_for_nightly_backup()
    clock.move_to(NIGHT)
    ask_for_nightly_backup()
    ask_for_nightly_backup()
    assert len(jobs()) == 2


def test_a_plan_is_checked_and_not_changed_past_a_colleague(db):
    seen = plan_version(backup_plan())
    with pytest.raises(InvalidFields):
        change_plan(nightly=True, hour=24, keep=2)
    with pytest.raises(InvalidFields):
        change_plan(nightly=True, hour=3, keep=0)
    assert change_plan(nightly=True, hour=3, keep=5, seen=seen)
    assert not change_plan(nightly=True, hour=3, keep=5)
    with pytest.raises(Refused, match="Somebody else"):
        change_plan(nightly=False, hour=3, keep=5, seen=seen)
    assert backup_plan().nightly
    entry = AuditEntry.objects.get(act="backup-settings")
    assert entry.changes["nightly"] == [False, True]


def test_the_scheduler_makes_a_backup_that_can_be_read_and_tries_it(home, transactional_db, clock, quick):
    ask_for_backup()
    ask_for_backup()
    assert len(jobs()) == 1
    quick.work()
    assert jobs() == [State.DONE]
    [backup] = StoredBackup.objects.all()
    file = backup_folder() / backup.name
    assert names() == [backup.name]
    assert file.stat().st_mode & 0o777 == 0o600
    assert (backup.bytes, backup.machine, backup.tried_at) == (
        file.stat().st_size,
        this_machine(),
        timezone.now(),
    )
    assert len(quick.tried) == 1


def test_the_nightly_ones_beyond_the_number_are_removed_and_those_made_by_hand_stay(
    home, transactional_db, clock, quick
):
    change_plan(nightly=True, hour=3, keep=2)
    ask_for_backup()
    quick.work()
    [by_hand] = stored()
    (backup_folder() / "newsletter-of-somebody.tar.gz").write_bytes(b"not ours")
    for day in range(4):
        clock.move_to(NIGHT + timedelta(days=day))
        ask_for_nightly_backup()
        quick.work()
    assert stored() == [by_hand, "newsletter-2026-12-01-030000.tar.gz", "newsletter-2026-12-02-030000.tar.gz"]
    assert names() == sorted([*stored(), "newsletter-of-somebody.tar.gz"])
    assert AuditEntry.objects.filter(act="backup-remove").count() == 2


def test_no_old_backup_is_removed_for_a_new_one_that_cannot_be_restored(home, transactional_db, clock, quick):
    change_plan(nightly=True, hour=3, keep=1)
    clock.move_to(NIGHT)
    ask_for_nightly_backup()
    quick.work()

    def refuse(_file, _look):
        raise Refused("It is damaged.")

    quick.trial = refuse
    for day in (1, 2):
        clock.move_to(NIGHT + timedelta(days=day))
        ask_for_nightly_backup()
        quick.work()
    assert jobs() == [State.DONE, State.FAILED, State.FAILED]
    assert len(names()) == 3
    assert StoredBackup.objects.latest("pk").trial_error == "It is damaged."
    while write_next_notification():
        pass
    found = Notification.objects.filter(kind=Notification.Kind.BACKUP_FAILED)
    assert [each.text.partition("\n\n")[2] for each in found] == ["It is damaged.", "It is damaged."]


def notified():
    while write_next_notification():
        pass
    found = Notification.objects.filter(kind=Notification.Kind.BACKUP_FAILED).order_by("pk")
    return [each.subject for each in found]


def test_administrators_are_notified_if_no_backup_was_made_for_two_days_and_once_for_each_such_time(
    home, transactional_db, clock, quick
):
    change_plan(nightly=True, hour=3, keep=5)
    clock.move_to(NIGHT)
    ask_for_nightly_backup()
    assert notified() == []
    # Nothing fails, but nothing is made either.
    for day in (1, 2, 3):
        clock.move_to(NIGHT + timedelta(days=day, minutes=1))
        ask_for_nightly_backup()
        assert notified() == ([] if day == 1 else ["No backup for two days"])
    quick.work()
    assert StoredBackup.objects.filter(trial_error="").exists()
    assert notified() == ["No backup for two days"]
    for day in (4, 5, 6):
        clock.move_to(NIGHT + timedelta(days=day, minutes=1))
        ask_for_nightly_backup()
        subjects = notified()
    assert subjects == ["No backup for two days"] * 2


def test_nobody_is_notified_of_missing_backups_while_nightly_ones_are_off(
    home, transactional_db, clock, quick
):
    change_plan(nightly=True, hour=3, keep=5)
    clock.move_to(NIGHT)
    ask_for_nightly_backup()
    change_plan(nightly=False, hour=3, keep=5)
    clock.move_to(NIGHT + timedelta(days=9))
    assert notified() == []


def test_administrators_are_notified_of_a_backup_made_by_hand_that_failed_too(
    home, transactional_db, clock, quick
):
    def refuse(_file, _look):
        raise Refused("The test could not restore this backup.")

    quick.trial = refuse
    ask_for_backup()
    BackgroundJob.objects.update(account=7)
    quick.work()
    assert notified() == ["A backup failed"]


def test_a_job_that_begins_again_makes_no_second_backup(home, transactional_db, clock, quick):
    ask_for_backup()
    real, broken = quick.trial, []

    def break_once(file, look):
        if not broken:
            broken.append(file)
            raise MemoryError
        return real(file, look)

    quick.trial = break_once
    with pytest.raises(MemoryError):
        quick.work()
    clock.shift(timedelta(minutes=1))
    quick.work()
    assert jobs() == [State.DONE]
    assert len(names()) == len(stored()) == 1
    assert AuditEntry.objects.filter(act="backup").count() == 1


def with_copy(settings, *words):
    command = shlex.join((sys.executable, "-c", *words))
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"backup_copy_command": command})


def test_a_backup_is_copied_to_somewhere_else_by_the_command(
    home, transactional_db, clock, quick, settings, tmp_path
):
    there = tmp_path / "there"
    there.mkdir()
    with_copy(settings, COPY, "{file}", str(there / "copy-of-{name}"))
    ask_for_backup()
    quick.work()
    [backup] = StoredBackup.objects.all()
    copy = there / f"copy-of-{backup.name}"
    assert copy.read_bytes() == (backup_folder() / backup.name).read_bytes()
    assert (backup.copied_at, backup.copy_error) == (timezone.now(), "")
    assert names() == [backup.name]


def test_a_command_that_fails_says_its_last_line_and_the_backup_stays(
    home, transactional_db, clock, quick, settings
):
    with_copy(settings, REFUSE, "{file}")
    ask_for_backup()
    quick.work()
    job, backup = BackgroundJob.objects.get(), StoredBackup.objects.get()
    assert job.state == State.DONE
    assert "ended with status 3. The last line of its output was: The disk is full." in backup.copy_error
    assert why_not_copied(job) == f"The backup was made, but could not be copied: {backup.copy_error}"
    assert names() == [backup.name]
    assert notified() == ["The nightly backup was made, but could not be copied"]
    assert "The disk is full." in Notification.objects.get().text
    # The next backup can be copied.
    with_copy(settings, "", "{file}")
    clock.shift(timedelta(minutes=1))
    ask_for_backup()
    quick.work()
    assert why_not_copied(latest_backup_job()) == ""
    assert len(notified()) == 1


def test_the_log_says_that_a_backup_was_made_and_not_copied(
    home, transactional_db, clock, quick, settings, caplog
):
    with_copy(settings, REFUSE, "{file}")
    ask_for_backup()
    quick.work()
    [record] = [each for each in caplog.records if each.name.endswith("backup_job")]
    assert "was made, but could not be copied: The command" in record.getMessage()


def test_the_command_is_not_run_by_a_shell(home, settings, tmp_path):
    file = tmp_path / "a; touch hacked.tar.gz"
    file.write_bytes(b"backup")
    with_copy(settings, COPY, "{file}", str(tmp_path / "copy"))
    copy_elsewhere(file)
    assert (tmp_path / "copy").read_bytes() == b"backup"
    assert not list(tmp_path.glob("hacked*"))


def test_a_command_that_does_not_exist_is_a_sentence(home, settings, tmp_path):
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(
        update={"backup_copy_command": "no-such-program {file}"}
    )
    with pytest.raises(Unreachable, match="could not start the command no-such-program"):
        copy_elsewhere(tmp_path / "a.tar.gz")


@pytest.mark.parametrize(
    ("command", "says"), [("rclone copy", "{file}"), ("rclone 'copy {file}", "quotation mark")]
)
def test_a_command_that_could_not_work_is_refused_at_the_start(command, says):
    with pytest.raises(ValueError, match=says):
        Environment(backup_copy_command=command)


def test_only_administrators_have_to_do_with_backups_and_a_download_asks_who_it_is(
    home, transactional_db, quick
):
    ask_for_backup()
    quick.work()
    number = StoredBackup.objects.get().pk
    editor = Actor("ruth", frozenset({Role.EDITOR, Role.SENDER}), account=1, confirmed=True)
    of_one = Actor("gus", account=2, confirmed=True, publication_roles=frozenset({(1, Role.ADMINISTRATOR)}))
    for actor in (editor, of_one):
        with acting_as(actor):
            for act in (
                ask_for_backup,
                lambda: remove_backup(number),
                lambda: open_backup_file(number),
                lambda: change_plan(nightly=True, hour=3, keep=2),
            ):
                with pytest.raises(Refused, match="administrator"):
                    act()
    with (
        acting_as(Actor("ada", frozenset({Role.ADMINISTRATOR}), account=3)),
        pytest.raises(Refused, match="confirm"),
    ):
        open_backup_file(number)
    with acting_as(Actor("ada", frozenset({Role.ADMINISTRATOR}), account=3, confirmed=True)):
        backup, file = open_backup_file(number)
        with file:
            assert file.read() == (backup_folder() / backup.name).read_bytes()
        assert AuditEntry.objects.latest("pk").act == "backup-download"
        remove_backup(number)
    assert names() == []
    with pytest.raises(NotFound):
        remove_backup(number)


def test_a_backup_of_another_machine_is_said_to_be_there_and_is_not_forgotten(home, transactional_db, quick):
    ask_for_backup()
    quick.work()
    backup = StoredBackup.objects.get()
    (backup_folder() / backup.name).unlink()
    StoredBackup.objects.update(machine="the other one")
    backup.refresh_from_db()
    assert why_not_here(backup) == "The file is on the machine the other one."
    with pytest.raises(Refused, match="Remove the backup there"):
        remove_backup(backup.pk)
    with pytest.raises(NotFound, match="the other one"):
        open_backup_file(backup.pk)


def test_the_task_of_the_scheduler_asks_for_nightly_backups():
    assert ask_for_nightly_backup in {task.do_one for task in TASKS}


def test_a_person_who_lost_the_role_since_they_asked_gets_no_backup(home, transactional_db, quick):
    with acting_as(Actor("ada", frozenset({Role.ADMINISTRATOR}), account=77)):
        ask_for_backup()
    quick.work()
    assert jobs() == [State.FAILED]
    assert names() == []


@pytest.mark.full
@pytest.mark.enable_socket
def test_the_trial_restores_the_backup_with_the_command_and_leaves_nothing_behind(
    home, transactional_db, publication, join
):
    join("ana", "ben", "cem")
    ask_for_backup()
    run_next_job(JOBS)
    job, backup = BackgroundJob.objects.get(), StoredBackup.objects.get()
    assert (job.state, job.sentence) == (State.DONE, "")
    assert (backup.subscribers, backup.issues, backup.is_only_read) == (Subscriber.objects.count(), 0, False)
    assert names() == [backup.name]
    assert BackupPlan.objects.count() == 0


@pytest.mark.enable_socket
def test_the_trial_of_a_backup_in_a_folder_named_by_a_relative_path_finds_what_is_in_it(
    home, transactional_db, publication, join, quick, monkeypatch
):
    join("ana", "ben")
    ask_for_backup()
    quick.work()
    file = backup_folder() / stored()[0]
    monkeypatch.chdir(file.parent.parent)
    relative = Path(file.parent.name) / file.name
    assert try_restoring.try_restoring(relative).subscribers == Subscriber.objects.count() > 0


@pytest.mark.full
@pytest.mark.enable_socket
def test_the_trial_finds_a_backup_that_was_damaged_since(home, transactional_db):
    ask_for_backup()
    run_next_job(JOBS)
    file = backup_folder() / stored()[0]
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(Refused, match="is damaged"):
        try_restoring.try_restoring(file)
    assert names() == [file.name]


def test_a_trial_that_is_to_end_kills_its_process(home, transactional_db, quick, monkeypatch):
    """The scheduler stops at once, however long the trial takes."""
    ask_for_backup()
    quick.work()
    file, started = backup_folder() / stored()[0], []
    popen = subprocess.Popen

    def start(*arguments, **named):
        started.append(popen(*arguments, **named))
        return started[0]

    monkeypatch.setattr(subprocess, "Popen", start)

    class StoppingError(Exception):
        pass

    def stop():
        raise StoppingError

    with pytest.raises(StoppingError):
        try_restoring.try_restoring(file, stop)
    assert started[0].poll() is not None
    assert names() == [file.name]


def test_a_run_of_the_job_says_which_step_it_is_at(home, transactional_db, quick):
    told = []

    class Told(JobRun):
        def tell(self, phase, done=0, total=0):
            told.append((phase, done, total))

    job = ask_for_backup()
    job.state = State.RUNNING
    job.save()
    backup_job.run_backup(Told(job, lambda: False), trial=quick.trial)
    assert told == [("Making the backup", 0, 3), ("Testing the backup", 1, 3)]
