"""An editor's list comes in, a part of it becomes a segment, an issue goes to it, and exactly those people get it."""

import email
import email.policy
import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from newsletter.issues.models import Issue
from newsletter.scheduling.models import Schedule
from newsletter.scheduling.release import release_next_issue
from newsletter.sending.batches import send_next_batch
from newsletter.sending.plan import plan_next_mailing

pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]
PEOPLE = (
    "Email,First name\nben@example.org,Ben\ncem@example.org,Cem\ndora@example.org,Dora\nbea@example.org,Bea"
)
HERE = "issues/harbour-letter/1/"
MAX_BATCHES = 20


def everybody_in(outbox):
    """The addresses to which the messages of a Maildir are written, except test emails."""
    messages = [
        email.message_from_bytes(each.read_bytes(), policy=email.policy.default)
        for each in sorted(outbox.glob("new/*"))
    ]
    return sorted(
        each.addr_spec
        for message in messages
        for each in message["To"].addresses
        if "[Test]" not in message["Subject"]
    )


def loaded(page, path):
    """Wait until a page has come with its scripts: before then, they would miss what is chosen."""
    page.wait_for_url(re.compile(path))
    page.wait_for_load_state()


def make_the_segment(page, look, axe):
    """Make a segment by the form, and see who is in it."""
    page.get_by_role("link", name="Segments").click()
    page.get_by_role("heading", name="No segments yet").wait_for()
    look("none")
    axe(page)
    page.get_by_role("link", name="New segment").first.click()
    loaded(page, "segments/new/")
    page.fill("#name", "Bs and Cem")
    page.select_option("#subject-0", "first name")
    expect(page.locator("#verb-0 option[value='starts with']")).to_have_count(1)
    page.select_option("#verb-0", "starts with")
    page.fill("#value-0", "B")
    page.get_by_role("button", name="Add “or” condition").click()
    expect(page.locator("#subject-1")).to_be_visible()
    page.wait_for_load_state()
    page.select_option("#subject-1", "first name")
    expect(page.locator("#verb-1")).to_have_value("is")
    page.fill("#value-1", "Cem")
    page.locator("#value-1").press("Tab")
    expect(page.locator("#segment-result")).to_contain_text("3 people")
    look("form")
    axe(page)
    page.get_by_role("button", name="Save").click()
    page.get_by_text("The segment “Bs and Cem” was added.").wait_for()
    page.get_by_role("link", name="View everybody").click()
    expect(page.locator("#segment-count")).to_contain_text("3 people")
    look("people")
    axe(page)


def choose_the_audience(page, look, axe):
    """Choose the segment for the issue, without Bea, whose address is pasted."""
    page.get_by_role("link", name="Choose who receives it").click()
    loaded(page, "audience/choose/")
    page.get_by_label("Only for this issue").check()
    page.select_option("#segment", label="Bs and Cem")
    expect(page.locator("#audience-count")).to_contain_text("3 people")
    page.fill("#pasted", "bea@example.org")
    page.locator("#pasted").press("Tab")
    expect(page.locator("#audience-count")).to_contain_text("2 people")
    look("audience")
    axe(page)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".audience-total")).to_contain_text("2 people")
    look("review")
    axe(page)


@pytest.mark.parametrize(
    ("width", "dark"),
    [(1280, False), pytest.param(390, True, marks=pytest.mark.full)],
    ids=["desktop", "phone"],
)
def test_people_are_imported_and_an_issue_is_sent_to_a_segment_of_them(
    desk_page, desk_url, axe, home, width, dark
):
    page = desk_page("subscribers/paste/", recently=True, width=width, dark=dark)
    look = _Pictures(page, f"{width}")
    page.fill("#people", PEOPLE)
    page.fill("#consent", "Sign-up sheet, 3 May")
    page.get_by_role("button", name="Check", exact=True).click()
    page.get_by_role("button", name="Import these people").click()
    page.get_by_text("Imported: 4 people added").wait_for()

    make_the_segment(page, look, axe)
    page.goto(f"{desk_url}{HERE}review/")
    choose_the_audience(page, look, axe)
    page.goto(f"{desk_url}{HERE}send/")
    page.get_by_role("button", name=re.compile("^Approve this issue")).click()
    page.get_by_text("Approved by adele").first.wait_for()
    page.goto(f"{desk_url}{HERE}send/now/")
    expect(page.locator("main h1")).to_contain_text("2 people")
    look("send")
    page.get_by_role("button", name="Send the issue").click()
    expect(page.get_by_role("timer")).to_be_visible()
    Schedule.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    assert release_next_issue()
    assert plan_next_mailing()
    for _ in range(MAX_BATCHES):
        if not send_next_batch():
            break
    assert everybody_in(home / "outbox") == ["ben@example.org", "cem@example.org"]
    assert Issue.objects.get().state == Issue.State.SENT
    # htmx says it when the next page is asked for before a number has come.
    assert [each for each in page.complaints if not each.startswith("htmx:")] == []


class _Pictures:
    """Pictures of the pages, for somebody who looks at them: only where a folder for them is named."""

    def __init__(self, page, name):
        self.page, self.name, self.folder = page, name, os.environ.get("AUDIENCE_PICTURES", "")

    def __call__(self, what):
        if self.folder:
            self.page.screenshot(path=str(Path(self.folder) / f"{what}-{self.name}.png"), full_page=True)
