"""An editor arranges an issue in a real browser, by mouse and by keyboard alone, and stays where they were."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from newsletter.accounts.actor import Role
from newsletter.accounts.users import add_user
from newsletter.articles.models import Article, Source
from newsletter.issues.compose import compose
from newsletter.issues.item_order import items_to_print
from newsletter.issues.models import Approval, Issue, Publication, StandingBlock
from subscribers.models import List
from tests.articles.pictures.drawing import photo, saved

PASSWORD = "ebb and flow at the quay"
HERE = "/desk/issues/harbour-letter/1/"
WAIT = 20_000
PAGE = """<!doctype html><html lang="en"><head><title>A new lifeboat</title>
<meta property="og:title" content="A new lifeboat"><meta property="og:type" content="article">
<meta property="og:description" content="The crew has waited for her for six years.">
<meta property="article:published_time" content="2026-11-20T09:00:00Z"></head><body><article><h1>A new lifeboat</h1>
<p>The crew has waited for her for six years. She was built in Poole and sailed home in two days.</p></article>
</body></html>"""

# What the functions do in either database, tests/issues and tests/web/desk try.
pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]


@pytest.fixture
def issue(live_server, home, settings):
    """Thirty articles, in the sections Research and Living, and an appeal after them."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    add_user("ruth", password=PASSWORD, roles=[Role.EDITOR])
    at = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    source = Source.objects.create(name="site", location="https://example.org/feed", kind=Source.Kind.FEED)
    for number in range(1, 31):
        Article.objects.create(
            source=source,
            title=f"Story {number}",
            standfirst="What we learnt at the quay.",
            url=f"https://example.org/{number}",
            identity=f"{number:032}",
            content_hash=f"{number:032}",
            topics=["research" if number <= 20 else "living"],
            published_at=at - timedelta(hours=number),
            found_at=at - timedelta(hours=number),
        )
    publication = Publication.objects.create(
        slug="harbour-letter",
        name="The Harbour Letter",
        organisation="Harbour",
        website="https://example.org/",
        sender_name="Harbour",
        sender_address="letter@example.org",
        postal_address="1 Quay",
        mailing_list=List.objects.create(slug="readers", name="Readers"),
        sections=[{"title": "Research", "topics": ["research"]}, {"title": "Living", "topics": ["living"]}],
        selection={"at_most": 30},
    )
    StandingBlock.objects.create(publication=publication, name="appeal", kind="appeal", title="The flood")
    return compose(publication)


@pytest.fixture
def desk(chromium, issue, live_server, requests_end):
    """A page of Ruth's, with what went wrong in its scripts."""
    contexts = []

    def open_it(path="", *, width=1280, script=True):
        context = chromium.new_context(viewport={"width": width, "height": 800}, java_script_enabled=script)
        context.set_default_timeout(WAIT)
        contexts.append(context)
        client = Client()
        client.force_login(get_user_model().objects.get(username="ruth"))
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
        context.add_cookies([cookie])
        page = context.new_page()
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.goto(live_server.url + HERE + path)
        return page

    yield open_it
    for context in contexts:
        context.close()


def order():
    return [item.article.title for item in items_to_print(Issue.objects.get(number=1))]


def row(page, title):
    return page.locator(f".entry[data-title='{title}']")


def is_in_view(page, locator):
    box, height = locator.bounding_box(), page.viewport_size["height"]
    return box["y"] >= 0 and box["y"] + 20 <= height


def drag_below(page, title, dragged):
    """Move the held row until the list shows it just below `title`: the other rows slide away while the mouse moves."""
    for _ in range(50):
        box = row(page, title).bounding_box()
        page.mouse.move(box["x"] + 20, box["y"] + box["height"] - 4, steps=4)
        if row(page, title).evaluate("(entry) => entry.nextElementSibling.dataset.title") == dragged:
            return
    pytest.fail(f"{dragged} never came to stand below {title}.")


