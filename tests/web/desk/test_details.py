"""The part “Details” of an issue: the form that works without scripts, and the address that saves one text."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from newsletter.accounts.actor import acting_as
from newsletter.issues import edit_issue_texts
from newsletter.issues.autosaved_texts import text_version
from newsletter.issues.models import Issue
from newsletter.scheduling.approval import approve
from tests.articles.pictures.drawing import photo, saved

HERE = "/desk/issues/harbour-letter/1/"
DETAILS = f"{HERE}details/"
JSON = {"headers": {"Accept": "application/json"}}


def text(answer):
    return answer.content.decode()


def form_of(browser):
    """What the form holds, as a browser would send it."""
    page = text(browser.get(DETAILS))
    hidden = re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)">', page)
    issue = Issue.objects.get(number=1)
    texts = {"subject": issue.subject, "preheader": issue.preheader, "opening": issue.opening}
    return {name: value for name, value in hidden if name != "csrfmiddlewaretoken"} | texts


def stored():
    return Issue.objects.get(number=1)


def field(people, name="opening", **values):
    start = {"field": name, "started_from": text_version(getattr(stored(), name))}
    return start | {"account": str(people["ruth"].account)} | values


def test_texts_are_changed_together_and_the_approval_ends(desk_of, ruths_draft):
    approve(ruths_draft)
    ruth = desk_of("ruth")
    form = form_of(ruth)
    assert "If you change anything, it must be approved again." in text(ruth.get(DETAILS))
    words = form | {"subject": "A better subject", "opening": "Dear reader,\r\n\r\nhello."}
    answer = ruth.post(f"{HERE}texts/", words)
    assert (answer.status_code, answer.url) == (303, DETAILS)
    assert (stored().subject, stored().opening) == ("A better subject", "Dear reader,\n\nhello.")
    assert stored().state == "draft"
    assert "Your changes were saved: subject, introduction." in text(ruth.get(DETAILS))


def test_saving_what_is_as_it_was_keeps_the_approval(desk_of, ruths_draft):
    approve(ruths_draft)
    ruth = desk_of("ruth")
    ruth.post(f"{HERE}texts/", form_of(ruth))
    assert stored().state == "approved"


def test_an_approval_that_came_under_the_form_ends_only_after_it_was_said(desk_of, ruths_draft):
    ruth = desk_of("ruth")
    words = form_of(ruth) | {"opening": "One more word."}
    approve(ruths_draft)
    answer = ruth.post(f"{HERE}texts/", words)
    assert answer.status_code == 409
    assert "has approved this issue" in text(answer)
    assert "One more word." in text(answer)
    assert (stored().state, stored().opening) == ("approved", "")
    agreed = re.search(r'name="agreed" value="(\d+)"', text(answer))[1]
    assert ruth.post(f"{HERE}texts/", words | {"agreed": agreed}).status_code == 303
    assert stored().opening == "One more word."


def test_a_wrong_text_changes_nothing_is_shown_at_its_field_and_keeps_what_was_typed(desk_of, ruths_draft):
    was = ruths_draft.subject
    ruth = desk_of("ruth")
    words = {"subject": "A better subject", "preheader": "x" * 301, "opening": "<b>Mine</b>"}
    answer = ruth.post(f"{HERE}texts/", form_of(ruth) | words)
    assert answer.status_code == 422
    page = text(answer)
    assert "<title>Error: " in page
    assert 'value="A better subject"' in page
    assert "&lt;b&gt;Mine&lt;/b&gt;" in page
    assert (
        '<a href="#preheader">The preheader can have at most 300 characters. This text has 301.</a>' in page
    )
    assert 'id="preheader-error"' in page
    assert stored().subject == was
    # The form that is shown again still knows the texts that it started from.
    assert f'name="version-subject" value="{text_version(was)}"' in page


def test_a_form_that_was_open_while_a_colleague_saved_shows_both_texts(desk_of, people, ruths_draft):
    ruth = desk_of("ruth")
    words = form_of(ruth) | {"opening": "Ruth’s introduction"}
    with acting_as(people["amir"]):
        edit_issue_texts.set_opening(ruths_draft, "Amir’s introduction")
    answer = ruth.post(f"{HERE}texts/", words)
    assert answer.status_code == 409
    assert "amir has changed the introduction since you opened it." in text(answer)
    assert "Amir’s introduction" in text(answer)
    assert "Ruth’s introduction" in text(answer)
    assert stored().opening == "Amir’s introduction"


def test_the_page_of_an_issue_that_was_sent_still_shows_what_was_typed(desk_of, ruths_draft):
    ruth = desk_of("ruth")
    words = form_of(ruth) | {"opening": "Too late"}
    Issue.objects.update(state=Issue.State.SENT)
    answer = ruth.post(f"{HERE}texts/", words)
    assert answer.status_code == 409
    assert "has been sent" in text(answer)
    assert "Too late</textarea>" in text(answer)


def test_a_picture_is_added_to_the_introduction_by_the_form(desk_of, ruths_draft):
    ruth = desk_of("ruth")
    file = SimpleUploadedFile("quay.jpg", saved(photo(800, 450)), "image/jpeg")
    words = form_of(ruth) | {"opening": "Dear reader,", "add_picture": "on", "picture": file}
    answer = ruth.post(f"{HERE}texts/", words)
    assert answer.status_code == 422
    assert "quay.jpg: Describe the picture in a few words" in text(answer)
    file.seek(0)
    assert ruth.post(f"{HERE}texts/", words | {"picture_description": "The quay"}).status_code == 303
    assert re.fullmatch(r"Dear reader,\n\n!\[The quay\]\(http\S+/media/\w+\.jpg\)", stored().opening)


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (None, "Choose a picture first."),
        (SimpleUploadedFile("notes.txt", b"Not a picture"), "notes.txt: We cannot use this picture."),
    ],
)
def test_a_picture_that_cannot_be_used_is_named_to_the_script(desk_of, ruths_draft, file, sentence):
    words = {"picture_description": "The quay"} | ({"picture": file} if file else {})
    answer = desk_of("ruth").post(f"{DETAILS}picture/", words, **JSON)
    assert answer.status_code == 422
    assert answer.json()["sentence"].startswith(sentence)


def test_the_page_says_whom_the_issue_comes_from_and_what_a_placeholder_gives(desk_of, ruths_draft):
    page = text(desk_of("ruth").get(DETAILS))
    publication = ruths_draft.publication
    assert f"{publication.sender_name} &lt;{publication.sender_address}&gt;" in page
    assert "English" in page
    assert f"“{publication.first_name_fallback}” if we do not know it" in page


def test_one_text_is_saved_with_the_time_in_the_zone_of_the_publication(desk_of, people, ruths_draft):
    answer = desk_of("ruth").post(f"{HERE}field/", field(people, text="Dear reader"))
    assert answer.status_code == 200
    assert answer.json()["state"] == "saved"
    assert answer.json()["version"] == text_version("Dear reader")
    assert re.fullmatch(r"\d\d:\d\d", answer.json()["at"])
    assert stored().opening == "Dear reader"


def test_a_conflict_answers_both_texts_and_how_they_differ(desk_of, people, ruths_draft):
    mine = field(people, text="Dear reader, hello")
    with acting_as(people["amir"]):
        edit_issue_texts.set_opening(ruths_draft, "Dear reader, welcome")
    answer = desk_of("ruth").post(f"{HERE}field/", mine)
    assert answer.status_code == 409
    found = answer.json()
    assert (found["state"], found["theirs"], found["label"]) == (
        "conflict",
        "Dear reader, welcome",
        "Amir’s text",
    )
    assert ["removed", "welcome"] in found["words"]
    assert ["added", "hello"] in found["words"]


def test_a_text_of_somebody_else_is_not_saved_in_the_name_of_who_is_logged_in_now(
    desk_of, people, ruths_draft
):
    answer = desk_of("amir").post(f"{HERE}field/", field(people, text="Ruth’s text"))
    assert (answer.status_code, answer.json()["state"]) == (409, "refused")
    assert "You are now logged in as amir." in answer.json()["sentence"]
    assert stored().opening == ""


@pytest.mark.parametrize("name", ["nothing", "state", "article-0-headline"])
def test_a_text_that_does_not_exist_is_refused_with_a_sentence(desk_of, people, ruths_draft, name):
    answer = desk_of("ruth").post(f"{HERE}field/", field(people, text="x") | {"field": name})
    assert (answer.status_code, answer.json()["state"]) == (404, "refused")


def test_a_script_renews_its_form_token_and_a_person_is_led_to_the_details(desk_of, ruths_draft):
    ruth = desk_of("ruth")
    assert ruth.get(f"{HERE}field/", **JSON).json()["csrf"]
    assert ruth.get(f"{HERE}field/").url == DETAILS
    assert desk_of("").get(f"{HERE}field/", **JSON).status_code == 302


def test_the_page_needs_few_queries(desk_of, ruths_draft, django_assert_max_num_queries):
    ruth = desk_of("ruth")
    ruth.get(DETAILS)
    with django_assert_max_num_queries(30):
        ruth.get(DETAILS)
