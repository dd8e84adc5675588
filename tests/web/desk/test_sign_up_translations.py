"""The sign-up form in further languages at the desk: adding, changing, removing and sharing one, with undo."""

import pytest
from django.test import Client
from lxml import html

from newsletter.accounts.actor import acting_as
from newsletter.errors import Invalid, InvalidFields, NotFound, Refused
from newsletter.issues.models import AuditEntry, Publication
from newsletter.issues.publication_settings import SettingsChangedError
from newsletter.issues.sign_up_translations import (
    change_translation,
    remove_translation,
    stored_texts,
    translation_version,
    undo_translation,
)
from subscribers.models import List, SignUpTexts, Wording
from tests.web.desk.test_sign_up_form import said

HERE = "/desk/settings/publications/harbour-letter/sign-up/"
GERMAN = f"{HERE}in/de/"


def form_of(client, ending="/in/de/"):
    page = html.fromstring(client.get(GERMAN).content)
    return dict(next(each for each in page.forms if (each.action or "").endswith(ending)).form_values())


def undo_of(answer):
    page = html.fromstring(answer.content)
    form = next(each for each in page.forms if (each.action or "").endswith("/undo/"))
    return form.action, dict(form.form_values())


def test_a_language_is_added_changed_and_removed_and_each_act_is_undone(ada, mailing_list):
    assert "None yet." in said(ada.get(HERE))
    [back] = html.fromstring(ada.get(GERMAN).content).find_class("back")
    assert back[0].get("href") == HERE
    added = ada.post(GERMAN, form_of(ada) | {"sign_up_heading": "Lesen Sie mit"}, follow=True)
    assert "The sign-up form in German was saved." in said(added)
    assert Wording.objects.filter(list=mailing_list, language="de").count() == 1
    changed = ada.post(GERMAN, form_of(ada) | {"sign_up_heading": "Machen Sie mit"}, follow=True)
    assert stored_texts(mailing_list, "de")["sign_up_heading"] == "Machen Sie mit"
    ada.post(*undo_of(changed))
    assert stored_texts(mailing_list, "de")["sign_up_heading"] == "Lesen Sie mit"
    removed = ada.post(f"{GERMAN}remove/", follow=True)
    assert "no longer available in German" in said(removed)
    assert not SignUpTexts.objects.exists()
    ada.post(*undo_of(removed))
    assert stored_texts(mailing_list, "de")["sign_up_heading"] == "Lesen Sie mit"
    ada.post(*undo_of(added))
    assert not SignUpTexts.objects.exists()
    sentences = list(AuditEntry.objects.filter(act="list").order_by("pk").values_list("sentence", flat=True))
    assert [each.split(" ", maxsplit=1)[0] for each in sentences] == [
        *("Added", "Changed", "Changed", "Removed", "Added", "Removed")
    ]
    assert all(each.endswith("in German.") for each in sentences)


def test_a_form_that_is_saved_as_it_came_changes_nothing(ada, publication, people):
    with acting_as(people["ada"]):
        change_translation(publication, "de", {"sign_up_heading": "Lesen Sie mit"})
    before = list(SignUpTexts.objects.values())
    assert "Nothing was changed." in said(ada.post(GERMAN, form_of(ada), follow=True))
    assert list(SignUpTexts.objects.values()) == before


