"""Notices in further languages are confirmed, keep their emergency numbers, and are recorded."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.errors import Invalid, InvalidFields, NotFound, Refused
from newsletter.issues.models import AuditEntry
from newsletter.issues.notice_translations import (
    MOST_LANGUAGES,
    WantedText,
    change_notices_in,
    confirmed_texts,
    languages_of_notices,
    remove_language,
    texts_in,
    texts_version,
)
from newsletter.issues.topic_rules import WantedRule, change_topic_rules
from subscribers.consent_by_editor import add_by_editor
from subscribers.consent_log import ConsentSource
from subscribers.lists import add_list
from subscribers.models import SourceKind, Subscriber
from subscribers.signed_links import Purpose, make_url

pytestmark = pytest.mark.django_db
EDITOR = ConsentSource(SourceKind.EDITOR, "Edith")
CALL = "In an emergency, call 999 or 112."
POLISH = WantedText(notice=CALL, text="W nagłym wypadku zadzwoń pod 999 lub 112.", confirmed=True)


@pytest.fixture
def weekly(weekly):
    change_topic_rules(weekly, [WantedRule(topic="Cancer", emergency_numbers="999 or 112")])
    return weekly


def test_only_confirmed_texts_count(weekly):
    draft = WantedText(notice="Ask a nurse.", text="Zapytaj pielęgniarkę.")
    assert change_notices_in(weekly, "pl", [POLISH, draft])
    assert confirmed_texts(weekly) == {"pl": {CALL: POLISH.text}}
    assert texts_in(weekly, "pl")["Ask a nurse."].text == "Zapytaj pielęgniarkę."
    assert not change_notices_in(weekly, "pl", [POLISH, draft])
    entry = AuditEntry.objects.filter(act="topic-rules").latest("pk")
    assert entry.sentence == "Changed the notices in Polish."
    assert entry.changes == {
        "notices in pl": [
            [],
            [["Ask a nurse.", "Zapytaj pielęgniarkę.", "not confirmed"], [CALL, POLISH.text, "confirmed"]],
        ]
    }


def test_an_empty_text_removes_a_translation_and_others_stay(weekly):
    change_notices_in(weekly, "pl", [POLISH, WantedText(notice="Ask.", text="Pytaj.", confirmed=True)])
    assert change_notices_in(weekly, "pl", [WantedText(notice="Ask.")])
    assert confirmed_texts(weekly) == {"pl": {CALL: POLISH.text}}
    remove_language(weekly, "pl")
    assert languages_of_notices(weekly) == []
    with pytest.raises(NotFound, match="no notices in Polish"):
        remove_language(weekly, "pl")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("W nagłym wypadku zadzwoń pod 999.", "contains the number 112"),
        ("W nagłym wypadku zadzwoń pod 998 lub 112.", "contains the number 999"),
        ("W nagłym wypadku zadzwoń pod 9991 lub 112.", "contains the number 999"),
        ("", "Enter the text"),
        ("999 112 " + "a" * 693, "up to 700"),
    ],
)
def test_a_text_without_the_emergency_numbers_of_the_notice_is_not_confirmed(weekly, text, said):
    with pytest.raises(InvalidFields) as error:
        change_notices_in(weekly, "pl", [WantedText(notice=CALL, text=text, confirmed=True)])
    assert said in error.value.fields["text-1"]
    assert languages_of_notices(weekly) == []


def test_numbers_can_be_in_other_digits_and_in_another_order(weekly):
    arabic = WantedText(notice=CALL, text="في حالات الطوارئ، اتصل بـ ١١٢ أو ٩٩٩.", confirmed=True)
    assert change_notices_in(weekly, "ar", [arabic])


def test_texts_that_changed_are_not_overwritten(weekly):
    seen = texts_version(weekly, "pl")
    change_notices_in(weekly, "pl", [POLISH], seen=seen)
    with pytest.raises(Refused, match="Somebody else has changed"):
        change_notices_in(weekly, "pl", [], seen=seen)


@pytest.mark.parametrize("language", ["en", "en-GB", "EN", "x", "pl_PL", "", "a" * 36, "xx-nonsense"])
def test_a_language_must_be_another_one(weekly, language):
    with pytest.raises(Invalid, match="language"):
        change_notices_in(weekly, language, [POLISH])


def test_only_an_administrator_changes_notices(weekly):
    change_notices_in(weekly, "pl", [POLISH])
    with acting_as(Actor("ruth", frozenset({Role.EDITOR}))):
        for act in (lambda: change_notices_in(weekly, "pl", []), lambda: remove_language(weekly, "pl")):
            with pytest.raises(Refused, match="administrator role"):
                act()


def test_there_are_only_so_many_languages(weekly):
    tags = ["af", "ar", "bg", "ca", "cs", "cy", "da", "de", "el", "es", "et", "fi"]
    assert len(tags) == MOST_LANGUAGES
    for tag in tags:
        change_notices_in(weekly, tag, [POLISH])
    with pytest.raises(Invalid, match="up to 12 other languages"):
        change_notices_in(weekly, "pl", [POLISH])
    assert not change_notices_in(weekly, "af", [POLISH])


def options_of(person):
    """The languages that the preferences page of a person offers, and the one that is selected."""
    page = Client().get(path_of_preferences(person)).content.decode()
    found = re.findall(r'<option value="([^"]*)"[^>]*?( selected)?>', page)
    return [tag for tag, _selected in found], [tag for tag, selected in found if selected]


def path_of_preferences(person):
    return make_url(Purpose.PREFERENCES, person).removeprefix("http://localhost:8000")


def test_readers_can_choose_each_language_in_which_a_notice_of_their_newsletters_is_confirmed(weekly):
    person = add_by_editor(weekly.mailing_list, "ana@example.org", EDITOR, consent="A form").subscriber
    elsewhere = add_by_editor(
        add_list("other", "Other"), "ben@example.org", EDITOR, consent="A form"
    ).subscriber
    ours, _selected = options_of(person)
    change_notices_in(weekly, "pt-BR", [POLISH])
    change_notices_in(weekly, "de-AT", [POLISH])
    change_notices_in(weekly, "cy", [WantedText(notice=CALL, text=POLISH.text)])
    offered, selected = options_of(person)
    # German is offered already, and nobody has confirmed the Welsh text.
    assert (offered, selected) == ([*ours, "pt-BR"], ["en-GB"])
    assert options_of(elsewhere)[0] == ours
    answer = Client().post(path_of_preferences(person), {"act": "save", "locale": "pt-BR"})
    assert answer.status_code == 303
    assert (
        Client().post(path_of_preferences(elsewhere), {"act": "save", "locale": "pt-BR"}).status_code == 303
    )
    person.refresh_from_db()
    elsewhere.refresh_from_db()
    assert (person.locale, elsewhere.locale) == ("pt-BR", "")
    assert options_of(person) == ([*ours, "pt-BR"], ["pt-BR"])
    weekly.archived_at = timezone.now()
    weekly.save()
    assert options_of(person) == ([*ours, "pt-BR"], ["pt-BR"])
    Subscriber.objects.update(locale="")
    assert options_of(person)[0] == ours
