"""The email beside the parts of an issue, and what is said when a picture is too large."""

import pytest

from newsletter.articles.models import Article
from newsletter.issues.models import Publication
from newsletter.issues.notice_translations import WantedText, change_notices_in
from newsletter.issues.topic_rules import WantedRule, change_topic_rules

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


def test_as_whom_the_email_is_shown_stands_above_it_on_every_page_until_somebody_goes_back(
    desk_page, desk_url
):
    page = desk_page(ISSUE, "ruth")
    page.get_by_text("Show the email as somebody else sees it").click()
    page.get_by_role("link", name="A made-up person without a first name").click()
    shown = page.locator(".email .reader-shown")
    for part in ("details/", "review/", "preview/program/", "", "preview/"):
        shown.get_by_text("a made-up person without a first name").wait_for()
        assert shown.bounding_box()["y"] < page.locator("#email-frames").bounding_box()["y"], part
        assert "as=without-name" in page.locator(".frame-html").get_attribute("src")
        page.goto(desk_url + ISSUE + part)
    shown.get_by_role("link", name="Show a sample reader").click()
    shown.wait_for(state="detached")
    assert "as=" not in page.locator(".frame-html").get_attribute("src")
    assert page.complaints == []


def test_links_beside_the_email_show_it_to_readers_of_each_language(desk_page, axe):
    publication = Publication.objects.get()
    Article.objects.update(topics=["Tides"])
    change_topic_rules(publication, [WantedRule(topic="Tides", notice="Ask the harbour master.")])
    for language, text in (("pl", "Zapytaj kapitana portu."), ("ar", "اسأل مدير الميناء.")):
        wanted = WantedText(notice="Ask the harbour master.", text=text, confirmed=True)
        change_notices_in(publication, language, [wanted])
    page = desk_page(ISSUE, "ruth")
    email = page.frame_locator(".frame-html")
    email.get_by_text("Ask the harbour master.").wait_for()
    page.get_by_role("link", name="Arabic").click()
    notice = email.get_by_text("اسأل مدير الميناء.")
    notice.wait_for()
    assert (notice.get_attribute("lang"), notice.get_attribute("dir")) == ("ar", "rtl")
    page.locator("main").get_by_text("a made-up person whose language is Arabic").wait_for()
    axe(page)
    page.get_by_role("link", name="Polish").click()
    email.get_by_text("Zapytaj kapitana portu.").wait_for()
    assert page.complaints == []


def test_the_answer_to_the_last_request_for_facts_is_shown(desk_page, desk_url):
    """The facts of the page and those of the reader are asked for at the same time, and come in any order."""
    page = desk_page(ISSUE, "ruth")
    page.get_by_text("Show the email as somebody else sees it").click()
    page.get_by_role("link", name="A made-up person without a first name").click()
    page.locator(".email .reader-shown").wait_for()
    asked = []

    def answer(route):
        asked.append(route)
        if len(asked) == 1:  # the first one waits for the second
            page.evaluate("document.dispatchEvent(new Event('autosave:saved'))")
        else:
            route.continue_()

    page.route("**/email/facts/**", answer)
    page.goto(f"{desk_url}{ISSUE}details/")
    page.locator(".email .reader-shown").wait_for()
    assert len(asked) >= 2
