"""An editor's file comes in, a part of it becomes a segment, an issue goes to it, and exactly those people get it."""

import email
import email.policy
import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from newsletter.issues.models import Issue
from newsletter.scheduling.models import Schedule
from newsletter.scheduling.release import release_next_issue
from newsletter.sending.batches import send_next_batch
from newsletter.sending.plan import plan_next_mailing
from tests.journeys.desk.hands import look_of, ways

pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]
PEOPLE = (
    b"Email,First name\nben@example.org,Ben\ncem@example.org,Cem\ndora@example.org,Dora\nbea@example.org,Bea"
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


def import_the_file(page, hands, look):
    look("Upload the file")
    hands.choose_file("file", {"name": "people.csv", "mimeType": "text/csv", "buffer": PEOPLE})
    hands.press("Upload the file")
    look("First name")
    hands.press("Continue")
    look("Changes to")
    hands.write("consent", "Sign-up sheet, 3 May")
    hands.press("Import these people")
    look("4 people added")


def make_the_segment(page, hands, look):
    """Make a segment by the form, and see who is in it."""
    hands.press("Segments")
    look("No segments yet")
    hands.press("New segment")
    loaded(page, "segments/new/")
    hands.write("name", "Bs and Cem")
    hands.choose("subject-0", "first name")
    expect(page.locator("#verb-0 option[value='starts with']")).to_have_count(1)
    hands.choose("verb-0", "starts with")
    hands.write("value-0", "B")
    hands.press("Add an “or” condition")
    expect(page.locator("#subject-1")).to_be_visible()
    page.wait_for_load_state()
    hands.choose("subject-1", "first name")
    expect(page.locator("#verb-1")).to_have_value("is")
    hands.write("value-1", "Cem")
    page.keyboard.press("Tab")
    expect(page.locator("#segment-result")).to_contain_text("3 people")
    look("3 people")
    hands.press("Save")
    look("The segment “Bs and Cem” was added.", within="body")
    hands.press("View everybody")
    expect(page.locator("#segment-count")).to_contain_text("3 people")
    look("ben@example.org")


def choose_the_audience(page, hands, look):
    """Choose the segment for the issue, without Bea, whose address is pasted."""
    hands.press("Choose who receives the issue")
    loaded(page, "audience/choose/")
    hands.choose("segment", "Bs and Cem")
    expect(page.get_by_label("Only for this issue", exact=True)).to_be_checked()
    look("We selected “Only for this issue”")
    expect(page.locator("#audience-count")).to_contain_text("3 people")
    hands.write("pasted", "bea@example.org")
    page.keyboard.press("Tab")
    expect(page.locator("#audience-count")).to_contain_text("2 people")
    look("2 people")
    hands.press("Save", exact=True)
    expect(page.locator(".audience-total")).to_contain_text("2 people")
    look("2 people")


@ways("mouse, 1280 px, light")
def test_people_are_imported_and_an_issue_is_sent_to_a_segment_of_them(
    desk_page, desk_url, axe, home, way, width, theme
):
    page = desk_page("subscribers/import/", recently=True, width=width, dark=theme == "dark")
    hands, look = way(page), look_of(page, axe, width, theme)
    import_the_file(page, hands, look)
    page.goto(f"{desk_url}subscribers/")
    make_the_segment(page, hands, look)
    page.goto(f"{desk_url}{HERE}review/")
    choose_the_audience(page, hands, look)
    hands.press("Send")
    hands.press("Approve this issue")
    look("Approved by adele")
    hands.press("Send now…")
    expect(page.locator("h1, h2").filter(has_text="2 people").first).to_be_visible()
    look("2 people")
    hands.press("Send the issue")
    expect(page.get_by_role("timer")).to_be_visible()
    look("Undo send")
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
