"""A language that is entered exists: a tag that only looks like one is refused at every door, and named."""

import pytest
from babel import Locale, localedata

from newsletter.articles.steps.language_tag import language_tag
from newsletter.web.desk.languages_and_zones import every_language
from subscribers import consent
from subscribers.consent import PersonalDetails
from subscribers.errors import Invalid
from subscribers.language_tags import is_language_tag, why_not_language_tag
from subscribers.lists import add_list, edit_list
from subscribers.models import List, Subscriber
from subscribers.sign_up_texts import set_texts
from tests.subscribers.conftest import EDITOR

UNKNOWN = [
    "xx-nonsense",
    "en-nonsense",
    "en-XX",
    "xx",
    "qq-GB",
    "zz",
    "qaa",
    "und",
    "mul",
    "de-1996-1996",
    "klingon",
]
UNREADABLE = ["", "e", "en_GB", "en-", "-en", "en GB", "en-GB\n", "a" * 36, "日本語"]


@pytest.mark.parametrize("tag", [*UNKNOWN, *UNREADABLE])
def test_a_tag_of_which_a_part_does_not_exist_is_refused_by_name(tag):
    assert not is_language_tag(tag)
    sentence = f"“{tag[:40]}” is not a language tag. Enter a tag such as en-GB, de or cy."
    assert why_not_language_tag(tag) == sentence


@pytest.mark.parametrize(
    "tag",
    [
        "en",
        "EN-gb",
        "en-UK",
        "de-1996",
        "ca-valencia",
        "zh-Hant-TW",
        "sr-Latn",
        "es-419",
        "iw",
        "no",
        "gsw-CH",
        "yue",
    ],
)
def test_a_tag_that_exists_is_accepted_in_any_capitals(tag):
    assert why_not_language_tag(tag) == ""


def test_every_language_that_we_offer_and_that_babel_writes_dates_in_exists():
    offered = [tag for tag, _name in every_language() if tag]
    assert [tag for tag in offered if not is_language_tag(tag)] == []
    known = [str(Locale.parse(each)).replace("_", "-") for each in localedata.locale_identifiers()]
    assert [tag for tag in known if tag != "en-US-POSIX" and not is_language_tag(tag)] == []


@pytest.mark.parametrize("tag", UNKNOWN)
def test_lists_sign_up_texts_and_people_have_only_languages_that_exist(news, ada, tag):
    acts = (
        lambda: add_list("others", "Others", language=tag),
        lambda: edit_list(List.objects.get(pk=news.pk), language=tag),
        lambda: set_texts(news, tag, {"sign_up_heading": "Hello"}),
        lambda: consent.change_details(ada.subscriber, EDITOR, PersonalDetails(locale=tag)),
    )
    for act in acts:
        with pytest.raises(Invalid, match=f"“{tag}” is not a language tag"):
            act()


def test_what_was_stored_before_tags_were_looked_up_stops_no_other_change(news, ada):
    List.objects.filter(pk=news.pk).update(language="xx-nonsense")
    Subscriber.objects.filter(pk=ada.subscriber.pk).update(locale="xx-nonsense")
    assert edit_list(List.objects.get(pk=news.pk), name="The Good News")
    consent.change_details(ada.subscriber, EDITOR, PersonalDetails(first_name="Adah", locale="xx-nonsense"))
    assert Subscriber.objects.get().first_name == "Adah"


@pytest.mark.parametrize(("tag", "kept"), [("en_us", "en-US"), ("xx-nonsense", ""), ("en-US.UTF-8", "en-US")])
def test_the_language_of_an_article_is_dropped_if_it_does_not_exist(tag, kept):
    assert language_tag(tag) == kept
