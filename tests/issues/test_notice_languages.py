"""Which notices a reader gets, by the reader's language and those in which the notices are."""

import pytest

from newsletter.issues.notice_languages import languages_in_order
from subscribers.models import List, Subscriber, Subscription
from subscribers.segments.select_people import chosen

ENGLISH = "en-GB"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("offered", "own", "readers"),
    [
        (["pl"], ENGLISH, {"pl": "pl", "PL": "pl", "pl-PL": "pl", "plx": "", "": "", "en": "", "p": ""}),
        (["pt-BR"], ENGLISH, {"pt-BR": "pt-BR", "pt": "pt-BR", "pt-PT": "pt-BR"}),
        (["pt-BR", "pt-PT"], ENGLISH, {"pt-BR": "pt-BR", "pt": "pt-BR", "pt-PT": "pt-PT", "pt-AO": "pt-BR"}),
        (["pt", "pt-BR"], ENGLISH, {"pt-BR": "pt-BR", "pt": "pt", "pt-PT": "pt"}),
        (["zh-Hant"], ENGLISH, {"zh-Hant": "zh-Hant", "zh-Hant-HK": "zh-Hant", "zh": "", "zh-Hans": ""}),
        (["zh-Hans", "zh-Hant"], ENGLISH, {"zh": "zh-Hans", "zh-Hant": "zh-Hant"}),
        (["en-US"], ENGLISH, {"en-US": "en-US", "en": "", "en-AU": "", "en-GB": ""}),
        (["en", "en-GB", "fr"], ENGLISH, {"en-GB": "", "en": "", "fr-CA": "fr"}),
        (
            ["zh"],
            ENGLISH,
            {"zh-CN": "zh", "zh-SG": "zh", "zh-TW": "", "zh-HK": "", "zh-Hant-MO": "", "zh-Latn": ""},
        ),
        (["zh-Hant"], ENGLISH, {"zh-TW": "zh-Hant", "zh-HK": "zh-Hant", "zh-Hans-HK": "", "zh-CN": ""}),
        (["zh-TW"], ENGLISH, {"zh-TW": "zh-TW", "zh-Hant": "zh-TW", "zh-HK": "zh-TW", "zh": ""}),
        (["zh-HK", "zh-TW"], ENGLISH, {"zh-TW": "zh-TW", "zh-HK": "zh-HK", "zh-Hant": "zh-HK", "zh": ""}),
        (["zh", "zh-Hant"], "zh-TW", {"zh": "zh", "zh-CN": "zh", "zh-TW": "", "zh-Hant": "", "zh-HK": ""}),
        (
            ["uz"],
            ENGLISH,
            {"uz": "uz", "uz-UZ": "uz", "uz-Latn": "uz", "uz-Arab": "", "uz-Cyrl-UZ": "", "uz-AF": ""},
        ),
        (["ar"], ENGLISH, {"ar": "ar", "ar-EG": "ar", "ar-Latn": ""}),
        (["sr"], ENGLISH, {"sr": "sr", "sr-RS": "sr", "sr-Cyrl-ME": "sr", "sr-ME": "", "sr-Latn": ""}),
        (["sr-Latn"], "sr", {"sr": "", "sr-RS": "", "sr-ME": "sr-Latn", "sr-Latn-RS": "sr-Latn"}),
        (
            ["he", "id", "nb", "yi"],
            ENGLISH,
            {"iw": "he", "in-ID": "id", "no": "nb", "nb-NO": "nb", "ji": "yi", "nn": ""},
        ),
        (["nb", "no"], ENGLISH, {"no": "no", "nb": "nb"}),
        (["iw"], ENGLISH, {"he": "iw", "he-IL": "iw", "iw": "iw"}),
        (["no"], "nb", {"no": "", "nb": ""}),
        (["de-CH"], "de", {"de-CH": "de-CH", "de": "", "de-AT": ""}),
    ],
)
def test_readers_get_their_own_language_or_one_of_its_family_or_the_newsletters(offered, own, readers):
    mailing_list = List.objects.create(slug="readers", name="Readers")
    for number, locale in enumerate(readers):
        person = Subscriber.objects.create(
            address=f"{number}@example.org", address_key=f"{number}@example.org", locale=locale
        )
        Subscription.objects.create(subscriber=person, list=mailing_list, state=Subscription.State.ACTIVE)
    got = dict.fromkeys(readers, "")
    for language in reversed(languages_in_order(offered, own)):
        people = chosen(language.readers, mailing_list).values_list("subscriber__locale", flat=True)
        got |= dict.fromkeys(people, language.tag)
    assert got == readers


def test_a_text_that_a_language_lacks_is_taken_from_the_nearest_of_its_family():
    texts_from = {each.tag: each.texts_from for each in languages_in_order(["pt", "pt-BR", "pt-PT"], ENGLISH)}
    assert texts_from == {
        "pt-BR": ("pt-BR", "pt", "pt-PT"),
        "pt-PT": ("pt-PT", "pt", "pt-BR"),
        "pt": ("pt", "pt-BR", "pt-PT"),
    }
    scripts = {each.tag: each.texts_from for each in languages_in_order(["zh-Hans", "zh-Hant"], ENGLISH)}
    assert scripts == {"zh-Hans": ("zh-Hans",), "zh-Hant": ("zh-Hant",)}
