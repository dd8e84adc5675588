"""The language of a text is guessed by its words: never wrongly for a text that is in the language expected."""

import gettext
from functools import cache
from pathlib import Path

import django
import pytest

from newsletter.preflight.guess_language import FEWEST_WORDS, language_name, other_language

LANGUAGES = ("de", "fr", "es", "it", "nl", "pl", "cy")


@cache
def sentences(language):
    """What Django says in a language, as far as it is long enough to be judged."""
    found = set()
    for path in Path(django.__file__).parent.glob(f"**/locale/{language}/LC_MESSAGES/django.mo"):
        with path.open("rb") as file:
            catalogue = gettext.GNUTranslations(file)._catalog
        found |= {
            text
            for key, text in catalogue.items()
            if key and isinstance(key, str) and len(text.split()) >= FEWEST_WORDS + 3 and "%" not in text
        }
    return sorted(found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_in_the_expected_language_is_never_taken_for_another(language):
    texts = sentences(language)
    assert len(texts) > 10
    assert [text for text in texts if other_language(text, language)] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("expected", ["en-GB", "de", "cy"])
def test_four_in_five_texts_in_another_language_are_found(language, expected):
    if language == expected:
        return
    texts = sentences(language)
    found = [text for text in texts if other_language(text, expected) == language]
    assert len(found) > 0.8 * len(texts), sorted(set(texts) - set(found))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Wir sind jetzt da, und das ist gut.", "en"),
        ("Ada Jones, Carlos de la Cruz and Maria van der Berg met José de los Santos in Leeds.", "en"),
        ("The choir sings “Die Himmel erzählen die Ehre Gottes, und seiner Hände Werk” on Sunday.", "en"),
        ("Nous avons ouvert la ligne tous les soirs de la semaine, et nous répondons à vos questions.", "eu"),
    ],
)
def test_a_short_text_names_quotations_and_languages_that_we_do_not_know_are_left_alone(text, expected):
    assert other_language(text, expected) == ""


def test_a_language_that_we_do_not_know_has_its_code_for_a_name():
    assert [language_name(each) for each in ("de-AT", "eu")] == ["German", "eu"]
