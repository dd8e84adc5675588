"""A session that ends while somebody types takes nothing of what they typed with it."""

import pytest
from django.contrib.sessions.models import Session

from newsletter.issues.models import Issue
from tests.journeys.desk.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]

DETAILS = "issues/harbour-letter/1/details/"
TYPED = "What fifteen years of waiting showed"


def log_in(page, name="ruth"):
    page.fill("#username", name)
    page.fill("#password", PASSWORD)
    with page.expect_navigation():
        page.press("#password", "Enter")


@pytest.mark.parametrize("width", [390, pytest.param(1280, marks=pytest.mark.full)])
def test_what_was_typed_without_scripts_is_shown_after_logging_in_again_and_saved(
    desk_page, desk_url, axe, width
):
    page = desk_page(DETAILS, "ruth", script=False, width=width)
    page.get_by_label("Subject").first.fill(TYPED)
    Session.objects.all().delete()
    page.get_by_role("button", name="Save").first.click()
    page.get_by_text("We have kept it").wait_for()
    log_in(page)
    assert page.get_by_label("Subject").first.input_value() == TYPED
    page.get_by_role("button", name="Save the text now").click()
    page.wait_for_url(desk_url + DETAILS)
    assert Issue.objects.get().subject == TYPED


def test_the_pages_for_an_ended_session_can_be_used_by_everybody(desk_page, axe):
    page = desk_page(DETAILS, "ruth")
    page.evaluate(
        """text => {
            const form = document.createElement("form");
            form.method = "post";
            form.action = location.pathname.replace("details", "texts");
            for (const [name, value] of [["subject", text], ["opening", "Dear reader,\\n\\nhello."]]) {
                form.append(Object.assign(document.createElement("textarea"), {name, value}));
            }
            form.append(Object.assign(document.createElement("input"), {name: "csrfmiddlewaretoken"}));
            document.body.append(form);
        }""",
        TYPED,
    )
    Session.objects.all().delete()
    with page.expect_navigation():
        page.evaluate("document.querySelector('body > form').requestSubmit()")
    page.get_by_text("We have kept it").wait_for()
    axe(page)
    log_in(page)
    page.get_by_role("heading", name="Your text has not been saved yet").wait_for()
    assert page.get_by_label("Opening").input_value() == "Dear reader,\n\nhello."
    axe(page)


def test_a_form_of_a_tab_from_before_another_log_in_is_saved_as_if_nothing_had_been(desk_page, desk_url):
    page = desk_page("publications/harbour-letter/series/", "adele")
    other = page.context.new_page()
    other.goto(desk_url)
    other.get_by_text("adele").first.click()
    with other.expect_navigation():
        other.get_by_role("button", name="Log out").click()
    log_in(other, "adele")
    page.fill("#phrase", "every Friday at 9:00")
    page.get_by_role("button", name="Preview the dates").click()
    page.get_by_role("button", name="Save this recurring issue").click()
    page.get_by_text("The recurring issue was added").first.wait_for()
