"""“Show me” selects the words of a finding, menus stay inside the window, and results get the focus."""

import pytest

from newsletter.issues.models import Issue

pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]
ISSUE = "issues/harbour-letter/1/"
SELECTED = "getSelection().toString()"
OPENING = "Dear reader,\n\n" + "This line is about the harbour.\n\n" * 60 + "Hello {first_name}, read on."


def test_show_me_selects_the_words_that_the_finding_names_and_brings_them_into_view(desk_page):
    Issue.objects.update(opening=OPENING)
    page = desk_page(f"{ISSUE}review/", "ruth")
    finding = page.locator(".findings > li", has_text="{first_name}").first
    finding.get_by_role("link", name="Show me").first.click()
    page.wait_for_function(f"() => {SELECTED} === '{{first_name}}'")
    assert page.evaluate("document.activeElement.id") == "opening"
    assert page.evaluate("document.activeElement.scrollTop") > 0
    assert page.complaints == []


def test_scripts_that_come_late_leave_somebody_in_their_field(desk_page):
    page = desk_page("articles/write/", "ruth")
    held = []

    def hold(route):
        held.append(route)

    page.route("**/desk/shell*.js", hold)
    with page.expect_request("**/desk/shell*.js"):
        page.get_by_role("button", name="Add the article").click(no_wait_after=True)
    page.locator(".error-summary:focus").wait_for()
    page.get_by_label("Headline").focus()
    for route in held:
        route.continue_()
    page.locator("#toasts.started").wait_for(state="attached")
    assert page.evaluate("document.activeElement.id") == page.get_by_label("Headline").get_attribute("id")


@pytest.mark.parametrize(("width", "height"), [(390, 700), (900, 500), (1280, 420)])
def test_an_open_menu_is_inside_the_window(desk_page, width, height):
    page = desk_page(f"{ISSUE}details/", "ruth", width=width)
    page.set_viewport_size({"width": width, "height": height})
    menus = page.locator("main [data-menu]:visible")
    for number in range(menus.count()):
        menu = menus.nth(number)
        menu.locator("summary").scroll_into_view_if_needed()
        menu.locator("summary").click()
        # The browser says that a menu was opened, and the script then fits it, only after the click.
        page.wait_for_function(
            """(items) => {
              const { left, right, top, bottom } = items.getBoundingClientRect();
              return left >= 0 && right <= innerWidth && top >= 0 && bottom <= innerHeight && bottom > top;
            }""",
            arg=menu.locator(".menu-items").element_handle(),
        )
        page.keyboard.press("Escape")
    assert menus.count()
    assert page.complaints == []


def test_the_page_that_opens_the_links_breaks_no_policy_when_it_loads_again(desk_page):
    page = desk_page(f"{ISSUE}review/", "ruth")
    page.locator(".frame-html").wait_for()
    page.get_by_role("button", name="Check the links now").click()
    page.get_by_text("We are opening the links and pictures in the email…").wait_for()
    with page.expect_response(
        lambda answer: answer.url.endswith("/review/") and answer.request.resource_type == "xhr"
    ):
        pass
    page.locator(".frame-html").wait_for()
    page.wait_for_load_state("networkidle")
    assert page.complaints == []


def test_the_counted_people_of_a_new_segment_get_the_focus(desk_page):
    page = desk_page("subscribers/segments/new/", "ruth")
    page.get_by_label("Value").fill("90 days")
    page.get_by_role("button", name="Count").click()
    page.locator("#segment-result:focus").wait_for()
    assert (
        "person" in page.locator("#segment-result").inner_text()
        or "people" in page.locator("#segment-result").inner_text()
    )


def test_the_words_of_the_bar_of_a_phone_stand_on_one_line(desk_page):
    page = desk_page("", "ruth", width=390)
    places = page.locator(".bottom-bar li > a > span:visible, .bottom-bar summary > span:visible")
    tops = {round(places.nth(number).bounding_box()["y"]) for number in range(places.count())}
    assert len(tops) == 1
