"""The email beside the parts of an issue, and what is said when a picture is too large."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]

ISSUE = "issues/harbour-letter/1/"
WIDTH_INSIDE = "() => document.querySelector('.frame-html').contentWindow.innerWidth"
WIDTH_OF_PHONE_LAYOUT = 620


def test_the_view_for_desktops_has_the_layout_for_desktops_and_fits_into_the_pane(desk_page):
    page = desk_page(ISSUE, "ruth")
    page.wait_for_function(f"{WIDTH_INSIDE} > {WIDTH_OF_PHONE_LAYOUT}")
    frame, pane = page.locator(".frame-html").bounding_box(), page.locator("#email-frames").bounding_box()
    assert frame["width"] <= pane["width"]
    assert frame["height"] <= pane["height"]
    page.get_by_text("Phone", exact=True).click()
    page.wait_for_function(f"{WIDTH_INSIDE} === 390")


def test_a_file_that_the_server_refuses_for_its_size_is_called_too_large(desk_page):
    page = desk_page(ISSUE, "ruth")
    page.route("**/pictures/", lambda route: route.fulfill(status=413))
    page.evaluate("window.htmx.ajax('POST', `${location.pathname}pictures/`)")
    page.get_by_text("The file is too large").wait_for()
