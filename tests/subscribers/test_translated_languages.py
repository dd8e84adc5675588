"""Every catalogue has every text, with its placeholders and plural forms, and shows it to the right readers."""

import re

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.utils import translation

from subscribers import signed_links
from subscribers.lists import add_list
from subscribers.models import Subscriber, Subscription
from subscribers.translated_languages import catalogues, direction, find_catalogue, script_of, written_in
from subscribers.update_catalogues import LOCALE, ROOT, texts_in_code, update
from subscribers.views.public_page import show

LANGUAGES = [language for language in catalogues() if language != "en"]
UNREVIEWED = {"ar", "cy", "es", "pl"}
# Reviewers who are invited from the desk read these pages, which are in English as the desk is.
ENGLISH_PAGES = {"proof.html", "proof_closed.html"}
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}")
# What typesetters of the language do not accept: straight quotes everywhere, the quotes of other languages, in French a
# missing space at these signs or one at which a line can break, in Spanish a question without its first mark, and in
# Arabic commas and question marks that face the other way.
ILL_SET = {
    "de": re.compile(r"""['"‘’‚«»]|“\w|\w„|\.\.\."""),
    "fr": re.compile(r"""['"“”„]|[^\u00a0][:;?!»](?!//)|«[^\u00a0]|\.\.\."""),
    "es": re.compile(r"""['"“”„‘’]|^[^¿]*\?|\.\.\."""),
    "pl": re.compile(r"""['"“‘«»]|\.\.\."""),
    "ar": re.compile(r"""['"“”„‘’,;?]|\.\.\."""),
    "cy": re.compile(r"""['"„«»]|\.\.\."""),
}

# Words that are not those of subscribers/locale/README.md.
OTHER_WORDS = {
    "de": re.compile(r"Schaltfläche|Berichtigung|ausschuss|\b[Dd](?:u|ich|ir|ein|eine|einen)\b"),
    "fr": re.compile(r"[Dd]ésabonn|[Ss]électionnez le bouton|[Pp]lainte|\b(?:tu|ton|ta|tes)\b"),
    "es": re.compile(r"\bsuscrito\b|[Ss]eleccione el botón|suscripción cancelada|queja|\b(?:tú|tus?)\b"),
    "pl": re.compile(r"Państw|odnośnik|preferenc|[Ww]ybierz przycisk|zażalen|komisj"),
    "ar": re.compile(r"اختر الزر|احتجاج"),
    "cy": re.compile(r"achwyn|gwasgwch|\b[Tt]i\b"),
}


@pytest.fixture(scope="module")
def texts():
    """Every text that pages and emails may show."""
    found = texts_in_code()
    assert len(found) > 150
    return found


def written(language):
    with (LOCALE / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file, locale=language)


def by_text(catalogue):
    texts = (message for message in catalogue if message.id)
    return dict(
        (each.id[0], list(each.string)) if each.pluralizable else (each.id, [each.string]) for each in texts
    )


def test_german_and_french_are_reviewed_and_the_others_say_that_they_are_not():
    assert {"de", "fr"} | UNREVIEWED == set(LANGUAGES)
    assert {name for name in LANGUAGES if not catalogues()[name].reviewed} == UNREVIEWED


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_there_with_its_placeholders_and_plural_forms(texts, language):
    catalogue = written(language)
    assert {message.id for message in catalogue if message.id} == set(texts)
    for message in catalogue:
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = message.id if isinstance(message.id, tuple) else (message.id,)
        assert all(forms), f"{message.id} has no translation"
        assert len(forms) == (catalogue.num_plurals if message.pluralizable else 1), message.id
        for form in forms:
            if message.id:
                assert set(PLACEHOLDER.findall(form)) == set(PLACEHOLDER.findall(wanted[-1])), form
        assert list(message.check(catalogue)) == []


@pytest.mark.parametrize("language", list(ILL_SET))
def test_quotes_and_spaces_are_those_of_the_language(language):
    forms = [form for several in by_text(written(language)).values() for form in several]
    assert [form for form in forms if ILL_SET[language].search(form)] == []


def test_french_reaches_everybody_without_a_guess_at_their_gender():
    assert [form for several in by_text(written("fr")).values() for form in several if "(e)" in form] == []