def choose(page, title, label):
    row(page, title).locator("[data-menu] summary").click()
    row(page, title).locator(".menu-item", has_text=label).first.click()


def test_an_issue_is_arranged_by_mouse(desk, axe):
    page = desk()
    grip = row(page, "Story 2").locator("[data-grip]")
    grip.hover()
    page.mouse.down()
    drag_below(page, "Story 4", "Story 2")
    page.mouse.up()
    expect(row(page, "Story 2").locator(".said")).to_contain_text("is now in position 4, in Research")
    assert order()[:5] == ["Story 1", "Story 3", "Story 4", "Story 2", "Story 5"]

    choose(page, "Story 30", "Move to…")
    page.locator("#move-place").fill("3")
    page.locator("[data-open-panel] button", has_text="Move").first.click()
    expect(row(page, "Story 30").locator(".said")).to_contain_text("is now in position 3")
    assert order()[2] == "Story 30"
    assert is_in_view(page, row(page, "Story 30"))
    expect(row(page, "Story 30").locator("[data-grip]")).to_be_focused()
    # The toast of the first move has gone, and “Undo” stands for the last act alone.
    expect(page.locator("[data-toast]")).to_have_count(1)
    expect(page.locator("[data-toast]")).to_contain_text("is now in position 3")

    choose(page, "Story 30", "Edit for this issue")
    axe(page)
    page.locator("#edit-headline").fill("Thirty years of listening")
    expect(row(page, "Thirty years of listening").locator("[data-save-mark$=headline]")).to_contain_text(
        "Saved "
    )
    page.set_input_files(
        "#picture-file", {"name": "quay.jpg", "mimeType": "image/jpeg", "buffer": saved(photo(900, 600))}
    )
    page.fill("#edit-alt", "The quay in fog")
    page.locator("[data-open-panel] button", has_text="Save").click()
    expect(row(page, "Thirty years of listening").locator("img.thumb")).to_be_visible()
    item = Issue.objects.get().items.get(article__title="Story 30")
    assert (item.headline, item.picture_alt) == ("Thirty years of listening", "The quay in fog")

    choose(page, "The flood", "Edit for this issue")
    page.fill("#block-title", "The flood on the quay")
    page.locator("[data-open-panel] button", has_text="Save").click()
    expect(row(page, "The flood on the quay").locator(".said")).to_contain_text("was saved for this issue")
    assert page.problems == []


def test_a_chosen_picture_holds_the_page_back_until_it_is_uploaded_or_removed(desk):
    page = desk()
    choose(page, "Story 1", "Edit for this issue")
    expect(page.locator("#edit-headline")).to_be_focused()
    picture = {"name": "quay.jpg", "mimeType": "image/jpeg", "buffer": saved(photo(900, 600))}
    page.set_input_files("#picture-file", picture)
    expect(page.locator("#edit-alt")).to_be_focused()
    note = page.locator("[data-chosen-file]")
    expect(note).to_contain_text(
        "“quay.jpg” has not been uploaded yet. Describe the picture, then select “Save”."
    )
    page.get_by_role("link", name="Details", exact=True).click()
    expect(note).to_be_focused()
    assert page.url.endswith(HERE)
    choose(page, "Story 2", "Move to…")
    expect(note).to_be_focused()
    page.locator("[data-open-panel] button", has_text="Save").last.click()
    expect(note).to_be_focused()
    page.fill("#edit-alt", "The quay in fog")
    expect(note).to_contain_text("“quay.jpg” has not been uploaded yet. Select “Save”.")
    page.locator("[data-open-panel] button", has_text="Save").last.click()
    expect(row(page, "Story 1").locator("img.thumb")).to_be_visible()

    choose(page, "Story 1", "Edit for this issue")
    page.locator("#edit-headline").fill("One year of listening")
    expect(page.locator(".row-title", has_text="One year of listening")).to_be_visible()
    page.set_input_files("#picture-file", picture)
    page.get_by_role("button", name="Remove the file").click()
    page.get_by_role("link", name="Details", exact=True).click()
    page.wait_for_url("**/details/")
    assert page.problems == []


