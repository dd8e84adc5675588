"""Importing and exporting people at the desk: four steps, figures that are counts of rows, and files that go away."""

import csv
import io
import json
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from lxml import html

from newsletter.background_jobs.models import BackgroundJob
from newsletter.background_jobs.run_jobs import run_next_job
from newsletter.instance.process_heartbeats import record_heartbeat
from newsletter.issues.models import AuditEntry
from newsletter.issues.saved_segments import add_segment
from newsletter.people_files import export_files, import_steps
from newsletter.people_files.models import ImportedFile
from newsletter.people_files.remove_old_files import remove_old_people_files
from newsletter.scheduler import JOBS
from subscribers.consent import ConsentSource, unsubscribe
from subscribers.consent_by_editor import add_by_editor
from subscribers.models import ImportRecord, SourceKind, Subscriber, Subscription
from subscribers.suppression import Reason, suppress
from tests.hostile_text import INJECTIONS
from tests.subscribers.imports.test_file_kinds import workbook
from tests.subscribers.imports.test_hostile_workbooks import HEADING, far_cell, with_rows

IMPORT, EXPORT = "/desk/subscribers/import/", "/desk/subscribers/export/"
EDITOR = ConsentSource(SourceKind.EDITOR, "Ruth")
MOST_QUERIES = 30
PEOPLE = "email,first name\nada@example.org,Ada\nbo@example.org,Bo\nno address,Nobody\n"


