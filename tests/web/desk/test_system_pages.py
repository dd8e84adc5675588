"""System: the checks, the backups and the installation that may send, as an administrator meets them."""

import re
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from newsletter.accounts.actor import acting_as
from newsletter.background_jobs.models import BackgroundJob
from newsletter.background_jobs.run_jobs import run_next_job
from newsletter.backups.backup_file import opened_backup
from newsletter.backups.backup_job import run_backup
from newsletter.backups.models import StoredBackup
from newsletter.backups.nightly_backups import backup_plan
from newsletter.backups.stored_backups import ask_for_backup, backup_folder
from newsletter.backups.try_restoring import Trial
from newsletter.cli.overview import COMMANDS
from newsletter.doctor.run_checks_job import run_checks
from newsletter.instance.guard import adopt, instance_status, quarantine
from newsletter.instance.models import Heartbeat
from newsletter.instance.process_heartbeats import record_heartbeat
from newsletter.issues.models import AuditEntry
from newsletter.scheduler import JOBS
from newsletter.web.desk.settings.server_commands import server_commands
from tests.web.desk.second_factors import just_now

SYSTEM = "/desk/settings/system/"
BACKUPS = f"{SYSTEM}backups/"
TEMPLATES = Path(__file__).parents[3] / "templates" / "desk"


def text(answer):
    return " ".join(answer.content.decode().split())


def said(answer):
    """What a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


@pytest.fixture
def ada(home, desk_of):
    return just_now(desk_of("ada"))


def read_only(file, _look):
    with opened_backup(file):
        return Trial(subscribers=1, issues=0)


def scheduler(trial=read_only):
    """Let a scheduler do what it was asked for, with a trial that only reads the backup."""
    while run_next_job({**JOBS, "backup": partial(run_backup, trial=trial)}):
        pass


def test_the_checks_are_run_by_the_scheduler_and_their_findings_stay_on_the_page(ada, monkeypatch):
    assert "have not been run in the last week" in said(ada.get(SYSTEM))
    answer = ada.post(f"{SYSTEM}checks/", follow=True)
    assert "Waiting for the scheduler, which is not running" in said(answer)
    # A second press asks for nothing more.
    ada.post(f"{SYSTEM}checks/")
    assert BackgroundJob.objects.count() == 1
    BackgroundJob.objects.update(
        state="done",
        due_at=None,
        ended_at=timezone.now(),
        result={
            "findings": [
                {"check": "database", "level": "ok", "sentence": "The database is whole.", "fix": ""},
                {"check": "spf", "level": "warning", "sentence": "No record.", "fix": "Add `v=spf1 -all`."},
                {
                    "check": "clock",
                    "level": "wrong",
                    "sentence": "<b>Late</b>",
                    "fix": "Run `newsletter scheduler`.",
                },
            ]
        },
    )
    page = ada.get(SYSTEM)
    assert "1 problem and 1 warning. The checks were last run today at" in said(page)
    assert "Passed or skipped: 1" in said(page)
    assert "by ada" in said(page)
    assert said(page).index("&lt;b&gt;Late&lt;/b&gt;") < said(page).index("No record.")
    assert "<code>newsletter scheduler</code>" in text(page)
    assert "Run the checks now" in text(page)
    passed = {"check": "database", "level": "ok", "sentence": "The database is whole.", "fix": ""}
    skipped = {"check": "spf", "level": "skipped", "sentence": "Nothing is sent.", "fix": ""}
    BackgroundJob.objects.update(result={"findings": [passed, passed, skipped]})
    assert "2 checks passed and 1 was skipped. The checks were last run" in said(ada.get(SYSTEM))


def test_the_job_runs_the_same_checks_as_the_command(home, db, monkeypatch):
    """The doctor's own tests try each check. Here, the findings are what the job keeps."""
    found = []

    class Run:
        def tell(self, phase, done):
            found.append((phase, done))

    result = run_checks(Run())
    names = {each["check"] for each in result["findings"]}
    assert {"home", "database", "instance", "clock"} <= names
    assert found == [("Checking", number + 1) for number in range(len(result["findings"]))]


