"""The notes of the consent log in the language of the person, and what people wrote as they wrote it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from subscribers import consent, signed_links
from subscribers.address_changes import ask_to_change_address
from subscribers.consent_notes import readable_note
from subscribers.consent_rules import PersonalDetails
from subscribers.lists import add_list
from subscribers.models import Subscriber, Subscription
from subscribers.signed_links import Purpose
from subscribers.translated_languages import texts_in
from tests.subscribers.conftest import EDITOR


def in_german(note):
    return readable_note(note, texts_in("de"), lambda day: {"2026-12-03": "3. Dezember 2026"}[day])


@pytest.mark.parametrize(
    ("note", "shown"),
    [
        ("Paused until 2026-12-03.", "Pausiert bis zum 3. Dezember 2026."),
        ("The person had not confirmed by 2026-12-03.", "Bis zum 3. Dezember 2026 nicht bestätigt."),
        ("Import 12 was undone.", "Import 12 wurde rückgängig gemacht."),
        ("Changed first name, zone, other details.", "Vorname, Zeitzone, Andere Angaben"),
        ("left all", "Von allen Listen abgemeldet."),
        ("According to the imported file.", "Laut der importierten Datei."),
        ("", ""),
    ],
)
def test_our_notes_are_in_the_language_of_the_person(note, shown):
    assert in_german(note) == shown


@pytest.mark.parametrize(
    "note", ["Changed my mind.", "Changed nation.", "Paused until spring.", "Too many emails", "%(day)s"]
)
def test_what_somebody_wrote_stays_as_it_is(note):
    assert in_german(note) == note


@pytest.mark.django_db
def test_no_note_of_ours_is_in_english_on_a_page_in_another_language():
    ada = Subscriber.objects.create(address="ada@example.org", address_key="ada@example.org", locale="de")
    brief = add_list("brief", "Der Brief", language="de")
    subscription = Subscription.objects.create(subscriber=ada, list=brief, state=Subscription.State.ACTIVE)
    consent.change_details(ada, EDITOR, PersonalDetails(first_name="Ada"))
    consent.pause(subscription, EDITOR, until=timezone.localdate() + timedelta(days=3))
    ask_to_change_address(ada, "countess@example.org", EDITOR)
    consent.unsubscribe_from_all(ada, EDITOR)
    page = Client().get("/my-data/" + signed_links.make_token(Purpose.EXPORT, ada)).content.decode()
    for note in (
        "Vorname",
        "Pausiert bis zum",
        "Um Änderung der Adresse gebeten.",
        "Von allen Listen abgemeldet.",
    ):
        assert note in page
    for english in ("Changed", "Paused", "Asked", "left all"):
        assert english not in page
