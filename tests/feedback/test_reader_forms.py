"""Readers question facts and complain without an account. What is accepted is kept, and nobody is mailed unasked."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from newsletter.errors import InvalidFields
from newsletter.feedback.case_limits import CASES_OF_MAILBOX, CASES_OF_NETWORK
from newsletter.feedback.models import ReaderCase
from newsletter.issues.change_publications import edit_publication
from newsletter.issues.models import Publication
from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.run_preflight import run_preflight
from newsletter.rendering.render_email import render_email
from tests.feedback.reader_forms import link_in, send_form, send_mails

pytestmark = pytest.mark.django_db
State = ReaderCase.State


def test_emails_have_no_link_until_the_publication_takes_questions(publication, issue):
    before = render_email(issue)
    assert "/ask/" not in before.html + before.text + before.page
    publication.takes_questions = True
    publication.save()
    issue.publication.refresh_from_db()
    after = render_email(issue)
    article = issue.items.get().article
    link = f"http://localhost:8000/ask/harbour/{article.pk}/"
    assert after.html.count(f'href="{link}"') == 1
    assert f'aria-label="Question a fact: {article.title}"' in after.html
    assert f"Question a fact: {link}\n" in after.text
    assert after.page.count(f'href="{link}"') == 1


def test_questions_cannot_be_taken_before_somebody_is_on_the_board(publication, issue, request):
    with pytest.raises(InvalidFields, match="Nobody has the board role"):
        edit_publication(publication, {"takes_questions": "yes"})
    publication.refresh_from_db()
    assert not publication.takes_questions
    request.getfixturevalue("board")
    assert edit_publication(publication, {"takes_questions": "yes"}) == ["takes_questions"]


def test_a_question_without_an_address_is_in_the_queue_at_once(asks, article, mailoutbox):
    case = asks(text="  It was\r\n40 per cent.\x07 ")
    assert (case.kind, case.article, case.state) == ("question", article, State.RECEIVED)
    assert case.text == "It was\n40 per cent."
    assert (case.address, case.confirmed_at) == ("", None)
    assert case.acknowledge_by <= case.answer_by
    send_mails()
    assert mailoutbox == []


def test_the_page_after_the_form_does_not_tell_whether_an_address_is_known(asks, question_form):
    known, unknown = (
        send_form(question_form, text="a", address=each) for each in ("ana@example.org", "x@example.org")
    )
    assert known["Location"] == unknown["Location"] == "/ask/harbour/sent/"
    page = Client().get(known["Location"])
    assert "We have received your message" in page.content.decode()
    assert not page.cookies


def test_only_what_was_sent_can_be_questioned(questioned, issue, question_form):
    reader = Client()
    assert reader.get("/ask/harbour/999999999/").status_code == 404
    assert reader.get("/ask/nowhere/1/").status_code == 404
    assert reader.get(question_form)["X-Robots-Tag"] == "noindex"
    type(questioned).objects.update(state="draft")
    page = reader.get(question_form)
    assert page.status_code == 404
    assert "Tides explained" not in page.content.decode()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"text": " "}, "Enter what you want to tell us"),
        ({"text": "a" * 4001}, "Enter what you want to tell us"),
        ({"text": "a <b>", "address": "dora@"}, "This does not look like an email address."),
    ],
)
def test_what_was_typed_is_shown_again_with_what_is_wrong(question_form, typed, sentence):
    response = send_form(question_form, **{"address": "", **typed})
    assert response.status_code == 422
    html = response.content.decode()
    assert sentence in html
    assert 'aria-invalid="true"' in html
    if "<" in typed["text"]:
        assert "a &lt;b&gt;</textarea>" in html
    assert not ReaderCase.objects.exists()


def test_a_complaint_needs_an_address(questioned):
    path = "/ask/harbour/data-protection/"
    assert send_form(path, text="You wrote to me.", address="").status_code == 422
    assert send_form(path, text="You wrote to me.", address="dora@example.org").status_code == 303
    case = ReaderCase.objects.get()
    assert (case.kind, case.article) == ("complaint", None)


def test_an_archived_newsletter_takes_complaints_and_no_questions(complains, questioned, question_form):
    questioned.publication.archived_at = timezone.now()
    questioned.publication.save()
    assert Client().get(question_form).status_code == 404
    assert complains().is_complaint
    assert Client().get("/ask/harbour/sent/").status_code == 200
    assert 'href="/ask/harbour/data-protection/"' in Client().get("/harbour/").content.decode()


def test_robots_are_sent_away(question_form):
    assert send_form(question_form, text="buy", website="https://example.com").status_code == 303
    assert send_form(question_form, text="buy", seconds=0).status_code == 422
    assert Client().post(question_form, {"text": "buy"}).status_code == 422
    assert not ReaderCase.objects.exists()


def test_a_form_that_arrives_twice_is_one_question(question_form):
    reader = Client()
    page = reader.get(question_form)
    fields = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page.content.decode()))
    with time_machine.travel(timezone.now() + timedelta(seconds=5), tick=False):
        for _ in range(2):
            assert reader.post(question_form, {**fields, "text": "It was 40."}).status_code == 303
    assert ReaderCase.objects.count() == 1


def test_the_subject_of_an_email_has_the_colon_of_the_language(asks, mailoutbox):
    Publication.objects.update(language="fr")
    asks("dora@example.org")
    send_mails()
    assert mailoutbox[-1].subject.startswith("Veuillez confirmer votre question\N{NO-BREAK SPACE}: ")


def test_the_email_that_asks_to_confirm_repeats_nothing_that_was_typed(asks, article, mailoutbox):
    asks("Dora@example.org", "See https://evil.example")
    send_mails()
    [mail] = mailoutbox
    assert mail.to == ["Dora@example.org"]
    assert mail.subject == "Please confirm your question: The Harbour Letter"
    assert article.title in mail.body
    assert "evil" not in mail.body + mail.alternatives[0][0]
    assert mail.extra_headers["Auto-Submitted"] == "auto-generated"


def test_opening_the_link_confirms_nothing_and_the_form_does(asks, mailoutbox):
    case = asks("dora@example.org")
    send_mails()
    path = link_in(mailoutbox[0])
    reader = Client(enforce_csrf_checks=True)
    for _ in range(2):
        page = reader.get(path)
    assert page["X-Robots-Tag"] == "noindex"
    assert f'value="{case.pk}" checked' in page.content.decode()
    case.refresh_from_db()
    assert case.confirmed_at is None
    for _ in range(2):
        assert reader.post(path, {"case": [str(case.pk), "999999999"]}).status_code == 303
    case.refresh_from_db()
    assert case.confirmed_at
    send_mails()
    assert [mail.subject.partition(":")[0] for mail in mailoutbox] == [
        "Please confirm your question",
        "We have received your question",
    ]
    assert "We have received your question about" in reader.get(path).content.decode()


def test_an_address_that_nobody_confirmed_gets_one_email_whatever_is_typed(asks, mailoutbox):
    for number in range(CASES_OF_MAILBOX):
        asks(
            "dora@example.org" if number % 2 else "Dora+x@example.org",
            f"Question {number}",
            network=f"192.0.2.{number}",
        )
    with time_machine.travel(timezone.now() + timedelta(days=200), tick=False):
        asks("dora@example.org", "Much later")
        send_mails()
    assert len(mailoutbox) == 1
    assert ReaderCase.objects.count() == CASES_OF_MAILBOX + 1


def test_the_page_of_the_one_email_confirms_all_that_its_reader_sent_and_nothing_else(
    asks, confirms, mailoutbox
):
    first, second, forged = (asks("dora@example.org", each) for each in ("First", "Second", "Forged"))
    path = confirms(first)
    page = Client().get(path).content.decode()
    assert f'value="{second.pk}">' in page
    assert Client().post(path, {"case": [str(second.pk)]}).status_code == 303
    second.refresh_from_db()
    forged.refresh_from_db()
    assert second.confirmed_at
    assert forged.confirmed_at is None
    send_mails()
    assert [mail.subject.partition(":")[0] for mail in mailoutbox[1:]] == [
        "We have received your question"
    ] * 2


def test_a_reader_who_confirmed_before_is_asked_about_each_question(asks, confirms, mailoutbox):
    confirms(asks("dora@example.org"))
    asks("dora@example.org", "Another")
    send_mails()
    assert mailoutbox[-1].subject.startswith("Please confirm your question")


def test_the_link_of_one_mailbox_confirms_nothing_of_another(asks, confirms):
    path = confirms(asks("dora@example.org"))
    other = asks("eve@example.org", "Mine")
    page = Client().get(path).content.decode()
    assert "Mine" not in page
    Client().post(path, {"case": [str(other.pk)]})
    other.refresh_from_db()
    assert other.confirmed_at is None


@pytest.mark.parametrize(
    "spoil", [lambda it: it[:-3] + "/", lambda it: it.replace("/A", "/B"), lambda _it: "/my-question/A1-0:x/"]
)
def test_a_damaged_link_opens_nothing(asks, confirms, spoil):
    path = confirms(asks("dora@example.org"))
    assert Client().get(spoil(path)).status_code == 404


def test_a_flood_from_one_network_is_limited_and_everything_accepted_is_kept(question_form, asks):
    """Every form is refused or stored, and another network still comes through."""
    accepted = 0
    for number in range(4 * CASES_OF_NETWORK):
        response = send_form(question_form, text=f"Question {number}", address="", network="2001:db8:1::1")
        assert response.status_code in {303, 429}
        accepted += response.status_code == 303
        if response.status_code == 429:
            assert response["Retry-After"] == "3600"
            assert f"Question {number}</textarea>" in response.content.decode()
    # An hour may have begun in between.
    assert CASES_OF_NETWORK <= accepted <= 2 * CASES_OF_NETWORK
    assert ReaderCase.objects.count() == accepted
    asks(text="From elsewhere", network="2001:db8:2::1")
    assert ReaderCase.objects.count() == accepted + 1


def test_the_links_do_not_worry_the_checks_before_approval(publication, issue):
    """The forms are not there before the email is sent, so nothing may try to open them."""

    def findings():
        issue.publication.refresh_from_db()
        return {str(each) for each in run_preflight(issue).findings}

    before = findings()
    publication.takes_questions = True
    publication.save()
    assert findings() == before
    assert not any("/ask/" in url for url in CheckedIssue(issue).urls_elsewhere)