def test_a_backup_is_made_while_the_page_waits_and_is_downloaded_and_removed(ada, transactional_db):
    assert "There is no backup yet." in said(ada.get(BACKUPS))
    answer = ada.post(f"{BACKUPS}make/", follow=True)
    assert "A backup is being made." in said(answer)
    assert 'data-state="running"' in text(answer)
    assert "Back up now</button>" not in text(answer)
    scheduler()
    backup = StoredBackup.objects.get()
    page = ada.get(BACKUPS)
    assert "We last tested a backup today at" in said(page)
    assert "1 subscriber and 0 issues were restored" in said(page)
    assert "Restored in a test" in said(ada.get(SYSTEM))
    download = ada.post(f"{BACKUPS}{backup.pk}/download/")
    content = b"".join(download.streaming_content)
    assert content == (backup_folder() / backup.name).read_bytes()
    assert download["Content-Disposition"] == f'attachment; filename="{backup.name}"'
    assert "no-store" in download["Cache-Control"]
    assert AuditEntry.objects.filter(act="backup-download", actor="ada").count() == 1
    assert "You cannot undo the removal" in said(ada.get(f"{BACKUPS}{backup.pk}/remove/"))
    ada.post(f"{BACKUPS}{backup.pk}/remove/")
    assert not StoredBackup.objects.exists()
    assert list(backup_folder().iterdir()) == []


def test_a_download_asks_again_who_it_is(home, desk_of, transactional_db):
    ada = desk_of("ada")
    ada.post(f"{BACKUPS}make/")
    scheduler()
    answer = ada.post(f"{BACKUPS}{StoredBackup.objects.get().pk}/download/")
    assert answer.status_code == 302
    assert "/desk/account/confirm/" in answer.url
    assert not AuditEntry.objects.filter(act="backup-download").exists()


def test_a_backup_that_failed_says_why_and_a_new_one_can_be_made(ada, transactional_db):
    backup_folder().write_bytes(b"a file where the folder should be")
    ada.post(f"{BACKUPS}make/")
    scheduler()
    page = said(ada.get(BACKUPS))
    assert "failed. We could not create the folder" in page
    assert "Back up now" in page


def test_a_backup_that_was_made_and_not_copied_is_not_said_to_have_failed(ada, transactional_db):
    ask_for_backup()
    BackgroundJob.objects.update(
        state=BackgroundJob.State.DONE,
        ended_at=timezone.now(),
        due_at=None,
        result={"backup": 1, "not_copied": "The backup was made, but could not be copied: No room."},
    )
    for page in (BACKUPS, "/desk/"):
        page_text = said(ada.get(page))
        assert "The backup was made, but could not be copied: No room." in page_text
        assert "failed" not in page_text.lower()
    assert "The latest backup" in page_text
    assert "Not copied" in page_text


@pytest.mark.parametrize(("now", "when"), [(1, "today after 02:00"), (2, "tomorrow after 02:00")])
def test_nightly_backups_say_when_the_next_one_comes(home, desk_of, now, when):
    with time_machine.travel(datetime(2026, 11, 29, now, 30, tzinfo=UTC), tick=False):
        ada = just_now(desk_of("ada"))
        assert "next nightly backup" not in said(ada.get(BACKUPS))
        plan = {"nightly": "yes", "hour": "2", "keep": "30"}
        answer = said(ada.post(f"{BACKUPS}plan/", plan, follow=True))
    saved = "The settings for nightly backups were saved. We will make the next nightly backup"
    assert f"{saved} {when}." in answer
    assert answer.count(f"We will make the next nightly backup {when}.") >= 2


def test_nightly_backups_are_turned_on_with_hour_and_number(ada):
    page = ada.get(BACKUPS)
    seen = re.search(r'name="seen" value="(\w+)"', text(page))[1]
    answer = ada.post(
        f"{BACKUPS}plan/", {"nightly": "yes", "hour": "2", "keep": "30", "seen": seen}, follow=True
    )
    assert "The settings for nightly backups were saved." in said(answer)
    plan = backup_plan()
    assert (plan.nightly, plan.hour, plan.keep) == (True, 2, 30)
    assert "At 02:00, 30 kept" in said(ada.get(SYSTEM))


