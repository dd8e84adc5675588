"""From a test email to a sent issue in a real browser: by mouse, by keyboard alone, and without scripts."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from newsletter.issues.item_order import items_to_print
from newsletter.issues.models import Issue
from newsletter.scheduling.models import Schedule
from newsletter.scheduling.release import release_next_issue
from newsletter.sending import transports
from newsletter.sending.batches import send_next_batch
from newsletter.sending.models import Recipient
from newsletter.sending.outcomes import NoTrace, Unknown
from newsletter.sending.plan import plan_next_mailing
from subscribers.models import Subscription
from tests.journeys.test_desk import Hands
from tests.sending.scripted_transport import ScriptedTransport, answering

pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]

ISSUE = "issues/harbour-letter/1/"
PAST = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def way_out(monkeypatch):
    """The scripted transport in the place of the Maildir."""
    transport = ScriptedTransport()
    monkeypatch.setitem(transports.TRANSPORTS, "maildir", lambda _environment: transport)
    transports._set_up.cache_clear()
    yield transport
    transports._set_up.cache_clear()


def released():
    """Let the undo window end, and let the scheduler plan the mailing."""
    Schedule.objects.update(due_at=PAST)
    assert release_next_issue()
    return plan_next_mailing()


def press(page, words):
    page.locator("a, button", has_text=re.compile(rf"^\s*{re.escape(words)}\s*$")).first.click()


def until(page, expression):
    """Wait until an expression is true on a page. Its policy keeps Playwright from evaluating text by itself."""
    for _ in range(400):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(25)
    pytest.fail(f"This never became true: {expression}")


def facts(page):
    page.locator("#email-facts[data-digest]").wait_for(state="attached")


def test_an_issue_is_tested_approved_sent_undone_and_sent_by_mouse(desk_page, way_out):
    page = desk_page(f"{ISSUE}send/", "amir")
    page.fill("#to", "edda@desk.example.net")
    page.get_by_role("button", name="Send test").click()
    page.get_by_text("The test email to edda@desk.example.net was saved").first.wait_for()
    assert [post.email.subject[:6] for post in way_out.posts] == ["[Test]"]
    page.get_by_role("button", name="Approve this issue").click()
    page.get_by_text("Approved by amir").wait_for()
    for button, focused in (("Send now…", ""), ("Send the issue", "#undo"), ("Undo send", "#what-happens")):
        press(page, button)
        if focused:
            expect(page.locator(focused)).to_be_focused()
    page.get_by_text("Nothing will be sent until somebody sends or schedules this issue.").wait_for()
    page.get_by_role("link", name="Send now…").click()
    page.get_by_role("button", name="Send the issue").click()
    page.get_by_role("timer").wait_for()
    mailing = released()
    page.get_by_text("Everybody is counted once.").wait_for()
    while send_next_batch(mailing.pk):
        pass
    page.locator("main").get_by_text("This issue was sent on Monday 23 November").wait_for()
    assert [post.email.subject[:6] for post in way_out.posts[1:]] == ["What a"]
    assert page.complaints == []


def test_an_issue_is_tested_approved_sent_undone_and_sent_by_keyboard(desk_page, way_out):
    hands = Hands(desk_page(f"{ISSUE}send/", "amir", width=390), 390, looks=False)
    hands.write("to", "edda@desk.example.net")
    hands.press("Send test")
    hands.shows("The test email to edda@desk.example.net was saved")
    for act in (
        "Approve this issue",
        "Send now…",
        "Send the issue",
        "Undo send",
        "Send now…",
        "Send the issue",
    ):
        hands.press(act)
    mailing = released()
    hands.shows("Everybody is counted once.")
    while send_next_batch(mailing.pk):
        pass
    hands.shows("This issue was sent on Monday 23 November")


def test_without_scripts_an_issue_is_approved_scheduled_and_stopped(desk_page, way_out):
    page = desk_page(f"{ISSUE}send/", "amir", script=False)
    page.click("text=Approve this issue")
    page.fill("#at", "tomorrow")
    page.get_by_role("button", name="Schedule", exact=True).click()
    page.get_by_role("button", name="Tuesday 24 November at 12:00 GMT").click()
    page.get_by_text("This issue will be sent on Tuesday 24 November at 12:00 GMT (Europe/London)").wait_for()
    mailing = released()
    page.reload()
    page.get_by_text("Everybody is counted once.").wait_for()
    page.get_by_role("link", name="Stop the mailing…").click()
    page.get_by_role("button", name="Stop the mailing").click()
    mailing.refresh_from_db()
    assert mailing.state == "stopped"
    page.goto(page.url.split("/send/")[0] + "/email/facts/")
    assert "KB of 100" in page.locator("#email-facts").inner_text()


def test_words_and_calendar_are_kept_in_step_and_what_is_not_clear_is_asked(desk_page):
    page = desk_page(f"{ISSUE}send/", "ruth")
    page.fill("#at", "tomorrow 07:30")
    page.locator("#understood").get_by_text("Tuesday 24 November at 07:30 GMT (Europe/London)").wait_for()
    assert page.input_value("#when .date-picker") == "2026-11-24T07:30"
    page.fill("#when .date-picker", "2026-11-25T08:15")
    page.locator("#understood").get_by_text("Wednesday 25 November at 08:15").wait_for()
    assert page.input_value("#at") == "2026-11-25 08:15"
    page.fill("#at", "1/12/2026 9am")
    page.get_by_role("button", name="Tuesday 1 December at 09:00 GMT").click()
    page.get_by_text("if it is approved by then").wait_for()
    assert Schedule.objects.get().due_at == datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
    assert page.complaints == []


def test_the_email_keeps_its_place_shows_what_was_changed_and_leads_to_the_item(desk_page):
    page = desk_page(ISSUE, "ruth")
    facts(page)
    frame = page.frame_locator(".frame-html")
    fourth = items_to_print(Issue.objects.get())[3]
    frame.get_by_role("link", name=fourth.article.title).first.click()
    assert page.url.endswith(ISSUE)
    row = f"entry-article-{fourth.article_id}"
    until(page, f"document.getElementById('{row}').contains(document.activeElement)")
    scrolled = "document.querySelector('.frame-html').contentWindow.scrollY"
    page.evaluate("document.querySelector('.frame-html').contentWindow.scrollTo(0, 900)")
    until(page, "Object.values(sessionStorage).includes('900')")
    before = page.get_attribute(".frame-html", "data-ready")
    Issue.objects.update(opening="A word about the tide tables")
    page.evaluate("document.dispatchEvent(new CustomEvent('issue:changed'))")
    frame.get_by_text("A word about the tide tables").wait_for()
    until(page, f"document.querySelector('.frame-html').dataset.ready !== '{before}'")
    assert page.evaluate(scrolled) == 900
    page.click("label[for=view-dark]")
    dark = "getComputedStyle(document.querySelector('.frame-html').contentDocument.body).colorScheme"
    assert page.evaluate(dark) == "dark"
    page.click("label[for=view-text]")
    assert not page.locator(".frame-html").is_visible()
    assert page.locator(".frame-text").is_visible()
    assert page.complaints == []


def test_an_email_is_passed_over_by_the_keyboard_until_it_is_entered(desk_page):
    page = desk_page(f"{ISSUE}send/", "ruth")
    facts(page)
    page.locator("#view-desktop").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('[data-enter-email]')")
    page.keyboard.press("Enter")
    until(page, "document.activeElement.matches('.frame-html')")
    page.keyboard.press("Escape")
    until(page, "document.activeElement.matches('[data-enter-email]')")
    for _ in range(4):
        page.keyboard.press("Tab")
        assert not page.evaluate("document.activeElement.matches('iframe')")
        if page.evaluate("document.activeElement.id") == "reader":
            break
    assert page.evaluate("document.activeElement.id") == "reader"


def test_an_open_page_follows_the_state_and_shuts_what_no_longer_works(desk_page, way_out):
    contents = desk_page(ISSUE, "ruth")
    details = desk_page(f"{ISSUE}details/", "ruth")
    details.locator("#picture-panel summary").click()
    details.fill("#picture_description", "The quay in spring")
    send = desk_page(f"{ISSUE}send/", "amir")
    for button in ("Approve this issue", "Send now…", "Send the issue"):
        press(send, button)
    send.get_by_role("timer").wait_for()
    details.locator("#state-badge").get_by_text("Sending soon").wait_for()
    released()
    expect(send.locator("#heard")).to_contain_text("Sending")
    details.get_by_text("This issue is now “Sending”. What you typed is still here.").wait_for()
    details.locator("#part[data-shut]").wait_for()
    assert details.locator("#part button[type=submit]:enabled").count() == 0
    # Where nothing was typed, the page comes again with what there is to see now.
    contents.locator("#contents:not([data-move-to])").wait_for()
    assert contents.locator("#part[data-shut]").count() == 0


def test_people_in_doubt_are_shown_by_name_and_settled_by_an_approver(desk_page, way_out, axe):
    way_out.plan = answering(Unknown("The answer was lost."))
    way_out.books = lambda _trace, _recipients: [NoTrace("There is no record of this email.")]
    page = desk_page(f"{ISSUE}send/", "amir")
    page.click("text=Approve this issue")
    page.click("text=Send now…")
    page.click("text=Send the issue")
    mailing = released()
    while send_next_batch(mailing.pk):
        pass
    page.get_by_role("link", name="See who they are and what you can do").click()
    page.get_by_text("amara@example.com").wait_for()
    page.get_by_text("They did not receive the email…").click()
    page.get_by_text("I am sure that this person did not receive the email.").wait_for()
    axe(page, widths=(390,))
    page.get_by_role("button", name="Send the email to them again").click()
    page.get_by_text("Tick the box to confirm").first.wait_for()
    page.get_by_text("They received the email…").click()
    page.get_by_label("I am sure that this person received the email.").check()
    page.get_by_role("button", name="Record that they received it").click()
    page.get_by_text("We recorded that 1 person received the email.").wait_for()
    assert Recipient.objects.get().state == "accepted"
    assert Subscription.objects.get().state == "active"
    assert [each for each in page.complaints if "422" not in each] == []
