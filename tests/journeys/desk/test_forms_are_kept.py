"""Forms that are saved by a button: what was typed outlives closed tabs and killed servers; nobody is overwritten."""

import pytest
from playwright.sync_api import expect

from newsletter.articles.models import Article
from newsletter.issues.models import IssueBlock, SavedSegment, StandingBlock
from tests.journeys.desk.test_nothing_typed_is_lost import (
    KEPT,
    browser_of,
    issue,
    people,
    server,
)

__all__ = ["browser_of", "issue", "people", "server"]

WRITE = "/desk/articles/write/"
BLOCK = "/desk/issues/harbour-letter/1/?edit=block:flood"
PUT_BACK = "We restored what you typed here earlier. It has not been saved yet."

pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]


@pytest.fixture
def flood(issue):
    return StandingBlock.objects.create(
        publication=issue.publication, name="flood", kind="notice", title="Flood", body="Please help."
    )


def save(page):
    """Save the open panel once the email beside it has come: the test's database takes one request at a time."""
    page.wait_for_load_state("networkidle")
    page.locator(".edit-form").get_by_role("button", name="Save", exact=True).click()


def test_a_closed_tab_gives_back_what_was_typed_into_a_form_until_the_server_has_it(browser_of, server, axe):
    ruth = browser_of("ruth", path=WRITE)
    ruth.fill("#title", "Typed, then closed")
    ruth.fill("#markdown", "A long text.")
    ruth.goto("about:blank")
    ruth.close()
    again = ruth.context.new_page()
    again.goto(server.url + WRITE)
    expect(again.locator(".kept-form")).to_contain_text(PUT_BACK)
    expect(again.locator("#title")).to_have_value("Typed, then closed")
    axe(again, widths=(390,))
    again.get_by_role("button", name="Add the article").click()
    expect(again.locator(".toast")).to_contain_text("was added")
    assert Article.objects.filter(title="Typed, then closed").exists()
    assert again.evaluate(KEPT) == 0


@pytest.mark.parametrize("kept", [False, True])
def test_what_somebody_types_before_the_script_has_come_stays(browser_of, server, kept):
    """A form that is shown again with an error, or put back, does not write over what was typed in the meantime."""
    ruth = browser_of("ruth", path=WRITE)
    ruth.fill("#markdown", "A long text.")
    held = []
    ruth.route("**/keep_forms.js", lambda route: held.append(route))  # noqa: PLW0108 - a method has no place for its marks
    if kept:
        ruth.goto(server.url + WRITE, wait_until="commit")
    else:
        ruth.get_by_role("button", name="Add the article").click(no_wait_after=True)
        ruth.locator(".error-summary").wait_for()
    ruth.fill("#title", "Typed early")
    expect(ruth.locator("#title")).to_have_value("Typed early")
    for each in held:
        each.continue_()
    ruth.wait_for_load_state()
    expect(ruth.locator("#markdown")).to_have_value("A long text.")
    expect(ruth.locator("#title")).to_have_value("Typed early")


@pytest.mark.full
def test_what_was_put_back_can_be_discarded(browser_of, server):
    ruth = browser_of("ruth", path=WRITE)
    ruth.fill("#title", "Never mind")
    ruth.reload()
    ruth.get_by_role("button", name="Discard this text").click()
    expect(ruth.locator("#title")).to_have_value("")
    expect(ruth.locator(".kept-form")).to_have_count(0)
    assert ruth.evaluate(KEPT) == 0


def test_a_form_that_a_killed_server_never_got_is_there_again(browser_of, server, flood):
    ruth = browser_of("ruth", path=BLOCK)
    ruth.fill("#block-title", "Typed while nobody answers")
    ruth.wait_for_load_state("networkidle")
    server.kill()
    save(ruth)
    expect(ruth.locator(".toast")).to_be_visible()
    assert ruth.evaluate(KEPT) == 1
    server.start()
    ruth.goto(server.url + BLOCK)
    expect(ruth.locator("#block-title")).to_have_value("Typed while nobody answers")
    save(ruth)
    expect(ruth.locator(".edit-form")).to_have_count(0)
    assert IssueBlock.objects.get().title == "Typed while nobody answers"
    assert ruth.evaluate(KEPT) == 0


