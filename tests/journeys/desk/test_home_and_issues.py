"""Home, the list of issues, a new issue and recurring issues in a real browser, for everybody and at both widths."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction
from django.utils import timezone

from newsletter.accounts.actor import Role, acting_as
from newsletter.accounts.users import actor_of, add_user
from newsletter.articles.models import Source
from newsletter.issues.draft_new_issue import draft_empty
from newsletter.issues.edit_issue_texts import set_subject
from newsletter.issues.models import Issue
from newsletter.scheduling.add_or_change_series import add_series
from newsletter.scheduling.release import block_issue
from newsletter.scheduling.schedule import schedule_at
from tests.web.conftest import accounts, publication  # noqa: F401 - the example publication

pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]
LONG = "Unbrokentitle" * 20
SERIES = "/desk/publications/harbour-letter/series/"
PAGES = (
    *("/desk/", "/desk/issues/", "/desk/issues/?q=nothing+fits", "/desk/issues/new/?at_most=5"),
    *(SERIES, f"{SERIES}harbour-letter/change/", f"{SERIES}harbour-letter/remove/"),
)


@pytest.fixture
def look(publication, settings, page_as):  # noqa: F811
    """Open a page as Ada, who has issues in several states: `look("/desk/")`."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    ada = add_user("ada", password="ebb and flow at the quay", roles=[Role.ADMINISTRATOR])
    with acting_as(actor_of(ada)):
        issues = [draft_empty(publication) for _ in range(4)]
        set_subject(issues[0], LONG)
        schedule_at(issues[1], timezone.now() + timedelta(hours=3))
    with transaction.atomic():
        block_issue(issues[2], "It was not approved in time.")
    Source.objects.filter(name="harbour-news").update(error=LONG, failing_since=timezone.now())
    add_series(publication, "every Tuesday at 07:30")

    return partial(page_as, "ada")


def test_every_page_can_be_used_by_everybody_and_fits_a_phone(look, axe, live_server):
    page = look(PAGES[0], width=390)
    for path in PAGES:
        page.goto(f"{live_server.url}{path}")
        page.evaluate("document.querySelectorAll('main details').forEach(each => { each.open = true })")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        axe(page)
    assert page.errors == []


def test_a_long_title_takes_two_lines(look):
    page = look("/desk/issues/")
    title = page.get_by_role("link", name=LONG)
    line = title.evaluate("each => parseFloat(getComputedStyle(each).lineHeight)")
    assert title.bounding_box()["height"] < 2.5 * line


def test_what_would_come_in_follows_the_choice_and_becomes_the_issue(look):
    page = look("/desk/issues/new/")
    page.locator("main").get_by_text("12 articles would be in this issue").wait_for()
    page.get_by_label("Maximum number of articles").fill("2")
    page.get_by_label("Maximum number of articles").press("Tab")
    page.locator("main").get_by_text("2 articles would be in this issue").wait_for()
    first = page.locator("#to-come li span").first.inner_text()
    page.get_by_role("button", name="Create this issue").click()
    page.wait_for_url("**/issues/harbour-letter/5/**")
    issue = Issue.objects.get(number=5)
    assert first in {item.article.title for item in issue.items.select_related("article")}
    assert issue.items.count() == 2
    assert page.errors == []


def test_without_scripts_an_issue_is_begun_too(look):
    page = look("/desk/issues/new/", script=False)
    page.get_by_label("Maximum number of articles").fill("2")
    page.get_by_role("button", name="Show the articles").click()
    page.locator("main").get_by_text("2 articles would be in this issue").wait_for()
    page.get_by_role("button", name="Create an empty issue").click()
    page.wait_for_url("**/issues/harbour-letter/5/**")


def test_a_date_is_skipped_and_put_back_by_undo(look):
    page = look(SERIES)
    page.get_by_text("Change: Tuesday 24 November 2026, 07:30").click()
    page.get_by_role("button", name="Skip this date").click()
    page.locator(".skipped").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("will no longer be skipped.").wait_for()
    assert page.locator(".skipped").count() == 0
