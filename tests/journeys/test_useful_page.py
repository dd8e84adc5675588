"""A reader opens a link below an article in a real browser, and confirms or changes the answer by keyboard."""

import re
from html import unescape

import pytest

from newsletter.feedback.models import UsefulAnswer
from newsletter.rendering.merge_tags import fill_tags
from newsletter.sending.batches import send_next_batch
from newsletter.sending.models import Mailing
from newsletter.sending.personalise_email import Answers, Personalizer
from newsletter.sending.preview_recipient import reader_at
from newsletter.sending.stored_variants import emails_of
from tests.sending.planned_mailing import planned_mailing
from tests.web.conftest import accounts, amara, draft, publication  # noqa: F401 - the example publication

pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]
LINK = re.compile(r'href="[^"]*(/useful/[^"]*)"')


@pytest.fixture
def email(live_server, draft, amara):  # noqa: F811
    """The email as Amara got it, of a publication that asks."""
    draft.publication.ask_useful = True
    draft.publication.save()
    mailing = planned_mailing(draft)
    while send_next_batch(mailing.pk):
        pass
    stored = emails_of(Mailing.objects.get()).main
    personalizer = Personalizer.of_issue(draft, answers=Answers.OF_EACH_READER)
    return fill_tags(stored, personalizer.envelope(reader_at(draft, amara.address)).person)


@pytest.fixture
def first_links(email, live_server):
    """The links “Yes” and “No” below the first article."""
    found = [unescape(path) for path in LINK.findall(email.html)]
    assert len(found) > 10
    return [f"{live_server.url}{path}" for path in found[:2]]


def test_an_answer_is_confirmed_and_changed_by_keyboard_alone(open_page, first_links, axe):
    yes, _no = first_links
    page = open_page(yes)
    axe(page)
    assert page.get_by_label("Yes, useful").is_checked()
    assert not UsefulAnswer.objects.exists()
    page.get_by_label("Yes, useful").focus()
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.get_by_role("heading", level=1).inner_text() == "Thank you for your answer"
    axe(page)
    assert UsefulAnswer.objects.get().useful
    page.get_by_role("link", name="Change your answer").click()
    page.get_by_label("Yes, useful").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "did not find this useful" in page.get_by_role("status").inner_text()
    assert not UsefulAnswer.objects.get().useful


def test_the_page_works_without_scripts_on_a_narrow_phone(open_page, first_links):
    _yes, no = first_links
    page = open_page(no, width=320, script=False)
    assert page.get_by_label("No, not useful").is_checked()
    page.get_by_role("button", name="Confirm your answer").click()
    assert not UsefulAnswer.objects.get().useful


def test_the_links_in_the_email_name_their_article_for_screen_readers(open_page, email, tmp_path):
    (tmp_path / "email.html").write_text(email.html, encoding="utf-8")
    page = open_page((tmp_path / "email.html").as_uri())
    names = page.get_by_role("link", name="Yes, useful: ").evaluate_all(
        "links => links.map(link => link.getAttribute('aria-label'))"
    )
    assert len(names) == len(set(names)) > 5
