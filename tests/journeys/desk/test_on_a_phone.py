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
