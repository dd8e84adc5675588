"""A reader questions a fact and confirms by keyboard, and the board answers in the desk, in a real browser."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from newsletter.accounts.actor import Role
from newsletter.accounts.users import add_user
from newsletter.articles.models import Correction
from newsletter.feedback.case_links import case_token
from newsletter.feedback.models import ReaderCase
from newsletter.issues.models import Issue, Publication
from tests.journeys.desk.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]
A_MINUTE_LATER = datetime(2026, 11, 23, 9, 1, tzinfo=UTC)
PICTURES = os.environ.get("QUESTION_PICTURES", "")


@pytest.fixture
def article(desk_url):
    """An article that was sent, of a newsletter that takes questions. Beth is on its board."""
    add_user("beth", password=PASSWORD, address="beth@example.org", roles=[Role.BOARD])
    add_user("april", password=PASSWORD, address="april@example.org", roles=[Role.APPROVER])
    Publication.objects.update(takes_questions=True, show_question_figures=True)
    Issue.objects.update(state=Issue.State.SENT, sent_at=timezone.now())
    return Issue.objects.get().items.order_by("pk").first().article


def look_at(page, axe, name):
    """Nobody is kept from using the page, in any theme and width."""
    axe(page)
    for width in (320, 390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (page.url, width)
        if PICTURES:
            page.screenshot(path=str(Path(PICTURES) / f"{name}-{width}.png"), full_page=True)


def test_a_reader_questions_a_fact_and_confirms_it_by_keyboard(desk_url, open_page, article, axe):
    root = desk_url.removesuffix("/desk/")
    page = open_page(f"{root}/ask/harbour-letter/{article.pk}/")
    look_at(page, axe, "form")
    page.get_by_label("What is wrong").focus()
    page.keyboard.type("It was 40 per cent.")
    page.keyboard.press("Tab")
    page.keyboard.type("not an address")
    page.evaluate("document.forms[0].noValidate = true")
    with time_machine.travel(A_MINUTE_LATER):
        page.keyboard.press("Enter")
        page.get_by_text("This does not look like an email address.").wait_for()
    assert page.get_by_label("What is wrong").input_value() == "It was 40 per cent."
    look_at(page, axe, "form-error")
    page.get_by_label("Your email address").fill("dora@example.org")
    with time_machine.travel(A_MINUTE_LATER + timedelta(minutes=1)):
        page.get_by_role("button", name="Send").press("Enter")
        page.get_by_role("heading", name="We have received your message").wait_for()
    look_at(page, axe, "sent")
    case = ReaderCase.objects.get()
    page.goto(f"{root}/my-question/{case_token(case)}/")
    look_at(page, axe, "confirm")
    page.get_by_role("button", name="Confirm").press("Enter")
    page.get_by_role("status").wait_for()
    look_at(page, axe, "confirmed")
    case.refresh_from_db()
    assert case.confirmed_at
    page.goto(f"{root}/ask/harbour-letter/data-protection/")
    look_at(page, axe, "complaint")
    page.goto(f"{root}/harbour-letter/")
    look_at(page, axe, "archive")


def test_a_reader_whose_link_has_expired_gets_a_new_one_by_keyboard(desk_url, open_page, article, axe):
    root = desk_url.removesuffix("/desk/")
    case = ReaderCase.objects.create(
        publication=Publication.objects.get(),
        kind="question",
        article=article,
        text="It was 40 per cent.",
        nonce="0123456789abcdef",
        received_at=timezone.now() - timedelta(days=40),
        acknowledge_by="2026-11-01",
        answer_by="2026-11-10",
    )
    page = open_page(f"{root}/my-question/{case_token(case)}/")
    page.get_by_role("heading", name="This link has expired").wait_for()
    look_at(page, axe, "expired")
    page.get_by_label("Your email address").focus()
    page.keyboard.type("not an address")
    page.evaluate("document.forms[0].noValidate = true")
    page.keyboard.press("Enter")
    page.get_by_text("This does not look like an email address.").wait_for()
    look_at(page, axe, "expired-error")
    page.get_by_label("Your email address").fill("dora@example.org")
    page.get_by_role("button", name="Email me a new link").press("Enter")
    page.get_by_role("heading", name="We have received your message").wait_for()
    assert ReaderCase.objects.get().address == "dora@example.org"
    page.goto(f"{root}/my-question/{case_token(case)}/")
    page.get_by_role("heading", name="This link is no longer valid").wait_for()
    look_at(page, axe, "replaced")


def test_the_board_corrects_and_nothing_typed_is_lost(desk_page, article, axe):
    correction = Correction.objects.create(
        article=article, corrected_on="2026-11-22", text="It was 40 per cent."
    )
    now = timezone.now()
    case = ReaderCase.objects.create(
        publication=Publication.objects.get(), kind="question", article=article, article_title=article.title,
        text="It was 40 per cent.\nSee table 2.", address="dora@example.org", address_key="dora@example.org",
        nonce="x", received_at=now, confirmed_at=now, acknowledge_by="2026-11-20", answer_by="2026-12-21",
    )  # fmt: skip
    page = desk_page("", "beth")
    page.get_by_role("link", name="Answer").click()
    look_at(page, axe, "queue")
    page.locator("main").get_by_role("link", name=article.title).click()
    look_at(page, axe, "question")
    page.get_by_role("button", name="Acknowledge").press("Enter")
    page.get_by_text("You acknowledged this. We will email the reader.").wait_for()
    page.get_by_label("Who answers it?").select_option("april")
    page.get_by_role("button", name="Hand over").press("Enter")
    page.get_by_text("You handed this over to april. We will email them.").wait_for()
    look_at(page, axe, "handed-over")
    page.get_by_label("What you tell the reader").fill("You are right, thank you.")
    page.get_by_role("button", name="Save and tell the reader").press("Enter")
    page.locator(".error-summary:focus").wait_for()
    assert page.get_by_label("What you tell the reader").input_value() == "You are right, thank you."
    look_at(page, axe, "question-error")
    page.get_by_label("Corrected: the article was wrong, and we").check()
    page.get_by_label("Correction", exact=True).select_option(str(correction.pk))
    page.get_by_role("button", name="Save and tell the reader").press("Enter")
    page.get_by_role("heading", name="What you told the reader").wait_for()
    look_at(page, axe, "decided")
    case.refresh_from_db()
    assert (case.state, case.correction) == ("corrected", correction)
    assert page.complaints == [] or all("422" in each for each in page.complaints)


def test_an_administrator_sees_beside_the_box_why_it_cannot_be_ticked(desk_page, axe):
    page = desk_page("settings/publications/harbour-letter/questions/")
    look_at(page, axe, "settings")
    page.get_by_label("Readers can question facts").check()
    page.get_by_role("button", name="Save").press("Enter")
    page.locator(".error-summary:focus").wait_for()
    assert "Nobody has the board role" in page.locator("#takes_questions-error").inner_text()
    look_at(page, axe, "settings-error")
