"""Ada sets a newsletter up in a browser: its look on a sample issue, its sections by the keyboard, and undoes it."""

import re

import pytest

from newsletter.issues.models import Publication
from tests.journeys.desk.test_every_page import fits

pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]

HERE = "settings/publications/harbour-letter/"


def test_the_look_follows_the_choices_and_sections_are_moved_by_the_keyboard(desk_page, desk_url, axe):
    page = desk_page(f"{HERE}look/")
    sample = page.frame_locator("#sample")
    sample.get_by_text("The Harbour Letter").first.wait_for()
    axe(page)
    fits(page)
    page.get_by_label("Theme", exact=True).select_option("plain")
    page.locator("#sample[src*='theme=plain']").wait_for()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Your changes to “Look” were saved.").wait_for()
    axe(page)
    fits(page)
    assert Publication.objects.get().theme == "plain"
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("The previous settings were restored.").wait_for()
    assert Publication.objects.get().theme == "classic"

    page.goto(f"{desk_url}{HERE}sections/")
    first, second = (page.locator("[data-grip]").nth(number).bounding_box() for number in (0, 1))
    page.mouse.move(first["x"] + 5, first["y"] + first["height"] - 5)
    page.mouse.down()
    page.mouse.move(second["x"] + 5, second["y"] + 10, steps=5)
    page.mouse.move(second["x"] + 5, second["y"] + second["height"] + 40, steps=10)
    page.mouse.up()
    page.get_by_text("Moved to position 2 of").wait_for()
    page.reload()
    titles = [section["title"] for section in Publication.objects.get().sections]
    page.locator("[data-move=down]").first.focus()
    page.keyboard.press("Enter")
    page.get_by_text("Moved to position 2 of").wait_for()
    axe(page)
    fits(page)
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Your changes to “Sections” were saved.").wait_for()
    moved = [section["title"] for section in Publication.objects.get().sections]
    assert moved == [titles[1], titles[0], *titles[2:]]
    assert page.complaints == []


@pytest.mark.full
def test_every_page_of_the_settings_can_be_used_by_everybody(desk_page, desk_url, axe):
    page = desk_page("settings/")
    block = Publication.objects.get().blocks.filter(kind="appeal").get().name
    for path in (
        "",
        "identity/",
        "sender/",
        "selection/",
        "approval/",
        "blocks/",
        "sign-up/",
        "sign-up/share/",
        "blocks/add/",
        "blocks/add/?kind=social",
        f"blocks/one/{block}/",
        f"blocks/one/{block}/remove/",
    ):
        page.goto(desk_url + HERE + path)
        page.evaluate("document.querySelectorAll('main details').forEach(each => { each.open = true })")
        axe(page)
        fits(page)
        assert page.locator("main h1").count() == 1, path


def test_the_link_and_the_code_of_the_sign_up_form_are_copied_by_buttons(desk_page):
    page = desk_page("settings/publications/harbour-letter/sign-up/share/")
    for what in ("the link", "the HTML"):
        page.get_by_role("button", name=f"Copy {what}").click()
        page.get_by_role("button", name=re.compile(f"(Copied|Selected) {what}")).wait_for()
    assert page.complaints == []
