"""A file goes through four steps. Nothing of it is lost by a restart, and nothing of it stays behind."""

import csv
import io
import stat
from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.accounts.form_idempotency import AlreadyMadeError
from newsletter.background_jobs.models import BackgroundJob
from newsletter.background_jobs.run_jobs import JobRun
from newsletter.errors import Invalid, NotFound, Refused
from newsletter.issues.models import AuditEntry
from newsletter.people_files import import_steps
from newsletter.people_files.models import ImportedFile
from newsletter.people_files.receive_file import LARGEST_FILE, add_part, begin_file
from newsletter.people_files.remove_old_files import remove_old_people_files
from newsletter.people_files.stored_import_file import LEFT_OUT, check_of, folder_of, look_of, options_of
from subscribers import consent, suppression
from subscribers.consent_log import ConsentSource
from subscribers.imports.import_options import ImportOptions
from subscribers.models import SourceKind, Subscriber, Subscription
from tests.people_files.imports_at_work import NOBODY, active, begun, many, stored, work
from tests.subscribers.imports.test_file_kinds import workbook

pytestmark = pytest.mark.django_db
State, Step = BackgroundJob.State, ImportedFile.Step
EDITOR = ConsentSource(SourceKind.EDITOR, "Ed")
PEOPLE = "email,first name\nada@example.org,Ada\nnobody,None\ngone@example.org,Gone\n"


def test_a_small_file_goes_through_all_steps_at_once(upload, news, home):
    suppression.suppress("gone@example.org", suppression.Reason.MANUAL, EDITOR)
    file = upload(PEOPLE)
    assert (file.step, file.job.state) == (Step.COLUMNS, State.DONE)
    look = look_of(file)
    assert [(each.heading, each.target, each.samples[0]) for each in look.columns] == [
        ("email", "address", "ada@example.org"),
        ("first name", "first_name", "Ada"),
    ]
    file = import_steps.choose_columns(file, NOBODY)
    found = check_of(file)
    counts = {name: number for name, number in found.counts.items() if number}
    assert counts == {"rows": 3, "added": 1, "refused": 1, "suppressed": 1}
    assert found.first_refused[0][0] == 3
    assert active() == set()

    with pytest.raises(Invalid, match="how these people agreed"):
        import_steps.import_now(file, news, " ")
    file = import_steps.import_now(file, news, "Sign-up sheet, 3 May")
    assert (file.step, file.job.state) == (Step.RESULT, State.DONE)
    assert active() == {"ada@example.org"}
    assert file.record.counts == found.counts
    assert file.record.wording.text == "Sign-up sheet, 3 May"
    assert stored(home) == ["check.json", LEFT_OUT, "look.json"]
    rows = list(csv.reader(io.StringIO((folder_of(file) / LEFT_OUT).read_text(encoding="utf-8-sig"))))
    assert [row[0] for row in rows] == ["row", "3", "4"]


def test_the_audit_log_has_the_import_and_its_undo_without_names_or_addresses(upload, news):
    file = import_steps.choose_columns(upload(PEOPLE, "ada@example.org.csv"), NOBODY)
    file = import_steps.import_now(file, news, "Paper of ada@example.org")
    import_steps.undo(file.record.pk)
    entries = [each for each in AuditEntry.objects.all() if each.act == "import"]
    assert [each.sentence for each in entries] == [
        f"Imported 3 rows into the list “News” (import {file.record.pk}).",
        f"Undid import {file.record.pk} into the list “News”.",
    ]
    assert not any("@" in f"{each.sentence}{each.changes}" for each in entries)
    assert active() == set()


def test_what_is_stored_is_for_the_owner_alone(upload, home):
    file = upload(PEOPLE)
    assert stat.S_IMODE(folder_of(file).stat().st_mode) == 0o700
    assert stat.S_IMODE((folder_of(file) / "upload").stat().st_mode) == 0o600


def test_what_the_columns_contain_is_decided_by_their_numbers(upload, news):
    file = upload("Contact,#1,#1\nada@example.org,Lovelace,Ada\n")
    file = import_steps.choose_columns(file, ImportOptions(choices=("#2=last_name", "#3=first_name")))
    import_steps.import_now(file, news, "Paper")
    ada = Subscriber.objects.get()
    assert (ada.first_name, ada.last_name) == ("Ada", "Lovelace")


def test_a_file_needs_a_column_of_addresses(upload):
    file = upload("Kontakt,Name\nada at example.org,Ada\n")
    assert file.job.state == State.DONE
    with pytest.raises(Invalid, match="Choose the column that contains the email addresses"):
        import_steps.choose_columns(file, NOBODY)


