"""Whatever an editor looks for, they find it by keyboard from any page."""

import pytest

from newsletter.issues.models import Issue

pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]

ISSUE = "issues/harbour-letter/1/"


def active(page):
    """The chosen result, as a screen reader hears it."""
    return page.evaluate(
        "document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))?.innerText"
    )


def test_an_issue_is_found_and_opened_by_keyboard_alone(desk_page, axe):
    page = desk_page("audit/")
    page.keyboard.press("Control+k")
    text = page.get_by_role("combobox", name="Find an issue, an article or a page")
    text.wait_for()
    page.get_by_role("option", name="Activity", exact=True).wait_for()
    axe(page)
    page.keyboard.press("ArrowDown")
    assert active(page) == "Issues"
    page.keyboard.type(" ".join(Issue.objects.get().subject.split()[:3]))
    page.get_by_role("option", name="No. 1:").wait_for()
    assert page.get_by_role("option", name="Activity", exact=True).count() == 0
    page.keyboard.press("ArrowDown")
    while not (active(page) or "").startswith("No. 1:"):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/desk/{ISSUE}")
    assert page.complaints == []


def test_nothing_found_is_said_and_escape_leads_back_to_where_the_focus_was(desk_page, axe):
    page = desk_page("audit/")
    page.get_by_role("link", name="Find", exact=True).focus()
    page.keyboard.press("Enter")
    page.keyboard.type("zzzz")
    page.get_by_text("Nothing found for “zzzz”.").wait_for()
    axe(page)
    page.keyboard.press("Escape")
    assert not page.locator("#palette").is_visible()
    assert page.evaluate("document.activeElement.innerText.trim()") == "Find"


def test_single_keys_show_the_shortcuts_and_go_to_pages_and_can_be_switched_off(desk_page, axe, desk_url):
    page = desk_page("audit/")
    page.keyboard.press("?")
    page.get_by_role("heading", name="Keyboard shortcuts").wait_for()
    axe(page)
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("h")
    page.wait_for_url(desk_url)
    page.keyboard.press("?")
    page.get_by_label("Use single-key shortcuts").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("?")
    page.keyboard.press("Control+k")
    page.locator("#palette").wait_for()
    assert not page.locator("#shortcuts").is_visible()
    assert page.complaints == []


def test_a_question_mark_that_somebody_types_is_only_a_question_mark(desk_page):
    page = desk_page("find/")
    page.get_by_label("An issue, an article or a page", exact=True).fill("")
    page.keyboard.type("why?")
    assert page.get_by_label("An issue, an article or a page", exact=True).input_value() == "why?"
    assert not page.locator("#shortcuts").is_visible()


def test_without_scripts_everything_is_found_on_a_page(desk_page):
    page = desk_page("audit/", script=False)
    page.get_by_role("link", name="Find", exact=True).click()
    page.get_by_label("An issue, an article or a page", exact=True).fill("1")
    page.get_by_role("button", name="Find", exact=True).click()
    page.get_by_role("link", name="No. 1:").click()
    assert page.url.endswith(ISSUE)