@pytest.mark.parametrize("language", list(OTHER_WORDS))
def test_a_language_has_one_word_for_one_thing_and_one_form_of_address(language):
    forms = [form for several in by_text(written(language)).values() for form in several]
    assert [form for form in forms if OTHER_WORDS[language].search(form)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(language, tmp_path, texts):
    path = LOCALE / language / "LC_MESSAGES" / "django.po"
    with path.with_suffix(".mo").open("rb") as file:
        compiled = by_text(read_mo(file))
    assert compiled == by_text(written(language))
    copy = tmp_path / language / "LC_MESSAGES" / "django.po"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(path.read_bytes())
    assert update(copy, texts) == 0
    assert copy.read_bytes() == path.read_bytes()


def test_no_page_for_readers_has_words_outside_the_catalogues():
    found = {}
    for path in sorted((ROOT / "templates" / "public").glob("*.html")):
        tags = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", "|", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        shown = re.sub(r"<(style|script)\b.*?</\1>", "", tags, flags=re.DOTALL)
        spoken = [
            *re.split(r"<[^>]*>", shown),
            *re.findall(r'(?:aria-label|title|alt|placeholder)="(.*?)"', shown),
        ]
        if words := [word for text in spoken for word in re.findall(r"[^\W\d_]{2,}", text)]:
            found[path.name] = words
    assert {name: words for name, words in found.items() if name not in ENGLISH_PAGES} == {
        "my_data.html": ["JSON"],
        "snippet.html": ["HTML"],
    }
    assert set(found) >= ENGLISH_PAGES


def test_a_new_language_begins_with_every_text_untranslated_and_unreviewed(tmp_path, texts):
    path = tmp_path / "pt" / "LC_MESSAGES" / "django.po"
    assert update(path, texts) == len(texts)
    assert "X-Reviewed: no" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_show_our_translation_and_not_that_of_another_app(rf, language):
    """Django takes the translation of the first app that has a text, such as its own for “Page not found”."""
    shown = show(rf.get("/"), "not_found", language, status=404, sentence="").content.decode()
    assert f"<h1>{written(language)['Page not found'].string}</h1>" in shown
    assert f'lang="{language}"' in shown
    assert ('dir="rtl"' in shown) is (language == "ar")


def test_a_page_in_a_language_without_a_catalogue_says_that_it_is_english(rf):
    shown = show(rf.get("/"), "not_found", "he", status=404, sentence="").content.decode()
    assert '<html lang="en">' in shown
    assert "Page not found" in shown


@pytest.mark.parametrize(("preferred", "shown_in"), [("de", "de"), ("es", "en"), ("pt-br", "en")])
def test_a_browser_gets_only_languages_that_are_reviewed(rf, preferred, shown_in):
    with translation.override(preferred):
        shown = show(rf.get("/"), "not_found", status=404, sentence="").content.decode()
    assert f'<html lang="{shown_in}">' in shown


@pytest.mark.parametrize(
    ("language", "number", "text"),
    [
        ("de", 1, "1 Quelle"),
        ("de", 3, "3 Quellen"),
        ("fr", 0, "0 source"),
        ("fr", 2, "2 sources"),
        ("pl", 1, "1 źródło"),
        ("pl", 3, "3 źródła"),
        ("pl", 12, "12 źródeł"),
        ("pl", 22, "22 źródła"),
        ("ar", 3, "3 مصادر"),
        ("ar", 11, "11 مصدرًا"),
        ("ar", 100, "100 مصدر"),
    ],
)
def test_a_number_has_the_plural_form_of_its_language(language, number, text):
    texts = find_catalogue(language).texts
    form = texts.ngettext("{label}: {count} source", "{label}: {count} sources", number)
    assert form.replace("{count}", str(number)).partition(":")[2].strip() == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(1, "1 cwestiwn"), (2, "2 gwestiwn"), (3, "3 chwestiwn"), (5, "5 cwestiwn"), (6, "6 chwestiwn")],
)
def test_a_welsh_number_changes_the_first_letter_after_it(number, text):
    form = find_catalogue("cy").texts.ngettext("%(count)s question", "%(count)s questions", number)
    assert form % {"count": number} == text


@pytest.mark.parametrize(
    ("tag", "language"),
    [("de-AT", "de"), ("de_CH", "de"), ("ES-mx", "es"), ("ar", "ar"), ("en-GB", "en"), ("fr-Latn-CA", "fr")],
)
def test_a_region_falls_back_to_its_language(tag, language):
    assert find_catalogue(tag).language == language


@pytest.mark.parametrize("tag", ["he", "ja", "pt-BR", "ar-Latn", "x", ""])
def test_a_language_without_a_catalogue_is_written_in_english_and_says_so(tag):
    assert find_catalogue(tag) is None
    assert written_in(tag) == "en"


def test_an_unreviewed_language_is_used_only_where_somebody_chose_it():
    assert written_in("es") == "es"
    assert written_in("es", offered=("en-GB", "de")) == "en"
    assert written_in("es-MX", offered=("en-GB", "es")) == "es-MX"
    assert written_in("de-AT", offered=("en-GB",)) == "de-AT"


@pytest.mark.parametrize(
    ("tag", "script", "way"),
    [
        ("he", "Hebr", "rtl"),
        ("ar-Latn", "Latn", "ltr"),
        ("pa-PK", "Arab", "rtl"),
        ("sr", "Cyrl", "ltr"),
        ("ja", "Jpan", "ltr"),
        ("dv", "Thaa", "rtl"),
        ("uz-AF", "Arab", "rtl"),
        ("nobody-knows", "Latn", "ltr"),
    ],
)
def test_script_and_direction_are_those_of_the_tag_or_usual(tag, script, way):
    assert script_of(tag) == script
    assert direction(tag) == way


@pytest.mark.django_db
def test_the_form_for_another_site_says_its_language_and_direction(client):
    add_list("brief", "موجز", language="ar")
    page = client.get("/lists/brief/snippet/").content.decode()
    assert "lang=&#34;ar&#34; dir=&#34;rtl&#34;" in page


@pytest.mark.django_db
def test_a_person_sees_an_unreviewed_language_only_where_a_list_of_theirs_has_it(client):
    ada = Subscriber.objects.create(address="ada@example.org", address_key="ada@example.org", locale="es")
    lists = [add_list("brief", "Brief", language="de"), add_list("boletin", "Boletín", language="es")]
    Subscription.objects.create(subscriber=ada, list=lists[0], state=Subscription.State.ACTIVE)
    url = signed_links.make_url(signed_links.Purpose.PREFERENCES, ada)
    page = client.get(url).content.decode()
    assert '<html lang="de"' in page
    # The person's own language stays chosen, so that saving another field does not change it.
    assert '<option value="es" lang="es" selected>español</option>' in page
    assert 'value="pl"' not in page
    Subscription.objects.create(subscriber=ada, list=lists[1], state=Subscription.State.ACTIVE)
    page = client.get(url).content.decode()
    assert '<html lang="es"' in page
    assert '<option value="es" lang="es" selected>español</option>' in page
