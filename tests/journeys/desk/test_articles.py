"""An editor finds, adds, writes, changes and excludes articles in a real browser, by mouse and by keyboard alone."""

import re

import pytest
from playwright.sync_api import expect

from newsletter.articles.fetch_due_sources import fetch_next_source
from newsletter.articles.models import Article, Source
from tests.fakes.source import feed, item

pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]
WORDS = "The charity asked people what helps them most, and many said that a walk helps. " * 5
PAGE = f"<html><body><article><h1>A walk helps</h1><p>{WORDS}</p></article></body></html>"


def titles(page):
    return page.locator(".article-row h2").all_inner_texts()


def newest():
    return Article.objects.order_by("-published_at").first()


def tab_to(page, name):
    """Press Tab until something with this name has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if (
            page.evaluate(
                "document.activeElement.closest('label, a, button, summary, input')?.textContent || ''"
            )
            .strip()
            .startswith(name)
        ):
            return
    pytest.fail(f"Nothing called “{name}” can be reached by the keyboard.")


def test_a_search_narrows_the_list_while_one_types(desk_page):
    page = desk_page("articles/", "ruth")
    assert len(titles(page)) > 3
    page.get_by_label("Search").last.press_sequentially("psa know before")
    page.wait_for_url(re.compile(r"q=psa"))
    expect(page.locator(".article-row")).to_have_count(1)
    assert titles(page)[0].startswith("The PSA test")
    page.locator("#q:focus").wait_for()
    page.get_by_label("Show").select_option("excluded")
    page.get_by_role("heading", name="No articles found").wait_for()
    # A screen reader says it too.
    expect(page.locator("#heard")).to_contain_text("No articles found")
    assert page.complaints == []


def test_a_ticked_article_is_excluded_and_undone(desk_page):
    article = newest()
    page = desk_page("articles/", "ruth")
    page.get_by_label(f"Choose {article.title}").check()
    page.get_by_text("1 article ticked").wait_for()
    page.get_by_role("button", name="Exclude", exact=True).click()
    page.get_by_text("1 article was excluded.").wait_for()
    page.locator(f"#article-{article.pk}:focus").wait_for()
    article.refresh_from_db()
    assert article.excluded
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("1 article can be used again.").wait_for()
    article.refresh_from_db()
    assert not article.excluded
    assert page.complaints == []


def test_an_article_is_excluded_by_keyboard_alone(desk_page):
    article = newest()
    page = desk_page("articles/", "ruth")
    tab_to(page, "More")
    page.keyboard.press("Enter")
    tab_to(page, "Exclude from all issues")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    article.refresh_from_db()
    assert article.excluded
    page.locator(f"#article-{article.pk}:focus").wait_for()


def test_a_link_is_added_and_an_article_is_written_by_keyboard(desk_page, site):
    site.serve("/walk", PAGE.encode(), headers={"Content-Type": "text/html"})
    page = desk_page("articles/add/", "ruth")
    page.get_by_label("Page address").fill(site.url("/walk"))
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1, name="A walk helps").wait_for()
    page.goto(page.url.partition("articles/")[0] + "articles/write/")
    page.get_by_label("Headline").focus()
    page.keyboard.press("Tab")
    page.keyboard.type("Come to the harbour.")
    tab_to(page, "Add the article")
    page.keyboard.press("Enter")
    page.get_by_text("We could not save this article").wait_for()
    page.locator(".error-summary:focus").wait_for()
    assert page.get_by_label("Text").input_value() == "Come to the harbour."
    page.get_by_label("Headline").fill("Our open day")
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1, name="Our open day").wait_for()
    assert Article.objects.get(title="Our open day").body_html == "<p>Come to the harbour.</p>"
    assert [each for each in page.complaints if "422" not in each] == []


def test_a_headline_is_changed_and_put_back(desk_page):
    article = newest()
    page = desk_page(f"articles/{article.pk}/", "ruth")
    page.get_by_label("Headline").fill("Our own words")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("heading", level=1, name="Our own words").wait_for()
    page.get_by_role("button", name="Use the site’s version").click()
    page.get_by_role("heading", level=1, name=article.title).wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("heading", level=1, name="Our own words").wait_for()
    assert page.complaints == []


def test_a_fetch_is_asked_for_and_its_end_comes_by_itself(desk_page, site):
    site.serve("/feed", feed([item(1)]))
    source = Source.objects.create(name="new", title="New", location=site.url("/feed"), kind=Source.Kind.FEED)
    page = desk_page("sources/", "ruth")
    page.get_by_role("button", name=re.compile("Fetch now.*New")).click()
    page.get_by_text("Fetching…").wait_for()
    for _ in range(2):
        with page.expect_response(re.compile("/state/")):
            pass
    assert page.locator("#heard").inner_text() == ""
    assert fetch_next_source()
    page.locator(f"#state-{source.pk}").get_by_text("Fetched").wait_for()
    expect(page.locator("#heard")).to_contain_text("Fetched")
    assert page.complaints == []


def test_the_feeds_that_were_found_have_the_focus(desk_page, site):
    site.serve("/feed", feed([item(1)]))
    page = desk_page("sources/", "ruth")
    page.get_by_label("Add a source").fill(site.url("/feed"))
    page.keyboard.press("Enter")
    expect(page.locator("#found")).to_be_focused()
    assert page.title().startswith("We found 1 feed: Sources")


def test_everything_can_be_read_and_done_without_scripts(desk_page):
    article = newest()
    page = desk_page("articles/?q=psa", "ruth", script=False)
    page.get_by_label("Search").last.fill(article.title)
    page.get_by_role("button", name="Search").click()
    page.get_by_label(f"Choose {article.title}").check()
    page.get_by_role("button", name="Exclude", exact=True).click()
    page.get_by_text("1 article was excluded.").wait_for()
    article.refresh_from_db()
    assert article.excluded
