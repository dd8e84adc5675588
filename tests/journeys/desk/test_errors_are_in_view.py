"""After an error, what went wrong has the focus and is in view."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]

ISSUE = "issues/harbour-letter/1/"
IN_VIEW = """() => {
    const box = document.activeElement.getBoundingClientRect();
    return document.activeElement !== document.body && box.top >= 0 && box.bottom <= innerHeight;
}"""


def test_an_address_that_no_test_email_can_go_to_is_in_view(desk_page):
    page = desk_page(f"{ISSUE}send/", "ruth")
    page.get_by_label("Email addresses").first.fill("nonsense")
    with page.expect_navigation():
        page.get_by_role("button", name="Send test").click()
    page.wait_for_function(IN_VIEW)
    page.locator("[name=to]:focus").wait_for()


def test_a_refused_picture_is_named_where_the_focus_is(desk_page):
    page = desk_page(ISSUE, "ruth")
    row = page.locator(".entry[data-article]").nth(2)
    row.locator("summary").first.click()
    row.get_by_text("Edit for this issue").click()
    page.locator("#picture-file").set_input_files(
        {"name": "quay.png", "mimeType": "image/png", "buffer": b"not a picture"}
    )
    page.locator("#edit-alt").fill("")
    page.locator(".edit-form").get_by_role("button", name="Save", exact=True).click()
    page.wait_for_function("() => document.activeElement.textContent.includes('quay.png')")
    page.wait_for_function(IN_VIEW)