def test_a_panel_that_has_just_come_is_saved_without_leaving_the_page(desk):
    page = desk()
    # The quickest hand there can be: it saves as soon as the form is on the page.
    page.evaluate(
        """() => {
          window.stayed = true;
          const observer = new MutationObserver(() => {
            const title = document.getElementById("block-title");
            if (!title) return;
            observer.disconnect();
            title.value = "The flood on the quay";
            title.form.querySelector("[type=submit]").click();
          });
          observer.observe(document.body, {childList: true, subtree: true});
        }"""
    )
    choose(page, "The flood", "Edit for this issue")
    expect(row(page, "The flood on the quay").locator(".said")).to_contain_text("was saved for this issue")
    assert page.evaluate("window.stayed")


def test_an_issue_is_arranged_by_keyboard_alone(desk):
    page = desk()
    keys = page.keyboard

    def focus_on(title):
        page.evaluate(
            "title => document.querySelector(`.entry[data-title='${title}'] [data-grip]`).focus()", title
        )

    focus_on("Story 3")
    keys.press("Space")
    keys.press("ArrowUp")
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    expect(page.locator("#order-said")).to_contain_text("Position 4, Research")
    keys.press("Escape")
    expect(page.locator("#order-said")).to_contain_text("is back where it was")
    assert order()[2] == "Story 3"

    keys.press("Space")
    keys.press("ArrowDown")
    keys.press("Space")
    expect(row(page, "Story 3").locator(".said")).to_contain_text("is now in position 4")
    expect(row(page, "Story 3").locator("[data-grip]")).to_be_focused()
    keys.press("Alt+ArrowUp")
    expect(row(page, "Story 3").locator(".said")).to_contain_text("is now in position 3")
    expect(row(page, "Story 3").locator("[data-grip]")).to_be_focused()
    assert order()[2] == "Story 3"

    focus_on("Story 20")
    keys.press("Alt+ArrowDown")
    expect(row(page, "Story 20").locator(".said")).to_contain_text("in Living")
    assert Issue.objects.get().items.get(article__title="Story 20").section == "Living"

    focus_on("The flood")
    keys.press("Tab")
    keys.press("Enter")
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(page.locator("#move-before")).to_be_focused()
    keys.type("Before “Story 1”")
    keys.press("Tab")
    keys.press("Enter")
    expect(row(page, "The flood").locator(".said")).to_contain_text("before “Story 1”")
    assert page.locator(".entry").first.get_attribute("data-title") == "The flood"

    focus_on("Story 5")
    keys.press("Tab")
    keys.press("Enter")
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(page.locator("#edit-headline")).to_be_focused()
    keys.press("Control+a")
    keys.type("Five years of listening")
    expect(row(page, "Five years of listening").locator("[data-save-mark$=headline]")).to_contain_text(
        "Saved "
    )
    assert Issue.objects.get().items.get(article__title="Story 5").headline == "Five years of listening"
    assert page.problems == []


def test_acts_during_a_slow_request_are_not_lost(desk):
    page = desk()
    held = []

    def hold_the_first_act(route):
        if route.request.method == "POST" and not held:
            held.append(route)
        else:
            route.continue_()

    page.route(f"**{HERE}**", hold_the_first_act)
    row(page, "Story 3").locator("[data-grip]").focus()
    for _ in range(3):
        page.keyboard.press("Alt+ArrowDown")
    expect(page.locator(".entry").nth(5)).to_have_attribute("data-title", "Story 3")
    held[0].continue_()
    expect(row(page, "Story 3").locator(".said")).to_contain_text("is now in position 6")
    expect(row(page, "Story 3").locator("[data-grip]")).to_be_focused()
    assert order()[5] == "Story 3"

    held.clear()
    for title in ("Story 1", "Story 2"):
        # Not by the mouse: the first menu can lie over the second row.
        row(page, title).locator("button[value=drop]").evaluate("(button) => button.click()")
    held[0].continue_()
    expect(page.locator(".left-out summary").first).to_have_text("Left out (2)")
    assert not {"Story 1", "Story 2"} & set(order())

    held.clear()
    row(page, "Story 4").locator("[data-grip]").focus()
    page.keyboard.press("Alt+ArrowDown")
    page.keyboard.press("Alt+ArrowDown")
    held[0].abort()
    expect(page.locator(".entry").first).to_have_attribute("data-title", "Story 4")
    expect(page.locator("#order-said")).to_have_text("The row was not moved.")
    assert order()[0] == "Story 4"
    assert page.problems == []