def test_a_column_that_may_say_no_is_asked_about_before_anything_is_imported(upload, news):
    file = upload("email,Newsletter ok?\nada@example.org,maybe\nbo@example.org,yes\n")
    file = import_steps.choose_columns(file, NOBODY)
    question = check_of(file).questions[0]
    assert (question.number, "maybe" in question.values) == (2, True)
    assert import_steps.import_now(file, news, "Paper").step == Step.CHECK
    assert active() == set()
    answers = ("#2:maybe=unsubscribed",) if question.by_value else ("#2=ignore",)
    file = import_steps.choose_columns(import_steps.find_file(file.pk), ImportOptions(choices=answers))
    assert check_of(file).questions == []


def test_a_file_whose_name_says_that_its_people_left_needs_a_word_on_them(upload, news):
    file = upload("email\nada@example.org\n", "unsubscribed.csv")
    with pytest.raises(Refused, match="no column says whether"):
        import_steps.choose_columns(file, NOBODY)
    file = import_steps.choose_columns(file, ImportOptions(everyone="unsubscribed"))
    file = import_steps.import_now(file, news, "Paper")
    assert active() == set()
    assert Subscription.objects.get().state == "unsubscribed"


def test_the_sheet_of_a_workbook_is_chosen_first(upload, news):
    people = [["email"], ["ada@example.org"]]
    file = upload(workbook(First=people, Second=[["email"], ["bo@example.org"]]), "people.xlsx")
    assert look_of(file).sheets == ["First", "Second"]
    file = import_steps.choose_columns(file, ImportOptions(sheet="Second"))
    assert (file.step, [each.heading for each in look_of(file).columns]) == (Step.COLUMNS, ["email"])
    file = import_steps.choose_columns(file, options_of(file))
    import_steps.import_now(file, news, "Paper")
    assert active() == {"bo@example.org"}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"%PDF-1.7 garbage", "PDF document"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, ""),
        (b"\0" * 5_000, ""),
        (b"PK\x03\x04" + b"garbage" * 100, "damaged"),
        ("🦭" * 3_000, ""),
    ],
)
def test_garbage_is_refused_in_a_sentence_or_has_no_addresses(upload, content, sentence):
    file = upload(content)
    if file.job.state == State.FAILED:
        assert sentence in file.job.sentence
        assert len(file.job.sentence) > 20
    else:
        with pytest.raises(Invalid, match="Choose the column"):
            import_steps.choose_columns(file, NOBODY)
    assert not file.job.broken_off


def test_a_file_of_300_mb_is_received_and_one_that_is_too_large_is_refused_before_it_is_sent(news, home):
    assert begin_file("large.csv", 300_000_000).received == 0
    with pytest.raises(Invalid, match=r"larger than 500 MB \(it is 501 MB\)"):
        begin_file("huge.csv", LARGEST_FILE + 1_000_000)
    with pytest.raises(Invalid, match="is empty"):
        begin_file("empty.csv", 0)
    assert len(list((home / "jobs").iterdir())) == 1


def test_a_disk_without_room_refuses_the_file(news, home, monkeypatch):
    monkeypatch.setattr("newsletter.people_files.receive_file.KEPT_FREE", 1 << 60)
    with pytest.raises(Refused, match="not enough for this file"):
        begin_file("people.csv", 10)
    assert list((home / "jobs").iterdir()) == []


def test_a_file_arrives_in_parts_of_which_one_is_lost_or_comes_twice(news):
    data = many(50).encode()
    file = begin_file("C:\\Documents\\people.csv", len(data), form="key")
    with pytest.raises(AlreadyMadeError, match=str(file.pk)):
        begin_file("people.csv", len(data), form="key")
    assert file.name == "people.csv"
    assert add_part(file, 0, [data[:10], data[10:20]]).received == 20
    assert add_part(file, 0, [data[:20]]).received == 20
    assert add_part(file, 40, [data[40:]]).received == 20
    with pytest.raises(Invalid, match="Only part"):
        import_steps.finish_receiving(file)
    with pytest.raises(Invalid, match="larger than it was"):
        add_part(file, 20, [data, data])
    assert add_part(file, 20, [data[20:]]).received == len(data)
    file = import_steps.choose_columns(import_steps.finish_receiving(file), NOBODY)
    assert check_of(file).counts["added"] == 50