def test_a_text_that_was_put_back_does_not_overwrite_the_block_that_a_colleague_saved_since(
    browser_of, server, flood
):
    ruth, amir = browser_of("ruth", path=BLOCK), browser_of("amir", path=BLOCK)
    ruth.fill("#block-title", "Ruth’s title")
    ruth.goto("about:blank")
    amir.fill("#block-title", "Amir’s title")
    save(amir)
    expect(amir.locator(".edit-form")).to_have_count(0)
    ruth.goto(server.url + BLOCK)
    expect(ruth.locator("#block-title")).to_have_value("Ruth’s title")
    save(ruth)
    expect(ruth.locator(".theirs")).to_contain_text("Amir’s title")
    expect(ruth.locator("#block-title")).to_have_value("Ruth’s title")
    assert IssueBlock.objects.get().title == "Amir’s title"
    assert ruth.evaluate(KEPT) == 1
    # Enter does not press “Use the saved text”.
    ruth.wait_for_load_state("networkidle")
    ruth.locator("#block-title").press("Enter")
    expect(ruth.locator(".edit-form")).to_have_count(0)
    assert IssueBlock.objects.get().title == "Ruth’s title"
    assert ruth.evaluate(KEPT) == 0


def test_passwords_are_never_kept(browser_of):
    ruth = browser_of("ruth", path=WRITE)
    ruth.evaluate("""
        const form = document.querySelector("form[data-keep-form]");
        form.insertAdjacentHTML("beforeend", "<input type=password name=secret id=secret>");
        form.insertAdjacentHTML("beforeend", "<input type=hidden name=key value=hush>");
    """)
    ruth.fill("#secret", "ebb and flow")
    ruth.fill("#title", "A headline")
    kept = ruth.evaluate("Object.values(localStorage).join()")
    assert "A headline" in kept
    assert "ebb and flow" not in kept
    assert "hush" not in kept


def test_typing_a_headline_that_saves_itself_keeps_no_form(browser_of, server, issue):
    number = issue.items.get().article_id
    ruth = browser_of("ruth", path=f"/desk/issues/harbour-letter/1/?edit=article:{number}")
    ruth.fill("#edit-headline", "A headline that saves itself")
    expect(ruth.locator(f"[data-save-mark=article-{number}-headline]")).to_contain_text("Saved ")
    assert ruth.evaluate(KEPT) == 0
    ruth.fill("#edit-alt", "A quay")
    assert ruth.evaluate(KEPT) == 1
    ruth.fill("#edit-alt", "")
    assert ruth.evaluate(KEPT) == 0


AUDIENCE = "/desk/issues/harbour-letter/1/review/audience/choose/"


def test_the_audience_that_a_killed_server_never_got_is_there_again_with_its_choices(
    browser_of, server, issue
):
    segment = SavedSegment.objects.create(
        name="Welsh", mailing_list=issue.publication.mailing_list, text="language is cy"
    )
    ruth = browser_of("ruth", path=AUDIENCE)
    ruth.select_option("#segment", str(segment.pk))
    expect(ruth.locator("#whose-own")).to_be_checked()
    ruth.fill("#pasted", "ada@example.org")
    ruth.wait_for_load_state("networkidle")
    server.kill()
    ruth.get_by_role("button", name="Save", exact=True).click()
    ruth.wait_for_url("chrome-error://**")
    server.start()
    ruth.goto(server.url + AUDIENCE)
    expect(ruth.locator(".kept-form")).to_contain_text(PUT_BACK)
    expect(ruth.locator("#whose-own")).to_be_checked()
    expect(ruth.locator("#segment")).to_have_value(str(segment.pk))
    expect(ruth.locator("#pasted")).to_have_value("ada@example.org")
    # The number is that of the audience that was put back.
    expect(ruth.locator("#audience-count")).to_contain_text("0 people")
    ruth.wait_for_load_state("networkidle")
    ruth.get_by_role("button", name="Save", exact=True).click()
    expect(ruth.locator(".toast")).to_be_visible()
    issue.refresh_from_db()
    assert issue.audience["segment"]
    assert ruth.evaluate(KEPT) == 0


def test_choices_that_were_put_back_can_be_discarded(browser_of, server):
    ruth = browser_of("ruth", path=AUDIENCE)
    ruth.check("#whose-own")
    ruth.reload()
    expect(ruth.locator("#whose-own")).to_be_checked()
    ruth.get_by_role("button", name="Discard this text").click()
    expect(ruth.locator("#whose-every")).to_be_checked()
    assert ruth.evaluate(KEPT) == 0