@pytest.fixture
def ada(just_logged_in, publication):
    return just_logged_in("ada")


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Exports are small, however many people earlier tests had: PostgreSQL goes on counting."""
    monkeypatch.setattr(export_files, "FEW", 1 << 60)


@pytest.fixture
def by_the_scheduler(at_once, monkeypatch):
    monkeypatch.setattr(import_steps, "SMALL_FILE", 0)
    monkeypatch.setattr(import_steps, "SMALL_UNDO", 0)
    monkeypatch.setattr(export_files, "FEW", 0)


def work():
    for _ in range(10):
        if not run_next_job(JOBS):
            return


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def uploaded(content, name="people.csv"):
    data = content if isinstance(content, bytes) else content.encode(errors="replace")
    return {"file": SimpleUploadedFile(name, data)}


def figures(answer):
    """The figures of a report by their first word."""
    found = re.findall(r"<li><strong>([\d,]+)</strong> <span>(\w+)", answer.content.decode())
    return {word: int(number.replace(",", "")) for number, word in found}


def lead_on(browser, answer):
    """Follow where an act leads, and return the page."""
    assert answer.status_code == 303, text(answer)[:2_000]
    page = browser.get(answer["Location"])
    return lead_on(browser, page) if page.status_code == 303 else page


def checked(browser, content=PEOPLE, name="people.csv"):
    """A file that was checked: the path of its page, and the page."""
    begun = browser.post(IMPORT, uploaded(content, name))
    path = begun["Location"]
    return path, lead_on(browser, browser.post(f"{path}columns/", {}))


def test_a_file_becomes_people_in_four_steps_whose_figures_are_counts_of_rows(ada, amara, mailing_list):
    suppress("bo@example.org", Reason.MANUAL, EDITOR)
    left = add_by_editor(mailing_list, "gone@example.org", EDITOR, consent="Paper")
    unsubscribe(left, EDITOR)
    before = Subscription.objects.filter(list=mailing_list, state="active").count()
    columns = lead_on(ada, ada.post(IMPORT, uploaded(PEOPLE + "gone@example.org,Gone\n")))
    assert "ada@example.org · bo@example.org" in text(columns)
    path = ImportedFile.objects.get().pk
    page = lead_on(ada, ada.post(f"{IMPORT}{path}/columns/", {"column-2": "last_name"}))
    assert figures(page) == {"new": 1, "unsubscribed": 1, "suppressed": 1, "not": 1}
    assert "4 rows in total" in text(page)
    [row] = html.fromstring(page.content).xpath("//table[caption[contains(., 'cannot be used')]]/tbody/tr")
    assert [cell.text_content() for cell in row][:2] == ["4", "no address, Nobody"]
    assert "nobody was" not in text(page).lower()
    assert Subscription.objects.filter(list=mailing_list, state="active").count() == before

    form = {"list": mailing_list.slug, "consent": "", "act": "import"}
    refused = ada.post(f"{IMPORT}{path}/check/", form)
    assert refused.status_code == 422
    assert "how these people agreed" in text(refused)
    page = lead_on(ada, ada.post(f"{IMPORT}{path}/check/", {**form, "consent": "Sign-up sheet"}))
    assert "1 person added to" in text(page)
    assert Subscription.objects.filter(list=mailing_list, state="active").count() == before + 1
    assert Subscriber.objects.get(address_key="ada@example.org").last_name == "Ada"
    rows = list(csv.reader(io.StringIO(b"".join(ada.get(f"{IMPORT}{path}/left-out/")).decode("utf-8-sig"))))
    assert len(rows) == 4
    entry = AuditEntry.objects.filter(act="import").latest("pk")
    assert (entry.actor, entry.changes["added"]) == ("ada", [0, 1])
    assert "@" not in f"{entry.sentence}{entry.changes}"


def test_only_a_text_has_an_encoding_and_a_separator_to_choose(ada, mailing_list):
    for content, name, is_text in (
        (PEOPLE, "people.csv", True),
        (workbook(People=[["Email"], ["ada@example.org"]]), "p.xlsx", False),
    ):
        columns = lead_on(ada, ada.post(IMPORT, uploaded(content, name)))
        assert ("Column separator" in text(columns)) == is_text
        assert "ada@example.org" in text(columns)


@pytest.mark.parametrize("clicks", ["while it is imported", "after that"])
def test_further_clicks_on_import_lead_to_the_import_that_the_first_began(
    ada, amara, mailing_list, monkeypatch, clicks
):
    path, _page = checked(ada)
    if clicks == "while it is imported":
        monkeypatch.setattr(import_steps, "SMALL_FILE", 0)
    form = {"list": mailing_list.slug, "consent": "Paper", "act": "import"}

    pages = [lead_on(ada, ada.post(f"{path}check/", form)) for _click in range(3)]

    assert [page.status_code for page in pages] == [200, 200, 200]
    assert not any("Nothing was imported" in text(page) for page in pages)
    work()
    assert BackgroundJob.objects.filter(kind="import-file").count() == 1
    assert ImportRecord.objects.get().counts["added"] == 2


def test_a_workbook_with_content_far_away_is_refused_and_the_server_still_answers(ada, amara, mailing_list):
    data = with_rows(HEADING + far_cell("XFD1048576"))

    page = lead_on(ada, ada.post(IMPORT, uploaded(data, "people.xlsx")))

    assert "content as far away as XFD1048576" in text(page)
    assert ada.get("/healthz").status_code == 200


def test_an_import_is_undone_from_its_page_and_from_the_list_of_imports(ada, amara, mailing_list):
    path, _page = checked(ada)
    ada.post(f"{path}check/", {"list": mailing_list.slug, "consent": "Paper", "act": "import"})
    record = ImportRecord.objects.get()
    undo = f"/desk/subscribers/imports/{record.pk}/undo/"
    assert undo in ada.get(path).content.decode()
    assert undo in ada.get(IMPORT).content.decode()
    asked = text(ada.get(undo))
    assert "Undo this import?" in asked
    assert "Keep it" in asked
    assert "2 removed" in asked
    undone = text(lead_on(ada, ada.post(undo)))
    assert "The import was undone. 2 people were removed from the list." in undone
    assert not Subscriber.objects.filter(address_key="ada@example.org").exists()
    assert "2 removed" in text(ada.get(undo))
    assert ada.post(undo).status_code == 409


def test_another_list_is_checked_before_anything_is_imported(ada, amara, mailing_list):
    other = type(mailing_list).objects.create(slug="other", name="Other")
    path, _page = checked(ada)
    page = lead_on(ada, ada.post(f"{path}check/", {"list": "other", "consent": "Paper", "act": "import"}))
    assert "checked again. Nothing was imported" in text(page)
    assert "Changes to Other" in text(page)
    assert "Paper" in page.content.decode()
    assert not Subscription.objects.filter(list=other).exists()
    lead_on(ada, ada.post(f"{path}check/", {"list": "other", "consent": "Paper", "act": "import"}))
    assert Subscription.objects.filter(list=other).count() == 2


def test_a_column_that_may_say_no_has_to_be_answered_by_a_person(ada, amara, mailing_list):
    _path, page = checked(ada, "email,Newsletter ok?\nada@example.org,maybe\nbo@example.org,yes\n")
    assert "One column needs an answer" in text(page)
    number = ImportedFile.objects.get().pk
    assert "“maybe”" in text(page)
    by_value = "meaning-2-0" in page.content.decode()
    again = ada.post(f"{IMPORT}{number}/columns/", {"column-2": ""})
    assert again.status_code == 422
    answer = {"meaning-2-0": "unsubscribed"} if by_value else {"column-2": "ignore"}
    page = lead_on(ada, ada.post(f"{IMPORT}{number}/columns/", answer))
    assert figures(page)["new"] == (1 if by_value else 2)


def test_a_column_that_may_say_when_people_joined_has_to_be_answered_by_a_person(ada, amara, mailing_list):
    lead_on(
        ada,
        ada.post(
            IMPORT, uploaded("email,Entry,phone\nada@example.org,43525,07700900123\nbo@example.org,,\n")
        ),
    )
    columns = f"{IMPORT}{ImportedFile.objects.get().pk}/columns/"
    said = {"basis": "charitable", "collected_on": "2026-05-03", "own_details": "yes"}
    page = lead_on(ada, ada.post(columns, said))
    assert "One column needs an answer" in text(page)
    assert "We do not know what “43525” means here. Choose “Date joined” if" in text(page)
    again = ada.post(columns, {**said, "column-2": ""})
    assert again.status_code == 422
    assert "Choose what “Entry” contains." in text(again)
    assert figures(lead_on(ada, ada.post(columns, {**said, "column-2": "joined"})))["new"] == 1
    for answer in ("attribute:", "attribute:entry", "ignore"):
        assert figures(lead_on(ada, ada.post(columns, {**said, "column-2": answer})))["new"] == 2


def test_the_check_says_where_the_date_joined_comes_from_and_no_time_of_consent_is_still_a_no(ada, amara):
    people = "Email,OPTIN_TIME\nada@example.org,2024-11-05 15:48:51\nbob@example.org,\n"
    lead_on(ada, ada.post(IMPORT, uploaded(people)))
    columns = f"{IMPORT}{ImportedFile.objects.get().pk}/columns/"
    assert '<option value="joined" selected' in ada.get(columns).content.decode()
    page = lead_on(ada, ada.post(columns, {}))
    assert (
        "We use “OPTIN_TIME” as the date when people joined. For new people without a date in this column, we use "
        "today’s date." in text(page)
    )
    assert figures(page)["new"] == 1
    page = lead_on(ada, ada.post(columns, {"column-2": "ignore"}))
    assert "No column says when people joined, so we use today’s date for new people." in text(page)
    assert figures(page)["new"] == 2


def test_the_preset_of_another_provider_is_recognised(ada, amara):
    mailchimp = (
        "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LATITUDE,"
        "LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,LAST_CHANGED,LEID,EUID,NOTES,TAGS\n"
        "ada@example.org,Ada,L,2,,,2024-01-01 10:00:00,,,,,,,,,2024-01-01 10:00:00,1,a,,\n"
    )
    assert "export from Mailchimp" in text(lead_on(ada, ada.post(IMPORT, uploaded(mailchimp))))


def test_a_file_that_cannot_be_read_says_why_and_adds_nobody(ada, amara):
    page = lead_on(ada, ada.post(IMPORT, uploaded(b"%PDF-1.7 x", "list.pdf")))
    assert "This is a PDF document" in text(page)
    assert "Choose another file" in text(page)
    assert ada.post(IMPORT, uploaded(b"")).status_code == 422
    assert ada.post(IMPORT, {}).status_code == 422
    gone = ada.post(f"{IMPORT}{ImportedFile.objects.get().pk}/cancel/")
    assert gone["Location"] == IMPORT
    assert not ImportedFile.objects.exists()


def test_a_script_sends_a_file_in_parts_and_is_told_what_is_wrong(ada, amara):
    data = PEOPLE.encode()
    named = {"parts": "yes", "name": "people.csv", "size": len(data), "form_key": "one"}
    begun = ada.post(IMPORT, named).json()
    assert ada.post(IMPORT, named).json() == begun
    assert (begun["received"], begun["is_whole"]) == (0, False)
    half = {"from": "0", "part": SimpleUploadedFile("part", data[:20])}
    assert ada.post(begun["parts"], half).json()["received"] == 20
    assert "Only part of the file arrived" in text(ada.get(begun["page"]))
    rest = {"from": "20", "part": SimpleUploadedFile("part", data[20:])}
    assert ada.post(begun["parts"], rest).json()["is_whole"] is True
    assert "Columns" in text(ada.get(begun["page"]))
    assert (
        ada.post(begun["parts"], {"from": "x"}).json()["sentence"]
        == "Part of the file did not arrive. Choose the file again."
    )
    large = ada.post(IMPORT, {**named, "size": 10**12, "form_key": "two"})
    assert large.status_code == 422
    assert "larger than 500 MB" in json.loads(large.content)["sentence"]


def test_progress_survives_leaving_the_page_and_is_shown_to_everybody_who_may_see_it(
    ada, amara, mailing_list, by_the_scheduler
):
    path = ada.post(IMPORT, uploaded(PEOPLE))["Location"]
    waiting = ada.get(path)
    assert "Waiting for the scheduler The scheduler is not running" in text(waiting)
    record_heartbeat()
    assert "not running" not in text(ada.get(path))
    other = BackgroundJob.objects.create(kind="import-file", state="running", asked_at=timezone.now())
    assert "Other work, such as an import or a backup, has to finish first" in text(ada.get(path))
    other.delete()
    assert "data-live" in waiting.content.decode()
    assert "people.csv" in text(ada.get(IMPORT))
    BackgroundJob.objects.update(state="running", phase="Importing", done=1_500, total=6_000)
    assert "1,500 of 6,000 people (25%)" in text(ada.get(path))
    assert ada.post(f"{path}columns/", {}).status_code == 409
    BackgroundJob.objects.update(state="waiting")
    work()
    assert lead_on(ada, ada.post(f"{path}columns/", {})).status_code == 200
    work()
    ada.post(f"{path}check/", {"list": mailing_list.slug, "consent": "Paper", "act": "import"})
    work()
    assert "2 people added" in text(ada.get(path))
    undo = f"/desk/subscribers/imports/{ImportRecord.objects.get().pk}/undo/"
    assert "Waiting for the scheduler" in text(lead_on(ada, ada.post(undo)))
    work()
    assert "This import was undone" in text(ada.get(undo))


def test_an_import_that_waits_is_cancelled_with_its_file(ada, amara, mailing_list, by_the_scheduler, home):
    path = ada.post(IMPORT, uploaded(PEOPLE))["Location"]
    assert "The import was cancelled" in text(lead_on(ada, ada.post(f"{path}cancel/")))
    assert list((home / "jobs").iterdir()) == []
    assert ada.get(path).status_code == 404


def test_hostile_names_and_cells_do_nothing(ada, amara, mailing_list):
    cells = [
        each.replace("\n", " ").replace("\r", " ")
        for each in [*INJECTIONS, "=cmd()", "+1", "@SUM(1)", "<script>alert(1)</script>"]
    ]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([["email", "first name", "<script>x</script>"], *(["bad", one, one] for one in cells)])
    name = "<script>alert(1)</script>.csv"
    begun = ada.post(IMPORT, uploaded(out.getvalue(), name))
    assert begun.status_code == 303
    number = ImportedFile.objects.get().pk
    for page in (ada.get(f"{IMPORT}{number}/"), lead_on(ada, ada.post(f"{IMPORT}{number}/columns/", {}))):
        assert "<script>alert" not in page.content.decode()
        assert "<script>x" not in page.content.decode()
    ada.post(f"{IMPORT}{number}/check/", {"list": mailing_list.slug, "consent": "=1+1", "act": "import"})
    left = b"".join(ada.get(f"{IMPORT}{number}/left-out/")).decode("utf-8-sig")
    assert not any(cell[:1] in {"=", "+", "@"} for row in csv.reader(io.StringIO(left)) for cell in row)


def exported(browser, **form):
    """Export people; gives the page of the export and the rows of the file."""
    page = lead_on(browser, browser.post(EXPORT, form))
    job = BackgroundJob.objects.filter(kind="export-people").latest("pk")
    answer = browser.post(f"{EXPORT}{job.pk}/download/")
    if answer.status_code != 200:
        return page, []
    assert answer["Content-Disposition"].startswith("attachment")
    return page, list(csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))


def test_a_list_a_segment_and_everybody_are_exported_safe_to_open(ada, amara, mailing_list):
    other = type(mailing_list).objects.create(slug="other", name="Other")
    formula = add_by_editor(other, "eve@example.org", EDITOR, consent="Paper").subscriber
    Subscriber.objects.filter(pk=formula.pk).update(
        first_name="=HYPERLINK(1)", attributes={"city": "@SUM(1)"}
    )
    gone = add_by_editor(other, "gone@example.org", EDITOR, consent="Paper")
    unsubscribe(gone, EDITOR)

    page, rows = exported(ada, list="other", state="active")
    assert "1 person" in text(page)
    assert [row[0] for row in rows[1:]] == ["eve@example.org"]
    assert not any(cell[:1] in {"=", "@", "+", "-"} for row in rows for cell in row)
    _page, rows = exported(ada, list="other", state="all")
    assert len(rows) - 1 == Subscription.objects.filter(list=other).count() == 2
    _page, rows = exported(ada, list="", state="active")
    assert len(rows) - 1 == Subscription.objects.filter(state="active").count()
    at = rows[0].index("attribute:list")
    assert {row[at] for row in rows[1:]} == {"other", mailing_list.slug}
    _page, rows = exported(ada, list="other", segment='city is "@SUM(1)"')
    assert len(rows) == 2
    entries = AuditEntry.objects.filter(act="export")
    assert {each.actor for each in entries} == {"ada"}
    assert entries.filter(sentence="Exported 1 person from a segment of the list “Other”.").exists()
    assert entries.filter(sentence="Downloaded 1 person from a segment of the list “Other”.").exists()
    assert not any("SUM" in each.sentence or "@" in each.sentence for each in entries)


def test_an_export_that_is_asked_for_twice_by_one_form_is_made_once(ada, amara, mailing_list):
    form = {"list": mailing_list.slug, "form_key": "one"}
    assert ada.post(EXPORT, form)["Location"] == ada.post(EXPORT, form)["Location"]
    assert BackgroundJob.objects.count() == 1


def test_an_export_that_cannot_be_made_says_why(ada, amara, mailing_list):
    for form, sentence in (
        ({"list": mailing_list.slug, "segment": "so and so"}, ""),
        ({"list": "", "segment": "joined in last 9 days"}, "Choose the list that the segment is for"),
        ({"list": mailing_list.slug, "state": "odd"}, "is not a state"),
        ({"list": "nothing"}, ""),
    ):
        answer = ada.post(EXPORT, form)
        assert answer.status_code in {404, 422}, form
        assert sentence in text(answer)
    assert not BackgroundJob.objects.exists()


def test_a_saved_segment_is_chosen_for_an_export_and_belongs_to_its_list(ada, amara, mailing_list):
    assert 'name="saved"' not in ada.get(EXPORT).content.decode()
    other = type(mailing_list).objects.create(slug="other", name="Other")
    add_by_editor(mailing_list, "eve@example.org", EDITOR, consent="Paper")
    Subscriber.objects.filter(address_key="eve@example.org").update(first_name="Eve")
    saved = add_segment(mailing_list, "Eves", "first name is Eve")
    assert (
        f'<option value="{saved.pk}">{mailing_list.name}: Eves</option>' in ada.get(EXPORT).content.decode()
    )

    _page, rows = exported(ada, list=mailing_list.slug, saved=saved.pk)

    assert [row[0] for row in rows[1:]] == ["eve@example.org"]
    for form, sentence in (
        ({"list": "other"}, f"The segment “Eves” belongs to the list “{mailing_list.name}”"),
        ({"list": ""}, "belongs to the list"),
        ({"list": mailing_list.slug, "segment": "joined in last 9 days"}, "but not both"),
    ):
        answer = ada.post(EXPORT, {**form, "saved": saved.pk})
        assert (answer.status_code, sentence in text(answer)) == (422, True), form
        assert f'<option value="{saved.pk}" selected>' in answer.content.decode()
    assert other.name == "Other"
    assert BackgroundJob.objects.count() == 1


def test_an_export_is_cancelled_or_removed_and_is_gone_after_a_day(
    ada, amara, mailing_list, by_the_scheduler, home
):
    page, _rows = exported(ada, list=mailing_list.slug)
    assert "Waiting for the scheduler" in text(page)
    first = BackgroundJob.objects.latest("pk").pk
    ada.post(f"{EXPORT}{first}/cancel/")
    shown = text(ada.get(f"{EXPORT}{first}/"))
    assert "Cancelled" in shown
    exported(ada, list=mailing_list.slug, segment="joined in last 90 days")
    second = BackgroundJob.objects.latest("pk").pk
    work()
    assert "1 person" in text(ada.get(f"{EXPORT}{second}/"))
    assert len(list((home / "jobs").iterdir())) == 1
    remove_old_people_files(timezone.now() + timedelta(days=1, hours=1))
    assert list((home / "jobs").iterdir()) == []
    assert "removed" in text(ada.get(f"{EXPORT}{second}/"))
    assert ada.post(f"{EXPORT}{second}/download/").status_code == 404
    assert "joined" not in str(BackgroundJob.objects.get(pk=second).arguments)


def test_taking_addresses_out_asks_who_it_is_and_an_editor_may_not(desk_of, ada, amara, mailing_list):
    later = desk_of("ada")
    assert later.post(EXPORT, {"list": mailing_list.slug}).status_code == 302
    assert not BackgroundJob.objects.exists()
    page, _rows = exported(ada, list=mailing_list.slug)
    assert page.status_code == 200
    job = BackgroundJob.objects.get().pk
    assert later.post(f"{EXPORT}{job}/download/").status_code == 302
    ruth = desk_of("ruth")
    for path in (IMPORT, f"{IMPORT}1/", f"{IMPORT}1/columns/", EXPORT, f"{EXPORT}{job}/"):
        assert ruth.get(path).status_code == 409, path
        assert "Only an administrator" in text(ruth.get(path))


@pytest.mark.parametrize("number", [1, 40])
def test_no_page_asks_more_of_the_database_with_many_imports_and_exports(ada, amara, mailing_list, number):
    path, _page = checked(ada, "email,name\nada@example.org,Ada\n")
    ada.post(f"{path}check/", {"list": mailing_list.slug, "consent": "Paper", "act": "import"})
    other, _page = checked(ada)
    exported(ada, list=mailing_list.slug)
    record, file, job = (
        ImportRecord.objects.get(),
        ImportedFile.objects.first(),
        BackgroundJob.objects.latest("pk"),
    )
    for _ in range(number):
        for row in (ImportRecord.objects.get(pk=record.pk), file, job):
            row.pk = None
            row.save()
    export = BackgroundJob.objects.filter(kind="export-people").earliest("pk").pk
    pages = (IMPORT, path, other, f"{other}columns/", EXPORT, f"{EXPORT}{export}/")
    for address in (*pages, f"/desk/subscribers/imports/{record.pk}/undo/"):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert ada.get(address).status_code == 200, address
        assert len(queries) <= MOST_QUERIES, address


def test_the_people_of_a_saved_segment_are_exported_from_its_page(ada, amara, mailing_list):
    saved = add_segment(mailing_list, "Newcomers", "joined in last 90 days")
    page = ada.get(reverse("desk:segment-people", args=[saved.pk]))
    link = re.search(r'href="([^"]*export/\?[^"]*)"', page.content.decode())[1].replace("&amp;", "&")
    form = ada.get(link).content.decode()
    assert 'value="joined in last 90 days"' in form
    assert f'<option value="{mailing_list.slug}" selected>' in form
