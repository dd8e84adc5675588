"""Finding people and acting on several of them at once, in a browser."""

import re

import pytest
from playwright.sync_api import expect

from newsletter.issues.models import Publication
from subscribers.consent import ConsentSource, PersonalDetails
from subscribers.consent_by_editor import add_by_editor
from subscribers.models import SourceKind, Subscription
from subscribers.search.keep_search_index import index_people

EDITOR = ConsentSource(SourceKind.EDITOR, "Ruth")
HOSTILE = "<img src=x onerror=document.title='gone'><script>document.title='gone'</script>"


@pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "light"), pytest.param(390, "dark", marks=pytest.mark.full)]
)
def test_people_are_found_ticked_by_keyboard_and_shift_and_unsubscribed(
    desk_page, desk_url, axe, width, scheme
):
    mailing_list = Publication.objects.get().mailing_list
    for number in range(6):
        add_by_editor(
            mailing_list,
            f"harbour{number}@example.org",
            EDITOR,
            consent="Open day",
            person=PersonalDetails(first_name=HOSTILE, last_name=f"Hopper{number}"),
        )
    index_people()
    page = desk_page()
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{desk_url}subscribers/")
    page.fill("#q", "arbour")
    with page.expect_navigation():
        page.press("#q", "Enter")
    expect(page.locator("#count")).to_have_text("6 people found")
    boxes = page.locator("input[name=person]")
    boxes.nth(0).check()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(page.locator("[data-ticked]")).to_have_text("3 people ticked")
    boxes.nth(2).focus()
    page.keyboard.press("Shift+ArrowDown")
    expect(page.locator("[data-ticked]")).to_have_text("4 people ticked")
    axe(page)
    page.select_option("#act", "unsubscribe")
    with page.expect_navigation():
        page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Unsubscribe 4 people?")
    axe(page)
    with page.expect_navigation():
        page.get_by_role("button", name=re.compile("^Unsubscribe")).click()
    expect(page.locator("body")).to_contain_text("4 people were unsubscribed")
    assert Subscription.objects.filter(state="unsubscribed").count() == 4
    assert "gone" not in page.title()
    assert page.complaints == []