@pytest.mark.parametrize("keep", ["0", "366", "x", "", "-1", "٣", "9" * 50])
def test_a_wrong_number_is_said_beside_its_field_with_what_was_typed(ada, keep):
    answer = ada.post(f"{BACKUPS}plan/", {"nightly": "yes", "hour": "2", "keep": keep})
    assert answer.status_code == 422
    page = text(answer)
    assert 'id="keep-error"' in page
    assert "Error: Backups" in page
    assert f'value="{keep}"' in page
    assert not backup_plan().nightly


def test_a_plan_that_a_colleague_changed_is_not_overwritten_unseen(ada):
    seen = re.search(r'name="seen" value="(\w+)"', text(ada.get(BACKUPS)))[1]
    ada.post(f"{BACKUPS}plan/", {"nightly": "yes", "hour": "2", "keep": "30", "seen": seen})
    answer = ada.post(f"{BACKUPS}plan/", {"nightly": "", "hour": "5", "keep": "7", "seen": seen})
    assert answer.status_code == 409
    assert "Somebody else has changed the settings for nightly backups" in said(answer)
    # The form shows what is stored now.
    assert 'value="30"' in text(answer)
    assert backup_plan().keep == 30


def test_a_database_that_may_not_send_says_so_and_an_administrator_decides_after_looking(ada, people):
    adopt()
    assert "Sent from this installation" in said(ada.get(SYSTEM))
    quarantine("This database is older than what was sent.")
    page = said(ada.get(SYSTEM))
    assert (
        "This database is older than what was sent. We will not send any emails until an administrator "
        "allows it." in page
    )
    form = f"{SYSTEM}sending/"
    assert "Waiting to be sent" in said(ada.get(form))
    unsure = ada.post(form)
    assert unsure.status_code == 409
    assert instance_status().problem
    answer = ada.post(form, {"understood": "yes"}, follow=True)
    assert "Emails are now sent from this installation." in said(answer)
    assert not instance_status().problem
    assert AuditEntry.objects.filter(act="instance", actor="ada").exists()


def test_the_page_says_whether_the_scheduler_runs(ada):
    assert "Not running" in said(ada.get(SYSTEM))
    record_heartbeat()
    assert "Running It last ran 0 seconds ago." in said(ada.get(SYSTEM))


def test_only_administrators_of_everything_see_the_system(home, desk_of, people, transactional_db):
    with acting_as(people["ada"]):
        desk_of("ada").post(f"{BACKUPS}make/")
    scheduler()
    number = StoredBackup.objects.get().pk
    for name in ("ruth", "amir"):
        client = just_now(desk_of(name))
        for address in (SYSTEM, BACKUPS, f"{BACKUPS}{number}/remove/", f"{SYSTEM}sending/"):
            assert client.get(address).status_code == 409
        for act in ("checks/", "sending/", "backups/make/", "backups/plan/", f"backups/{number}/download/"):
            assert (
                client.post(f"{SYSTEM}{act}", {"understood": "yes", "hour": "1", "keep": "1"}).status_code
                == 409
            )
        assert client.post(f"{BACKUPS}{number}/remove/").status_code == 409
    assert StoredBackup.objects.count() == 1
    assert BackgroundJob.objects.count() == 1


@pytest.mark.parametrize("many", [1, 60])
def test_the_pages_ask_a_few_questions_however_many_backups_there_are(
    ada, many, django_assert_max_num_queries
):
    for number in range(many):
        StoredBackup.objects.create(
            name=f"newsletter-{number}.tar.gz",
            reason="nightly",
            made_at=timezone.now() - timedelta(days=number),
            bytes=number,
        )
    for page in (SYSTEM, BACKUPS):
        with django_assert_max_num_queries(20):
            ada.get(page)


