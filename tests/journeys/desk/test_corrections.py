"""An administrator corrects an article in a real browser and emails its readers: two presses, and one that undoes."""

import os

import pytest
from django.utils import timezone

from newsletter.articles.models import Correction
from newsletter.corrections.models import CorrectionNotice
from newsletter.corrections.send_notice import plan_next_notice
from newsletter.sending.batches import send_next_batch
from newsletter.sending.models import Batch, Mailing, Recipient
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
    correct(page, axe)
    page.get_by_role("heading", name="Email about a correction").wait_for()
    axe(page)
    fits(page)
    picture(page, "email")
    assert page.frame_locator("iframe").get_by_text("The trial had 12 men.").last.is_visible()
    page.get_by_role("button", name="Approve and send to").click()
    page.get_by_role("alert").get_by_text("To approve the email anyway, enter a reason").wait_for()
    axe(page)
    fits(page)
    picture(page, "checks")
    page.get_by_label("Why can the errors be ignored?").fill("Ada knows.")
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
    in_doubt(page, live_server.url, axe)
    readers_see_it(page, live_server.url, axe)


def correct(page, axe):
    page.get_by_role("link", name="Correct this article").click()
    axe(page)
    fits(page)
    picture(page, "correct")
    page.get_by_role("button", name="Publish the correction").click()
    page.get_by_text("Enter what the article should have said.").first.wait_for()
    assert page.title().startswith("Error: ")
    page.get_by_label("What we said").fill("The trial had 21 men.")
    page.get_by_label("What is correct").fill("The trial had 12 men.")
    page.get_by_label("Why this happened").fill("TODO: ask Ada.")
    page.get_by_label("Serious").check()
    page.get_by_role("button", name="Publish the correction").click()


def in_doubt(page, installation, axe):
    """A crash leaves somebody in doubt: the page names them, and the report of the issue counts the email."""
    mailing = Mailing.objects.get(purpose=Mailing.Purpose.CORRECTION)
    mailing.batches.update(state=Batch.State.UNKNOWN)
    Recipient.objects.filter(mailing=mailing).update(state=Recipient.State.UNKNOWN)
    correction = Correction.objects.get(made_at__isnull=False)
    page.goto(f"{installation}/desk/corrections/{correction.pk}/remove/")
    axe(page)
    fits(page)
    page.goto(f"{installation}/desk/corrections/{correction.pk}/readers/harbour-letter/")
    page.get_by_role("link", name="See who they are and what you can do").click()
    page.get_by_role("heading", name="Did these people receive the email?").wait_for()
    page.evaluate("document.querySelectorAll('main details').forEach(each => { each.open = true })")
    axe(page)
    fits(page)
    picture(page, "unconfirmed")
    page.goto(f"{installation}/desk/issues/harbour-letter/1/report/")
    page.get_by_role("heading", name="Emails about corrections").wait_for()
    axe(page)
    fits(page)
    picture(page, "report")


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