def test_the_scheduler_works_on_a_large_file_step_by_step(upload, news, by_the_scheduler):
    file = upload(many(30))
    assert file.job.state == State.WAITING
    with pytest.raises(Refused, match="still processing this file"):
        import_steps.choose_columns(file, NOBODY)
    work()
    file = import_steps.choose_columns(import_steps.find_file(file.pk), NOBODY)
    work()
    file = import_steps.import_now(import_steps.find_file(file.pk), news, "Paper")
    assert active() == set()
    work()
    file = import_steps.find_file(file.pk)
    assert (file.job.phase, file.job.done, file.job.total) == ("Importing", 30, 30)
    assert len(active()) == 30
    undoing = import_steps.undo(file.record.pk)
    assert import_steps.undo(file.record.pk) == undoing
    work()
    assert active() == set()
    with pytest.raises(Refused, match="was undone"):
        import_steps.undo(file.record.pk)


def test_a_workbook_is_left_to_the_scheduler_sooner_because_it_is_compressed(upload, monkeypatch):
    data = workbook(First=[["email"], ["ada@example.org"]])
    monkeypatch.setattr(import_steps, "SMALL_WORKBOOK", len(data) - 1)
    assert upload(data, "people.xlsx").job.state == State.WAITING
    assert upload(many(len(data) // 10)).job.state == State.DONE


def test_two_imports_at_once_each_bring_their_people(upload, news, by_the_scheduler):
    first, second = upload(many(20)), upload(many(25), "others.csv")
    work()
    for file in (first, second):
        import_steps.choose_columns(import_steps.find_file(file.pk), NOBODY)
    work()
    for file in (first, second):
        import_steps.import_now(import_steps.find_file(file.pk), news, "Paper")
    work()
    counts = [import_steps.find_file(file.pk).record.counts for file in (first, second)]
    assert [(each["added"], each["unchanged"]) for each in counts] == [(20, 0), (5, 20)]


def test_who_acted_since_stays_when_an_import_is_undone(upload, news):
    file = import_steps.choose_columns(upload(many(3)), NOBODY)
    file = import_steps.import_now(file, news, "Paper")
    own = ConsentSource(SourceKind.EMAIL_LINK)
    consent.unsubscribe(Subscription.objects.get(subscriber__address_key="reader00001@example.org"), own)
    job = import_steps.undo(file.record.pk)
    assert job.result["removed"] == 2
    assert [each.address_key for each in Subscriber.objects.all()] == ["reader00001@example.org"]


def test_everything_is_removed_after_a_day_but_not_under_somebody_who_works(
    upload, news, home, by_the_scheduler
):
    left, waiting, done = upload(many(1)), begun(upload, news, 2), None
    work()
    done = import_steps.find_file(waiting.pk)
    waiting = upload(many(3))
    now = timezone.now()
    assert remove_old_people_files(now) == 0
    assert remove_old_people_files(now + timedelta(days=1, hours=1)) == 2
    assert (home / "jobs" / waiting.folder).is_dir()
    assert check_of(import_steps.find_file(done.pk)) is None
    remove_old_people_files(now + timedelta(days=31))
    with pytest.raises(NotFound):
        import_steps.find_file(done.pk)
    with pytest.raises(NotFound):
        import_steps.find_file(left.pk)


def test_only_an_administrator_imports(upload, news):
    file = upload(many(1))
    with acting_as(Actor("Ruth", frozenset({Role.EDITOR}))):
        for act in (
            lambda: begin_file("people.csv", 10),
            lambda: add_part(file, 0, []),
            lambda: import_steps.find_file(file.pk),
            lambda: import_steps.choose_columns(file, NOBODY),
            lambda: import_steps.import_now(file, news, "Paper"),
            lambda: import_steps.cancel(file),
            lambda: import_steps.undo(1),
        ):
            with pytest.raises(Refused, match="Only an administrator"):
                act()


def test_a_role_that_was_taken_away_stops_an_import_that_waits(upload, news, by_the_scheduler):
    with acting_as(Actor("Ruth", frozenset({Role.ADMINISTRATOR}))):
        file = begun_by_ruth = upload(many(3))
    work()
    assert import_steps.find_file(begun_by_ruth.pk).job.state == State.FAILED
    assert "Only an administrator" in import_steps.find_file(file.pk).job.sentence


def test_a_job_says_how_far_it_is(upload, news, by_the_scheduler, in_tens, monkeypatch):
    told = []
    file = begun(upload, news)
    tell = JobRun.tell

    def listen(run, phase, done=0, total=0):
        told.append((phase, done, total))
        tell(run, phase, done, total)

    monkeypatch.setattr(JobRun, "tell", listen)
    work()
    assert told == [
        ("Reading the file", file.size, file.size),
        *(("Importing", done, 30) for done in (0, 10, 20, 30)),
    ]
