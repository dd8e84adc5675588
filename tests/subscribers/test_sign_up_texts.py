"""A sign-up form in several languages: which one a visitor sees, what they agree to, and the email they get."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from subscribers import lists
from subscribers.confirmation_mails import send_next_mail
from subscribers.embed_code import embed_code
from subscribers.errors import Invalid, NotFound
from subscribers.models import ConsentEntry, List, Subscriber, Wording
from subscribers.sign_up_texts import (
    TEXTS,
    best_language,
    find_texts,
    in_language,
    language_of,
    remove_texts,
    set_texts,
    shown_in,
)

PAGE = "/lists/news/"


@pytest.fixture
def news(db):
    found = lists.add_list("news", "The News", language="en-GB", sign_up_heading="Read with us")
    set_texts(
        found,
        "de",
        {
            "sign_up_heading": "Lesen Sie mit",
            "description": "Jeden Dienstag.",
            "consent_wording": "Ja, schreiben Sie mir.",
            "sign_up_button": "Dabei sein",
            "after_sign_up": "Am Dienstag geht es los.",
        },
    )
    set_texts(found, "fr", {})
    return found


def page_for(accepted="", lang="", path=PAGE):
    answer = Client().get(path, {"lang": lang} if lang else {}, headers={"Accept-Language": accepted})
    return html.fromstring(answer.content)


def heading(page):
    return page.cssselect("h1")[0].text_content()


@pytest.mark.parametrize(
    ("accepted", "lang", "seen"),
    [
        ("", "", "en-GB"),
        ("de", "", "de"),
        ("de-AT,en;q=0.5", "", "de"),
        ("pl,fr-CA;q=0.8,de;q=0.5", "", "fr"),
        ("pl,es", "", "en-GB"),
        ("*", "", "en-GB"),
        ("en-US,de;q=0.5", "", "en-GB"),
        ("de", "en", "en-GB"),
        ("en", "DE", "de"),
        ("de", "pl", "de"),
        ("en", "de'\"><script>", "en-GB"),
        ("nonsense;q=x;;,,", "", "en-GB"),
    ],
)
def test_a_visitor_sees_the_language_of_the_link_or_of_the_browser_or_the_main_one(
    news, accepted, lang, seen
):
    page = page_for(accepted, lang)
    assert page.get("lang") == seen
    assert heading(page) == {"en-GB": "Read with us", "de": "Lesen Sie mit"}.get(
        seen, heading(page_for("fr"))
    )
    assert [each.get("lang") for each in page.cssselect(".languages a")] == ["en-GB", "de", "fr"]
    assert page.cssselect(".languages a[aria-current]")[0].get("lang") == seen


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_language_of_a_visitor_breaks_the_choice(first, second):
    assert best_language([first, second], ["en-GB", "de"]) in {"", "en-GB", "de"}


def test_another_script_is_another_language():
    assert best_language(["sr-Latn"], ["sr-Cyrl"]) == ""
    assert best_language(["sr-Latn-RS"], ["sr-Cyrl", "sr-Latn"]) == "sr-Latn"


def test_the_wording_in_a_language_is_kept_with_who_agreed_to_it_and_the_email_speaks_it(news, settings):
    settings.SUBSCRIBERS_FORM_SECONDS = 0
    page = page_for("de")
    form = dict(page.forms[0].form_values()) | {"address": "ada@example.org"}
    answer = Client().post(PAGE, form, headers={"Accept-Language": "de"})
    assert answer.status_code == 303
    assert answer["Location"] == "/lists/news/check-your-mail/?lang=de"
    after = page_for(lang="de", path=reverse("subscribers:check-your-mail", args=["news"]))
    assert "Am Dienstag geht es los." in after.text_content()
    agreed = ConsentEntry.objects.get(act="signed up")
    assert (agreed.wording.text, agreed.wording.language) == ("Ja, schreiben Sie mir.", "de")
    assert Subscriber.objects.get().locale == "de"
    assert send_next_mail(timezone.now())
    (email,) = mail.outbox
    assert email.body.startswith("Ein letzter Schritt: ")
    link = re.search(r"http\S+?(/\S*confirm/\S+)", email.body)[1]
    assert page_for("en", path=link).get("lang") == "de"
    Client().post(link)
    assert ConsentEntry.objects.get(act="confirmed").wording == agreed.wording


def test_a_pasted_form_keeps_its_language_whatever_the_browser_prefers(news, settings):
    settings.SUBSCRIBERS_BASE_URL = "http://testserver"
    shown, _languages = shown_in(news, "de")
    form = html.fromstring(embed_code(shown, names_language=True))
    assert (form.get("lang"), form.action) == ("de", "http://testserver/lists/news/?lang=de")
    assert form.cssselect("button")[0].text_content() == "Dabei sein"
    path = form.action.removeprefix("http://testserver")
    values = dict(form.form_values())
    wrong = Client().post(path, values | {"address": "nobody"}, headers={"Accept-Language": "en"})
    assert wrong.status_code == 422
    assert heading(html.fromstring(wrong.content)) == "Lesen Sie mit"
    answer = Client().post(path, values | {"address": "ada@example.org"}, headers={"Accept-Language": "en"})
    assert answer["Location"].endswith("?lang=de")


def test_a_form_in_a_language_that_was_removed_records_what_the_person_read(news):
    shown, _languages = shown_in(news, "de")
    values = dict(html.fromstring(embed_code(shown, names_language=True)).form_values())
    remove_texts(news, "de")
    Client().post(f"{PAGE}?lang=de", values | {"address": "ada@example.org"})
    agreed = ConsentEntry.objects.get(act="signed up")
    assert agreed.wording.text == "Ja, schreiben Sie mir."
    assert language_of(agreed.subscriber.subscriptions.get()) == "en-GB"
    with pytest.raises(NotFound):
        remove_texts(news, "de")


def test_what_an_editor_stated_is_never_what_a_visitor_agreed_to(news):
    stated = Wording.objects.create(list=news, version=99, text="She asked on the phone.")
    Client().post(PAGE, {"address": "ada@example.org", "wording": str(stated.pk)})
    assert ConsentEntry.objects.get(act="signed up").wording.language == "en-GB"


def test_an_empty_text_is_the_standard_text_of_its_language_or_left_out(news):
    page = page_for(lang="fr")
    assert page.get("lang") == "fr"
    assert "The News" in heading(page)
    assert heading(page) != "Read with us"
    assert page.cssselect("p.lead") == []
    assert page.cssselect(".wording")[0].text_content().startswith("J")


def test_looking_writes_nothing_and_a_page_without_further_languages_is_as_it_was(news, db):
    before = list(Wording.objects.values_list("pk", flat=True))
    for lang in ("", "de", "fr"):
        page_for(lang=lang)
    assert list(Wording.objects.values_list("pk", flat=True)) == before
    lists.add_list("plain", "Plain")
    answer = Client().get("/lists/plain/", headers={"Accept-Language": "de"})
    assert b"languages" not in answer.content
    assert b'lang="en-GB"' in answer.content


@pytest.mark.parametrize(
    ("language", "values", "sentence"),
    [
        ("en-GB", {}, "main language"),
        ("EN-gb", {}, "main language"),
        ("nonsense!", {}, "not a language tag"),
        ("de", {"sign_up_heading": "A" * 201}, "sign_up_heading: .*200"),
        ("de", {"sign_up_button": "A" * 61}, "sign_up_button: .*60"),
    ],
)
def test_what_is_wrong_with_texts_is_said_and_nothing_is_stored(news, language, values, sentence):
    before = list(news.sign_up_texts.values())
    with pytest.raises(Invalid, match=sentence):
        set_texts(news, language, values)
    assert list(news.sign_up_texts.values()) == before


def test_the_main_language_cannot_become_one_that_has_texts_already(news):
    with pytest.raises(Invalid, match=r"^language: .*already"):
        lists.edit_list(news, language="de")
    assert List.objects.get().language == "en-GB"
    remove_texts(news, "de")
    news.refresh_from_db()
    assert lists.edit_list(news, language="de")


def test_a_list_in_a_language_is_a_copy(news):
    shown = in_language(news, find_texts(news, "de"))
    assert (shown.pk, shown.language, shown.name) == (news.pk, "de", news.name)
    assert (news.language, news.sign_up_heading) == ("en-GB", "Read with us")
    assert set(TEXTS) < {field.name for field in List._meta.fields}
