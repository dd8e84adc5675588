"""An administrator corrects an article in a real browser and emails its readers: two presses, and one that undoes."""

import os

import pytest
from django.utils import timezone

from newsletter.corrections.models import CorrectionNotice
from newsletter.corrections.send_notice import plan_next_notice
from newsletter.sending.batches import send_next_batch
from subscribers.models import Subscription
from tests.journeys.desk.test_every_page import fits
from tests.journeys.desk.test_reports import look, sent  # noqa: F401
from tests.web.conftest import accounts, draft, publication  # noqa: F401 - the example publication

pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]


def picture(page, name):
    """Keep a picture of the page if somebody wants to look at it."""
    if folder := os.environ.get("NEWSLETTER_TESTS_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_from_the_mistake_to_the_readers_and_back(look, sent, axe, live_server):  # noqa: F811
    left = Subscription.objects.filter(subscriber__address="reader3@example.org")
    left.update(state=Subscription.State.UNSUBSCRIBED, left_at=timezone.now())
    article = sent.items.get(lead=True).article
    page = look(f"/desk/articles/{article.pk}/")
    page.get_by_role("link", name="Correct this article").click()
    axe(page)
    fits(page)
    picture(page, "correct")
    page.get_by_role("button", name="Publish the correction").click()
    page.get_by_text("Enter what the article should have said.").first.wait_for()
    assert page.title().startswith("Error: ")
    page.get_by_label("What we said").fill("The trial had 21 men.")
    page.get_by_label("What is correct").fill("The trial had 12 men.")
    page.get_by_label("Serious").check()
    page.get_by_role("button", name="Publish the correction").click()
    page.get_by_role("heading", name="Email about a correction").wait_for()
    axe(page)
    fits(page)
    picture(page, "email")
    assert page.frame_locator("iframe").get_by_text("The trial had 12 men.").last.is_visible()
    page.get_by_role("button", name="Approve and send to").click()
    page.get_by_role("button", name="Undo", exact=True).first.wait_for()
    assert CorrectionNotice.objects.get().state == CorrectionNotice.State.SCHEDULED
    axe(page)
    picture(page, "scheduled")
    page.locator("#progress").get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Send to").wait_for()
    assert CorrectionNotice.objects.get().state == CorrectionNotice.State.APPROVED
    page.get_by_role("button", name="Send to").click()
    page.get_by_text("You can undo this until then.").wait_for()
    CorrectionNotice.objects.update(due_at=timezone.now())
    assert plan_next_notice()
    while send_next_batch():
        pass
    # The page finds out by itself.
    page.get_by_role("heading", name="What was sent").wait_for()
    assert not page.get_by_text("will get the email").count()
    axe(page)
    fits(page)
    picture(page, "sent")
    page.get_by_role("link", name="1 person").first.click()
    page.get_by_text("reader3@example.org").wait_for()
    axe(page)
    readers_see_it(page, live_server.url, axe)


def readers_see_it(page, installation, axe):
    page.goto(f"{installation}/harbour-letter/1/")
    page.get_by_role("note").get_by_text("The trial had 12 men.").wait_for()
    axe(page)
    picture(page, "archive")
    page.get_by_role("link", name="Corrections", exact=True).click()
    page.get_by_role("heading", name="Corrections").wait_for()
    axe(page)
    picture(page, "corrections")
    assert page.errors == []
