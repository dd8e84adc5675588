"""An administrator brings a file of people: it is uploaded in parts, understood, checked, imported, and counted."""

import re

import pytest

from newsletter.background_jobs.run_jobs import run_next_job
from newsletter.people_files import import_steps
from newsletter.scheduler import JOBS
from subscribers.imports import adaptive_pieces
from subscribers.models import Subscription

pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]
PEOPLE = 150


def people(number):
    lines = [
        f"reader{each}@example.org,Reader {each},{'yes' if each % 50 else 'maybe'}" for each in range(number)
    ]
    return "\n".join(["Email,Name,Newsletter ok?", *lines, "no address,Nobody,yes"]).encode()


def file_of(data, name="people.csv"):
    return {"name": name, "mimeType": "text/csv", "buffer": data}


def active():
    return Subscription.objects.filter(state="active").count()


def test_a_file_of_people_is_imported_seen_and_undone(desk_page, axe):
    before = active()
    page = desk_page("subscribers/", recently=True)
    page.get_by_role("link", name="Import", exact=True).click()
    page.set_input_files("#file", file_of(people(PEOPLE)))
    axe(page)
    page.get_by_role("button", name="Upload the file").press("Enter")
    page.get_by_role("heading", name="people.csv").wait_for()
    assert page.get_by_label("Email", exact=True).input_value() == "address"
    page.get_by_label("Name", exact=True).select_option("Full name")
    axe(page)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="One column needs an answer").wait_for()
    axe(page)
    asked = page.locator(".import-column select:has(option[value=''])")
    for each in asked.all():
        each.select_option("unsubscribed" if "meaning" in each.get_attribute("name") else "subscribed")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name=re.compile("Changes to")).wait_for()
    axe(page)
    page.get_by_role("button", name="Import these people").click()
    page.get_by_text("Enter how these people agreed").first.wait_for()
    axe(page)
    page.fill("#consent", "Sign-up sheet, 3 May")
    page.get_by_role("button", name="Import these people").click()
    page.get_by_role("heading", name=re.compile("added to")).wait_for()
    added = active() - before
    assert f"{added} people added" in page.inner_text("h2")
    axe(page)
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="Download the rows that were left out").click()
    assert "no address" in downloaded.value.path().read_text(encoding="utf-8-sig")
    page.get_by_role("link", name="View the people").click()
    page.get_by_text("reader99@example.org").wait_for()
    page.go_back()
    page.get_by_role("link", name="Undo this import").click()
    axe(page)
    page.get_by_role("button", name="Undo this import").click()
    page.get_by_text("The import was undone.").wait_for()
    assert active() == before
    assert [each for each in page.complaints if "422" not in each] == []


@pytest.mark.full
def test_progress_goes_on_while_nobody_looks_and_an_upload_survives_a_lost_connection(
    desk_page, axe, monkeypatch
):
    monkeypatch.setattr(import_steps, "SMALL_FILE", 0)
    for name in ("FIRST_PIECE", "FEWEST", "MOST"):
        monkeypatch.setattr(adaptive_pieces, name, 50)
    page = desk_page("subscribers/import/", recently=True)
    lost = []

    def lose_one(route):
        if lost:
            return route.continue_()
        lost.append(True)
        return route.abort()

    page.route("**/part/", lose_one)
    page.set_input_files(
        "#file", file_of(b"email\n" + b"".join(b"r%d@example.org\n" % each for each in range(200)))
    )
    page.get_by_role("button", name="Upload the file").click()
    page.get_by_text("Waiting for the scheduler").wait_for()
    axe(page)
    run_next_job(JOBS)
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("Waiting for the scheduler").wait_for()
    run_next_job(JOBS)
    page.get_by_role("heading", name=re.compile("Changes to")).wait_for()
    page.fill("#consent", "Sign-up sheet")
    page.get_by_role("button", name="Import these people").click()
    page.get_by_text("Waiting for the scheduler").wait_for()
    before = active()
    run_next_job(JOBS, lambda: active() >= before + 100)
    page.get_by_text("Waiting for the scheduler").wait_for()
    page.get_by_role("link", name="Import people").click()
    page.get_by_role("link", name="people.csv").click()
    run_next_job(JOBS)
    page.get_by_role("heading", name=re.compile("200 people added to")).wait_for()
    assert active() == before + 200
    assert lost
    assert [each for each in page.complaints if "ERR_FAILED" not in each] == []


@pytest.mark.full
def test_people_are_exported_and_downloaded(desk_page, axe):
    page = desk_page("subscribers/", recently=True)
    page.get_by_role("link", name="Export", exact=True).click()
    page.get_by_role("button", name="Export").click()
    page.get_by_role("button", name="Download").wait_for()
    axe(page)
    with page.expect_download() as downloaded:
        page.get_by_role("button", name="Download").click()
    assert "amara@example.com" in downloaded.value.path().read_text(encoding="utf-8-sig")
    page.get_by_role("button", name="Remove the file now").click()
    page.get_by_text("The file was removed.").wait_for()
    axe(page)
    assert page.complaints == []
