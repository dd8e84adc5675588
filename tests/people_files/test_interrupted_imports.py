"""An import survives restarts, killed processes, failures and a cancellation, and nothing is done twice."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from newsletter.background_jobs.models import BackgroundJob
from newsletter.background_jobs.run_jobs import LEASE, run_next_job
from newsletter.errors import Invalid, NotFound, Refused
from newsletter.issues.models import AuditEntry
from newsletter.people_files import import_steps
from newsletter.people_files.import_jobs import import_file
from newsletter.people_files.models import ImportedFile
from newsletter.people_files.stored_import_file import check_of, folder_of
from newsletter.scheduler import JOBS
from subscribers.consent_log import ConsentSource
from subscribers.models import ImportRecord, SourceKind
from tests.people_files.imports_at_work import active, begun, stored, work

pytestmark = pytest.mark.django_db
State, Step = BackgroundJob.State, ImportedFile.Step
EDITOR = ConsentSource(SourceKind.EDITOR, "Ed")


def test_an_import_survives_the_restart_of_the_server(upload, news, by_the_scheduler, in_tens):
    file = begun(upload, news)
    run_next_job(JOBS, lambda: len(active()) >= 20)
    file = import_steps.find_file(file.pk)
    assert (len(active()), file.job.state, file.job.done) == (20, State.WAITING, 20)
    work()
    file = import_steps.find_file(file.pk)
    assert (file.step, file.record.counts["added"]) == (Step.RESULT, 30)
    assert ImportRecord.objects.count() == 1
    assert AuditEntry.objects.filter(act="import").count() == 1


def test_an_import_survives_a_killed_process_and_only_one_goes_on(upload, news, by_the_scheduler, in_tens):
    file = begun(upload, news)
    seen = []

    def killed(run):
        """After 10 people it stands still for longer than its lease, while another scheduler imports the rest."""
        tell = run.tell

        def slow(*arguments):
            tell(*arguments)
            if len(active()) >= 10 and not seen:
                seen.append(True)
                with time_machine.travel(timezone.now() + LEASE + timedelta(seconds=1)):
                    work()

        run.tell = slow
        return import_file(run)

    run_next_job({"import-file": killed})
    file = import_steps.find_file(file.pk)
    assert (seen, file.job.state, file.record.counts["added"]) == ([True], State.DONE, 30)
    assert len(active()) == 30
    assert AuditEntry.objects.filter(act="import").count() == 1


def test_an_import_that_failed_in_the_middle_is_continued_by_a_person_if_the_people_are_the_same(
    upload, news, by_the_scheduler, in_tens, monkeypatch
):
    file = begun(upload, news)
    with monkeypatch.context() as patch:
        patch.setattr("newsletter.people_files.import_jobs.JobRun.hold", fail_after(10))
        run_next_job(JOBS)
    file = import_steps.find_file(file.pk)
    assert (file.job.sentence, len(active())) == ("The key is missing.", 10)
    assert import_steps.can_continue(file)
    check = check_of(file)
    store = folder_of(file) / "check.json"
    whole = store.read_text(encoding="utf-8")
    store.write_text(whole.replace('"rows": 30', '"rows": 31'), encoding="utf-8")
    import_steps.import_now(file, news, "Paper")
    work()
    file = import_steps.find_file(file.pk)
    assert "Undo the import, then import the file again" in file.job.sentence
    assert len(active()) == 10
    store.write_text(whole, encoding="utf-8")
    import_steps.import_now(file, news, "Paper")
    work()
    file = import_steps.find_file(file.pk)
    assert (file.step, file.record.counts["added"], len(active())) == (Step.RESULT, check.counts["added"], 30)
    assert ImportRecord.objects.count() == 1
    assert not import_steps.can_continue(file)


def fail_after(people):
    def hold(_run):
        if len(active()) >= people:
            raise Refused("The key is missing.")

    return hold


def test_an_import_that_ended_before_its_process_could_say_so_is_not_done_twice(
    upload, news, by_the_scheduler, monkeypatch
):
    file = begun(upload, news)
    with monkeypatch.context() as patch:
        patch.setattr("newsletter.people_files.import_jobs._finish", lambda _file: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run_next_job(JOBS)
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        work()
    assert import_steps.find_file(file.pk).step == Step.RESULT
    assert ImportRecord.objects.count() == 1


def test_a_cancelled_import_keeps_whom_it_added_and_can_be_undone(upload, news, by_the_scheduler, in_tens):
    file = begun(upload, news)

    def should_stop():
        if len(active()) >= 10:
            import_steps.cancel(import_steps.find_file(file.pk))
        return False

    run_next_job(JOBS, should_stop)
    file = import_steps.find_file(file.pk)
    assert file.job.state == State.CANCELLED
    assert 10 <= len(active()) <= 20
    assert not (folder_of(file) / "upload").exists()
    with pytest.raises(Invalid, match="no longer available"):
        import_steps.import_now(file, news, "Paper")
    import_steps.undo(file.record.pk)
    work()
    assert active() == set()


def test_an_import_that_is_cancelled_before_it_began_leaves_nothing(upload, news, home, by_the_scheduler):
    file = begun(upload, news)
    import_steps.cancel(file)
    work()
    assert active() == set()
    assert stored(home) == []
    with pytest.raises(NotFound):
        import_steps.find_file(file.pk)