def test_no_other_page_shows_a_shell_command():
    commands = re.compile(rf"newsletter (?:{'|'.join(sorted(COMMANDS))})\b(?! letter)")
    allowed = {"settings/system.html", "settings/backups.html"}
    found = {
        str(path.relative_to(TEMPLATES))
        for path in TEMPLATES.rglob("*.html")
        if commands.search(path.read_text(encoding="utf-8"))
    }
    assert found == allowed


def test_home_tells_administrators_alone_what_is_wrong_with_the_installation(ada, desk_of, people):
    home = "/desk/"
    before = said(ada.get(home))
    adopt()
    record_heartbeat()
    assert said(ada.get(home)) == before
    quarantine("This database is older than what was sent.")
    Heartbeat.objects.update(at=timezone.now() - timedelta(hours=1))
    with acting_as(people["ada"]):
        ask_for_backup()
    BackgroundJob.objects.update(
        state="failed", sentence="The disk is full.", due_at=None, ended_at=timezone.now()
    )
    page = ada.get(home)
    for sentence in (
        "This installation cannot send emails",
        "The scheduler last ran",
        "The disk is full.",
    ):
        assert sentence in said(page)
        assert sentence not in said(desk_of("ruth").get(home))
    for address in (f"{SYSTEM}sending/", SYSTEM, BACKUPS):
        assert f'href="{address}"' in text(page)


def test_every_stored_backup_is_on_one_of_the_pages(ada):
    now = timezone.now()
    StoredBackup.objects.bulk_create(
        StoredBackup(
            name=f"newsletter-{number}.tar.gz",
            reason="asked",
            made_at=now - timedelta(days=number),
            bytes=1,
            tried_at=now if number == 70 else None,
        )
        for number in range(120)
    )
    found = []
    for page in ("", "?page=2", "?page=3"):
        shown = ada.get(f"{BACKUPS}{page}").content.decode()
        assert "We last tested a backup" in shown
        assert "newsletter-0.tar.gz" in shown
        found += re.findall(r'id="(backup-\d+)"', shown)
    assert len(found) == len(set(found)) == 120
    assert 'rel="next"' not in shown


@pytest.mark.parametrize(
    ("group", "marks", "expected"),
    [
        (
            "0::/system.slice/newsletter.service\n",
            (),
            ["systemctl stop newsletter", "{bin}/newsletter init", "systemctl start newsletter"],
        ),
        ("0::/\n", (".dockerenv",), ["docker compose build", "docker compose up --detach"]),
        ("0::/user.slice/session.scope\n", (), ["{bin}/newsletter init", "{bin}/newsletter serve"]),
        # A service of another name, for example a container engine, is not ours.
        ("0::/system.slice/cron.service\n", (), ["{bin}/newsletter init", "{bin}/newsletter serve"]),
    ],
)
def test_the_commands_are_those_of_the_installation(tmp_path, group, marks, expected):
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text(group)
    for mark in marks:
        (tmp_path / mark).touch()
    program = tmp_path / "program"
    found = server_commands(is_postgresql=True, system=tmp_path, program=program, folder=tmp_path)
    lines = found.upgrade()
    assert lines[0] == "git pull"
    assert lines[-len(expected) :] == [each.format(bin=program / "bin") for each in expected]
    assert any("restore --replace '/a b.tar.gz'" in line for line in found.restore("/a b.tar.gz"))


def test_after_make_serve_two_commands_upgrade(tmp_path):
    (tmp_path / "Makefile").touch()
    found = server_commands(is_postgresql=False, system=tmp_path, program=tmp_path / ".venv", folder=tmp_path)
    assert found.upgrade() == ["git pull", "make serve"]
    assert found.restore("b.tar.gz")[0] == ".venv/bin/newsletter restore --replace b.tar.gz"


def test_the_pages_of_the_system_show_the_commands_of_this_installation(ada):
    for path in (SYSTEM, BACKUPS):
        assert "/opt/newsletter" not in said(ada.get(path))
    assert "git pull" in said(ada.get(SYSTEM))
    assert f"restore --replace {backup_folder()}/BACKUP.tar.gz" in said(ada.get(BACKUPS))
