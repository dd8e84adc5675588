"""The part “Details” in a real browser: formatting, placeholders, suggestions and pictures."""

import re

import pytest
from playwright.sync_api import expect

from newsletter.issues.models import Issue
from tests.articles.pictures.drawing import photo, saved

# What the functions do in either database, tests/issues and tests/web/desk try.
pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]

DETAILS = "issues/harbour-letter/1/details/"
WAIT = 20_000


def is_saved(page, field="opening"):
    expect(page.locator(f"[data-save-mark={field}]")).to_contain_text("Saved ", timeout=WAIT)


def stored(field="opening"):
    return Issue.objects.values_list(field, flat=True).get()


def test_an_introduction_is_written_formatted_and_given_a_picture(desk_page, axe):
    page = desk_page(DETAILS, "ruth")
    opening = page.locator("#opening")
    opening.focus()
    page.keyboard.type("Dear ")
    menu = page.locator(".format-row details")
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    axe(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(opening).to_be_focused()
    expect(opening).to_have_value("Dear {{ first_name }}")
    page.keyboard.type(",\n\nplease read this ")
    page.get_by_role("button", name="Bold", exact=True).click()
    expect(opening).to_have_value("Dear {{ first_name }},\n\nplease read this **bold text**")
    page.keyboard.type("today")
    is_saved(page)
    expect(opening).to_have_value("Dear {{ first_name }},\n\nplease read this **today**")
    opening.evaluate("(field) => field.setSelectionRange(33, 33)")
    page.get_by_role("button", name="Italic", exact=True).click()
    expect(opening).to_have_value("Dear {{ first_name }},\n\nplease _read_ this **today**")
    page.locator("#picture-panel summary").click()
    page.set_input_files(
        "#picture", {"name": "quay.jpg", "mimeType": "image/jpeg", "buffer": saved(photo(800, 450))}
    )
    page.get_by_role("button", name="Add to the introduction").click()
    expect(page.locator("[data-picture-error]")).to_have_text(
        "quay.jpg: Describe the picture in a few words, for readers who cannot see it."
    )
    expect(page.locator("#picture_description")).to_be_focused()
    page.keyboard.type("The quay at low tide")
    page.get_by_role("button", name="Add to the introduction").click()
    expect(opening).to_have_value(re.compile(r"!\[The quay at low tide\]\(http\S+/media/\w+\.jpg\)"))
    is_saved(page)
    expect(page.frame_locator("iframe").locator('img[alt="The quay at low tide"]')).to_have_count(
        1, timeout=WAIT
    )
    assert "The quay at low tide" in stored()
    # The browser complains about the refused picture, and about answers while the tables of the test were in use.
    of_answers = ("Failed to load resource", "Response Status Error Code")
    assert [each for each in page.complaints if not each.startswith(of_answers)] == []


def test_a_subject_says_what_a_phone_shows_and_takes_the_suggestion(desk_page):
    page = desk_page(DETAILS, "ruth")
    suggested = stored("subject")
    page.fill("#subject", "Spring at the quay")
    expect(page.locator("[data-count=subject]")).to_have_text("18 characters. A phone shows all of it.")
    is_saved(page, "subject")
    expect(page.locator("h1")).to_have_text("Spring at the quay")
    page.fill("#subject", "Ten years of listening to everybody who lives at the quay")
    expect(page.locator("[data-count=subject]")).to_contain_text(
        "A phone cuts it off after “… to everybody who”."
    )
    is_saved(page, "subject")
    page.reload()
    page.get_by_role("button", name=re.compile("Use this.*subject")).click()
    expect(page.locator("#subject")).to_have_value(suggested)
    is_saved(page, "subject")
    assert stored("subject") == suggested
