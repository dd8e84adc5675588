"""What somebody who uses the keyboard or a screen reader gets: messages that are read, “Undo” by keyboard, menus."""

import pytest
from playwright.sync_api import expect

from newsletter.issues.models import Publication
from tests.journeys.text_contrast import smallest_contrast

pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]

LOOK = "settings/publications/harbour-letter/look/"
SHARE = "settings/publications/harbour-letter/sign-up/share/"
# Notes what is added to a live region after the page has loaded: this alone is read.
LISTEN = """
  window.heard = [];
  document.addEventListener("DOMContentLoaded", () => {
    const listener = new MutationObserver(changes => changes.forEach(
      change => change.addedNodes.forEach(node => heard.push(node.textContent))));
    for (const region of document.querySelectorAll("[role=status]"))
      listener.observe(region, { childList: true, subtree: true });
  });
"""


def heard(page, words):
    page.wait_for_function("words => window.heard.some(each => each.includes(words))", arg=words)


def save_the_look(page):
    page.get_by_label("Theme", exact=True).select_option("plain")
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator("#toasts [data-started]").wait_for()


def test_what_was_saved_is_read_and_undone_by_keyboard_however_long_it_takes(desk_page):
    page = desk_page()
    page.context.add_init_script(LISTEN)
    page.clock.install()
    page.goto(page.url + LOOK)
    page.get_by_label("Theme", exact=True).select_option("plain")
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator("main :focus").wait_for()
    page.clock.run_for(1_000)
    heard(page, "Your changes to “Look” were saved.")
    toast = page.locator("#toasts .toast")
    page.clock.run_for(60_000)
    expect(toast).to_have_class("toast out-of-sight")
    page.keyboard.press("Control+z")
    undo = toast.get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    expect(undo).to_have_accessible_description("Your changes to “Look” were saved.")
    page.clock.run_for(60_000)
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    page.clock.run_for(1_000)
    page.get_by_text("The previous settings were restored.").wait_for()
    assert Publication.objects.get().theme == "classic"


def test_a_message_goes_also_where_the_pointer_rests(desk_page):
    page = desk_page(width=390)
    page.clock.install()
    page.goto(page.url + "issues/harbour-letter/1/")
    page.wait_for_load_state()
    page.locator(".entry [data-menu] summary").first.click()
    page.locator(".entry .menu-item", has_text="Leave out").first.click()
    toast = page.locator("#toasts [data-started]")
    toast.wait_for()
    page.clock.run_for(20_000)
    expect(toast).to_have_class("toast out-of-sight")


def test_escape_closes_a_message_and_the_focus_goes_back(desk_page):
    page = desk_page(LOOK)
    save_the_look(page)
    before = page.evaluate("document.activeElement.id || document.activeElement.localName")
    page.keyboard.press("Control+z")
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#toasts .toast")).to_have_count(0)
    assert page.evaluate("document.activeElement.id || document.activeElement.localName") == before


def test_a_button_that_copies_says_so_and_can_be_read_under_the_pointer(desk_page):
    page = desk_page()
    page.context.add_init_script(LISTEN)
    page.emulate_media(reduced_motion="reduce")
    page.goto(page.url + SHARE)
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        button = page.get_by_role("button", name="Copy the link").first
        button.hover()
        assert smallest_contrast(page, of_at_least=10) >= 4.5, theme
    button.click()
    page.wait_for_function("window.heard.some(each => /^(Copied|Selected)/.test(each))")


def test_every_button_can_be_read_under_the_pointer(desk_page, settings):
    settings.DEBUG = True
    page = desk_page("components/")
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        for button in page.locator("main :is(button, .button):visible:not(:disabled)").all():
            button.hover()
            assert smallest_contrast(page) >= 4.5, (theme, button.inner_text())


def test_a_menu_closes_when_tab_leaves_it(desk_page):
    page = desk_page("issues/harbour-letter/1/")
    menu = page.locator(".entry [data-menu]").first
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(menu).to_have_attribute("open", "")
    for _ in range(menu.locator(".menu-items :is(a, button):visible").count()):
        page.keyboard.press("Tab")
        expect(menu).to_have_attribute("open", "")
    page.keyboard.press("Tab")
    expect(menu).not_to_have_attribute("open", "")


def test_an_error_goes_when_the_condition_is_changed(desk_page):
    page = desk_page("subscribers/segments/new/")
    page.get_by_label("Name", exact=True).fill("From Ashby")
    page.get_by_label("What", exact=True).select_option(label="topic")
    page.get_by_label("Value").fill("Ash")
    page.get_by_role("button", name="Save", exact=True).click()
    wrong = page.locator(".condition [aria-invalid=true]")
    expect(wrong).to_have_count(1)
    page.wait_for_load_state()  # with its scripts
    page.get_by_label("What", exact=True).select_option(label="another detail")
    expect(wrong).to_have_count(0)
    expect(page.locator(".condition .field-error:visible")).to_have_count(0)
