"""What an editor sees of an issue on a phone that is 390 pixels wide."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]

ISSUE = "issues/harbour-letter/1/"
WIDTH = 390


def test_a_headline_has_most_of_the_width_and_nothing_stands_beside_it_but_its_place_and_its_menu(desk_page):
    page = desk_page(ISSUE, "ruth", width=WIDTH)
    titles = page.locator(".entry[data-article] .row-title")
    assert titles.count() > 0
    for title in titles.all():
        assert title.bounding_box()["width"] >= WIDTH * 0.5
    assert page.locator(".thumb.none:visible").count() == 0
    assert page.locator(".entry[data-article] .row-source:visible").count() == 0


def test_every_button_of_the_format_bar_is_inside_the_page(desk_page):
    page = desk_page(f"{ISSUE}details/", "ruth", width=WIDTH)
    buttons = page.locator(".format-row").locator(".format, summary")
    assert buttons.count() >= 8
    for button in buttons.all():
        box = button.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= WIDTH
    bar = page.locator(".format-bar")
    assert bar.evaluate("bar => bar.scrollWidth <= bar.clientWidth")
    for width in (1280, 1024):
        page.set_viewport_size({"width": width, "height": 900})
        assert bar.evaluate("bar => bar.scrollWidth <= bar.clientWidth"), width


def test_the_bar_at_the_bottom_has_five_entries_and_the_last_one_opens_the_rest(desk_page, axe):
    page = desk_page("settings/publications/", width=WIDTH)
    bar = page.get_by_role("navigation", name="Desk menu on a phone")
    entries = bar.locator("> ul > li")
    assert entries.count() == 5
    for entry in entries.all():
        box = entry.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= WIDTH + 1
    assert [each.inner_text().strip() for each in entries.all()[:4]] == [
        "Home",
        "Issues",
        "Articles",
        "Subscribers",
    ]
    assert bar.get_by_role("link", name="Settings").count() == 0
    bar.locator("summary").focus()
    page.keyboard.press("Enter")
    axe(page, widths=(WIDTH,))
    bar.get_by_role("link", name="Activity").click()
    page.get_by_role("heading", name="Activity").wait_for()
    assert page.complaints == []


def test_the_header_is_one_row_on_every_tablet_and_nothing_is_cut_off(desk_page):
    page = desk_page("")
    for width in (1280, 1100, 1024, 980, 962, 960, 820, 785, 765):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.querySelector('.top').offsetHeight") <= 70, width
        assert page.evaluate("document.documentElement.scrollWidth") == width