def test_an_article_is_added_by_its_link_by_search_and_in_another_issue_on_purpose(desk, site):
    site.serve("/lifeboat", PAGE.encode(), headers={"Content-Type": "text/html; charset=utf-8"})
    page = desk("add/")
    page.fill("#address", site.url("/lifeboat"))
    page.keyboard.press("Enter")
    expect(row(page, "A new lifeboat")).to_be_focused()
    assert "A new lifeboat" in order()
    expect(page.locator("#toasts")).to_contain_text("“A new lifeboat” was added to this issue.")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(row(page, "A new lifeboat")).to_have_count(0)
    page.goto(page.url.split("#")[0] + "add/")
    page.fill("#search", "lifeb")
    expect(page.locator("#found")).to_contain_text("A new lifeboat")
    page.locator("#found .entry", has_text="A new lifeboat").locator("button").click()
    expect(row(page, "A new lifeboat")).to_be_visible()
    assert page.problems == []


@pytest.mark.full
def test_every_page_of_the_contents_is_accessible_and_fits_a_phone(desk, axe):
    number = Issue.objects.get().items.get(article__title="Story 2").article_id
    page = desk()
    address = page.url
    for path in (
        "",
        f"?move=article:{number}",
        "?edit=block:appeal",
        "add/",
        "add-block/?kind=appeal",
        "again/",
    ):
        page.goto(address + path)
        axe(page, widths=(390,), themes=("dark",))
        page.set_viewport_size({"width": 390, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    page.goto(address)
    row(page, "Story 2").locator("[data-menu] summary").click()
    axe(page, widths=(1280,), themes=("light",))


def test_without_scripts_an_article_is_moved_edited_and_left_out(desk):
    page = desk(script=False)
    choose(page, "Story 30", "Move to…")
    page.locator("#move-place").fill("3")
    page.locator("[data-open-panel] button", has_text="Move").first.click()
    assert order()[2] == "Story 30"
    choose(page, "Story 30", "Edit for this issue")
    page.fill("#edit-headline", "Thirty years")
    page.locator("[data-open-panel] button", has_text="Save").click()
    choose(page, "Thirty years", "Leave out of this issue")
    expect(page.locator("#toasts")).to_contain_text("was left out of this issue")
    assert "Story 30" not in order()


def test_a_row_of_an_approved_issue_is_moved_after_a_question_that_takes_the_focus(desk, issue):
    Approval.objects.create(
        issue=issue, emails=[], digest="", day="2026-11-28", approved_by="amir", approved_at=timezone.now()
    )
    Issue.objects.filter(pk=issue.pk).update(state="approved")
    moved = items_to_print(issue)[3].article_id
    page = desk()
    page.locator(f"#entry-article-{moved} [data-grip]").press("Alt+ArrowDown")
    question = page.get_by_role("heading", name="Withdraw the approval?")
    expect(question).to_be_focused()
    assert items_to_print(issue)[3].article_id == moved
    page.get_by_role("button", name="Make the change and withdraw the approval").click()
    expect(page.locator(f"#entry-article-{moved} .place")).to_have_text("5")
    expect(page.locator("#state-badge")).not_to_contain_text("Approved")