def test_texts_in_a_language_that_a_colleague_changed_are_not_overwritten_unseen(
    ada, publication, people, mailing_list
):
    form = form_of(ada)
    with acting_as(people["ada"]):
        change_translation(publication, "de", {"sign_up_heading": "Ihres"})
    answer = ada.post(GERMAN, form | {"sign_up_heading": "Unseres"})
    assert answer.status_code == 409
    assert stored_texts(mailing_list, "de")["sign_up_heading"] == "Ihres"
    page = html.fromstring(answer.content)
    assert "Ihres" in said(answer)
    assert page.get_element_by_id("sign_up_heading").value == "Unseres"
    again = next(each for each in page.forms if (each.action or "").endswith("/in/de/"))
    ada.post(GERMAN, dict(again.form_values()))
    assert stored_texts(mailing_list, "de")["sign_up_heading"] == "Unseres"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("sign_up_heading", "A" * 201, "at most 200 characters"),
        ("sign_up_button", "A" * 61, "at most 60 characters"),
        ("consent_wording", "A" * 2_001, "up to 2,000 characters"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(ada, name, value, sentence):
    answer = ada.post(GERMAN, form_of(ada) | {name: value, "description": "Jeden Dienstag."})
    assert answer.status_code == 422
    page = html.fromstring(answer.content)
    assert sentence in page.get_element_by_id(f"{name}-error").text_content()
    assert page.get_element_by_id("description").value.strip() == "Jeden Dienstag."
    assert not SignUpTexts.objects.exists()


@pytest.mark.parametrize("language", ["en-GB", "xx", "nonsense!", "d" * 400])
def test_a_page_for_another_language_does_not_exist(ada, mailing_list, language):
    mailing_list.language = "en-GB"
    mailing_list.save()
    assert ada.get(f"{HERE}in/{language}/").status_code == 404
    assert ada.post(f"{HERE}in/{language}/", {"sign_up_heading": "Hello"}).status_code == 404


def test_the_sample_shows_the_language_and_what_is_typed(ada, mailing_list):
    page = html.fromstring(
        ada.get(f"{HERE}sample/", {"lang": "de", "sign_up_heading": "<b>Lesen</b>"}).content
    )
    assert page.get("lang") == "de"
    languages = page.cssselect(".languages a")
    assert [each.get("lang") for each in languages] == [mailing_list.language, "de"]
    assert [each.get("lang") for each in languages if each.get("aria-current")] == ["de"]
    assert page.cssselect("h1")[0].text_content() == "<b>Lesen</b>"
    assert page.cssselect("button")[0].text_content() == "Anmelden"
    assert not SignUpTexts.objects.exists()


def test_the_code_is_offered_in_each_language(ada, publication, people):
    assert "Code language" not in ada.get(f"{HERE}share/").content.decode()
    with acting_as(people["ada"]):
        change_translation(publication, "de", {"consent_wording": "Ja, schreiben Sie mir."})
    page = html.fromstring(ada.get(f"{HERE}share/", {"lang": "de"}).content)
    form = html.fromstring(page.get_element_by_id("code").value)
    assert form.action.endswith("/lists/harbour-letter/?lang=de")
    assert "Ja, schreiben Sie mir." in form.text_content()
    path = form.action[form.action.index("/lists/") :]
    answer = Client().post(path, dict(form.form_values()) | {"address": "ada@example.org"})
    assert answer.status_code == 303
    other = html.fromstring(ada.get(f"{HERE}share/").content).get_element_by_id("code").value
    assert html.fromstring(other).action.endswith("?lang=en-GB")
    assert "Version 2" in said(ada.get(HERE))
    assert "German" in said(ada.get(HERE))


def test_only_who_may_change_the_form_changes_its_languages(desk_of, people, publication):
    ruth = desk_of("ruth")
    assert ruth.get(GERMAN).status_code == 409
    with acting_as(people["ruth"]):
        for act in (
            lambda: change_translation(publication, "de", {"sign_up_heading": "Wir"}),
            lambda: remove_translation(publication, "de"),
            lambda: undo_translation(publication, "de", 1),
        ):
            with pytest.raises(Refused):
                act()
    assert not SignUpTexts.objects.exists()


def test_unknown_stale_and_foreign_changes_are_refused(people, publication):
    other = List.objects.create(slug="other", name="Other")
    other_publication = Publication.objects.get(pk=publication.pk)
    other_publication.pk, other_publication.slug, other_publication.mailing_list = None, "other", other
    other_publication.save()
    with acting_as(people["ada"]):
        seen = translation_version(publication.mailing_list, "de")
        first = change_translation(publication, "de", {"sign_up_heading": "Eins"}, seen=seen)
        with pytest.raises(SettingsChangedError):
            change_translation(publication, "de", {"sign_up_heading": "Zwei"}, seen=seen)
        with pytest.raises(NotFound):
            undo_translation(other_publication, "de", first.pk)
        with pytest.raises(NotFound):
            undo_translation(publication, "fr", first.pk)
        change_translation(publication, "de", {"sign_up_heading": "Zwei"})
        with pytest.raises(Refused, match="changed these texts again"):
            undo_translation(publication, "de", first.pk)
        with pytest.raises(InvalidFields):
            change_translation(publication, publication.mailing_list.language, {"sign_up_heading": "Drei"})
        with pytest.raises(Invalid):
            change_translation(publication, "de", {"slug": "x"})


def test_the_pages_ask_the_database_few_questions(ada, people, publication, django_assert_max_num_queries):
    with acting_as(people["ada"]):
        change_translation(publication, "de", {})
    for path in (HERE, GERMAN, f"{HERE}share/", f"{HERE}sample/?lang=de"):
        with django_assert_max_num_queries(32):
            assert ada.get(path).status_code == 200
