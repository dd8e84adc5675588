"""Corrections at the desk: an article's page, the form, and removing a correction."""

import pytest
from lxml import html

from newsletter.articles.models import Correction
from newsletter.issues.models import Issue
from tests.web.desk.test_one_form_makes_one_thing import form_with

pytestmark = pytest.mark.django_db
FIELDS = {"right": "It was 12, not 21.", "severity": "serious"}


@pytest.fixture
def article(sent_issue, people):
    return sent_issue.items.filter(dropped=False).first().article


def read(client, address, status=200):
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def test_an_article_that_was_sent_can_be_corrected_from_its_page(desk_of, article):
    ada, page = desk_of("ada"), f"/desk/articles/{article.pk}/"
    assert f'href="{page}correct/"' in read(ada, page)
    action, sent = form_with(ada.get(f"{page}correct/"), {"severity": "significant"})
    sent |= {**FIELDS, "severity": "significant", "said": "There were 21 boats.", "wrong_since": "2026-11-01"}
    first, again = ada.post(action, sent), ada.post(action, sent)
    assert {first.url, again.url} == {f"{page}#corrections"}
    made = Correction.objects.exclude(made_at=None).get()
    shown = read(ada, page)
    for text in (made.text, made.said, "Significant. Published by", "1 November 2026", "was published"):
        assert text in shown
    remove = f"/desk/corrections/{made.pk}/remove/"
    assert f'href="{remove}"' in shown
    assert "You cannot undo this." in read(ada, remove)
    assert Correction.objects.filter(pk=made.pk).exists()
    answer = ada.post(remove, follow=True).content.decode()
    assert "The correction was removed." in answer
    assert not Correction.objects.exclude(made_at=None).exists()


def test_a_correction_that_a_colleague_changed_is_not_overwritten_unseen(desk_of, article):
    ada = desk_of("ada")
    form = {"right": "It was 12, not 21.", "severity": "minor"}
    ada.post(f"/desk/articles/{article.pk}/correct/", form)
    made = Correction.objects.get()
    there = f"/desk/corrections/{made.pk}/change/"
    assert f'href="{there}"' in read(ada, f"/desk/articles/{article.pk}/")
    page = html.fromstring(read(ada, there))
    assert page.get_element_by_id("right").value.strip() == "It was 12, not 21."
    seen = page.xpath("//input[@name='seen']/@value")[0]
    theirs = ada.post(there, form | {"right": "It was 12 of 200.", "seen": seen}, follow=True)
    assert "The correction was changed." in theirs.content.decode()
    mine = ada.post(there, form | {"right": "It was 12, I think.", "seen": seen})
    assert mine.status_code == 409
    for words in ("Somebody else has changed this correction", "It was 12 of 200.", "It was 12, I think."):
        assert words in mine.content.decode()
    seen = html.fromstring(mine.content).xpath("//input[@name='seen']/@value")[0]
    assert ada.post(there, form | {"right": "It was 12, yes.", "seen": seen}).status_code == 303
    made.refresh_from_db()
    assert made.text == "It was 12, yes."


def test_what_was_typed_stays_beside_the_error(desk_of, article):
    ada, page = desk_of("ada"), f"/desk/articles/{article.pk}/correct/"
    answer = ada.post(page, {"said": "Wrong words", "right": "", "severity": "minor"})
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "Wrong words" in shown
    assert "Enter what the article should have said." in shown
    assert 'id="right-error"' in shown
    answer = ada.post(page, FIELDS | {"wrong_since": "last year"})
    assert "Enter a date such as 2026-03-31." in answer.content.decode()


def test_everything_that_is_wrong_is_said_at_once(desk_of, article):
    ada, page = desk_of("ada"), f"/desk/articles/{article.pk}/correct/"
    form = {"said": "See http://intranet/x.", "right": "", "severity": "fatal", "wrong_since": "last year"}
    answer = html.fromstring(ada.post(page, form).content)
    links = answer.cssselect(".error-summary a")
    assert [each.get("href") for each in links] == ["#said", "#right", "#wrong_since", "#severity-minor"]
    for each in links:
        assert answer.get_element_by_id(each.get("href")[1:]) is not None
    assert len(answer.cssselect(".field-error, .choices-error, [id$='-error']")) >= 4


def test_an_editor_and_an_article_that_was_not_sent_are_told_why_not(desk_of, article):
    assert "Only an approver" in read(desk_of("ruth"), f"/desk/articles/{article.pk}/correct/")
    Issue.objects.update(state=Issue.State.DRAFT)
    page = f"/desk/articles/{article.pk}/"
    ada = desk_of("ada")
    assert "correct/" not in read(ada, page)
    assert "nothing to correct" in read(ada, f"{page}correct/")
