"""The error of a form about subscribers is shown beside the field that it is about, and the summary links to it."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from newsletter.people_files.models import ImportedFile
from subscribers.consent import ConsentSource
from subscribers.lists import add_list, add_topic, archive_list
from subscribers.models import SourceKind
from subscribers.suppression import Reason, suppress

SUBSCRIBERS = "/desk/subscribers/"
EDITOR = ConsentSource(SourceKind.EDITOR, "Ruth")


@pytest.fixture
def ada(just_logged_in, publication):
    return just_logged_in("ada")


def fields_with_errors(answer):
    """Return the ids of the fields that the summary links to, in its order. Each has its error beside it."""
    page = answer.content.decode()
    summary = page.split('class="error-summary"')[1].split("</ul>")[0]
    fields = re.findall(r'<a href="#([^"]+)">', summary)
    for field in fields:
        assert f'id="{field}"' in page
        assert f'id="{field}-error"' in page
    return fields


ADDED = {
    "no address": ({"address": ""}, "address"),
    "no such address": ({"address": "nonsense"}, "address"),
    "a mistyped address": ({"address": "cem@gmial.com"}, "address"),
    "a suppressed address": ({"address": "bo@works.example"}, "address"),
    "no such list": ({"list": "gone"}, "list"),
    "an archived list": ({"list": "old"}, "list"),
    "no consent": ({"consent": ""}, "consent"),
    "a long first name": ({"first_name": "C" * 151}, "first_name"),
    "a last name of two lines": ({"last_name": "Cem\nBcc: x"}, "last_name"),
    "no such basis": ({"basis": "magic"}, "basis"),
    "a personal address": ({"basis": "business", "address": "cem@gmail.com"}, "basis"),
    "a basis and a confirmation": ({"basis": "membership", "ask": "on"}, "basis"),
    "no date": ({"basis": "membership", "collected_on": "soon"}, "collected_on"),
    "a date to come": ({"basis": "membership", "collected_on": "2999-01-01"}, "collected_on"),
    "a soft opt-in without a date": ({"basis": "charitable", "own_details": "on"}, "collected_on"),
    "details from others": ({"basis": "customer"}, "own_details"),
}


@pytest.mark.parametrize("case", ADDED)
def test_adding_a_person_shows_an_error_beside_its_field(ada, mailing_list, case):
    archive_list(add_list("old", "Old"))
    suppress("bo@works.example", Reason.COMPLAINT, EDITOR)
    typed, field = ADDED[case]
    form = {"list": mailing_list.slug, "address": "cem@works.example", "consent": "Open day"}
    assert fields_with_errors(ada.post(f"{SUBSCRIBERS}add/", {**form, **typed})) == [field]


def test_adding_a_person_with_a_topic_that_was_removed_shows_it_at_the_topics(ada, mailing_list):
    add_topic(mailing_list, "research", "Research")
    form = {"list": mailing_list.slug, "address": "cem@works.example", "consent": "Open day"}
    page = ada.post(f"{SUBSCRIBERS}add/", {**form, "topic": f"{mailing_list.slug}:gone"}).content.decode()
    assert '<p class="field-error" id="topic-error">' in page


PASTED = {
    "no address": ({"people": " "}, "people"),
    "text without addresses": ({"people": "Ada"}, "people"),
    "no such list": ({"list": "gone"}, "list"),
    "an archived list": ({"list": "old"}, "list"),
    "no consent": ({"consent": " "}, "consent"),
}


@pytest.mark.parametrize("case", PASTED)
def test_pasting_addresses_shows_an_error_beside_its_field(ada, mailing_list, case):
    archive_list(add_list("old", "Old"))
    typed, field = PASTED[case]
    form = {"list": mailing_list.slug, "people": "cem@works.example", "consent": "Open day", "act": "check"}
    assert fields_with_errors(ada.post(f"{SUBSCRIBERS}paste/", {**form, **typed})) == [field]


ACTED = {
    "no such list": ("add-to-list", {"to_list": "gone", "consent": "Open day"}, "to_list"),
    "no consent": ("add-to-list", {"consent": ""}, "consent"),
    "no date": ("add-to-list", {"consent": "Open day", "collected_on": "soon"}, "collected_on"),
    "details from others": ("add-to-list", {"consent": "Open day", "basis": "customer"}, "own_details"),
    "no such topic": ("add-topic", {"to_topic": "gone"}, "to_topic"),
    "another number of people": ("erase", {"typed": "erase 2"}, "typed"),
}


@pytest.mark.parametrize("case", ACTED)
def test_acting_on_people_shows_an_error_beside_its_field(ada, amara, mailing_list, case):
    kind, typed, field = ACTED[case]
    form = {"act": kind, "confirmed": "yes", "seen": "1", "person": str(amara.pk)}
    answer = ada.post(f"{SUBSCRIBERS}act/", {**form, "to_list": mailing_list.slug, **typed})
    assert fields_with_errors(answer) == [field]


OF_ONE = {
    "subscribe without consent": ("subscribe", {"consent": ""}, ["consent"]),
    "subscribe on no such basis": ("subscribe", {"consent": "Open day", "basis": "magic"}, ["basis"]),
    "subscribe with details from others": (
        "subscribe",
        {"consent": "Open day", "basis": "customer"},
        ["own_details"],
    ),
    "record a basis without a statement": ("basis", {"basis": "membership", "consent": ""}, ["consent"]),
    "record a basis on no date": (
        "basis",
        {"basis": "membership", "consent": "Open day", "collected_on": "soon"},
        ["collected_on"],
    ),
    "a long last name": ("details", {"last_name": "C" * 151}, ["last_name"]),
    "no such language": ("details", {"locale": "english"}, ["locale"]),
    "no such time zone": ("details", {"zone": "Mars/Olympus"}, ["zone"]),
    "a detail without a value": ("details", {"new_name": "country"}, ["new_value"]),
    "a detail without a name": ("details", {"new_value": "Wales"}, ["new_name"]),
    "details that a colleague changed": ("details", {"first_name": "Amy", "seen": "earlier"}, []),
}


@pytest.mark.parametrize("case", OF_ONE)
def test_the_forms_of_one_person_show_an_error_beside_its_field(ada, amara, mailing_list, case):
    page, typed, fields = OF_ONE[case]
    address = f"{SUBSCRIBERS}{amara.pk}/{page}/"
    form = ada.get(f"{address}?list={mailing_list.slug}").content.decode()
    seen = dict(re.findall(r'name="(seen)" value="(\w+)"', form))
    answer = ada.post(address, {"list": mailing_list.slug, **seen, **typed})
    assert fields_with_errors(answer) == fields


ANSWERED = {
    "no such basis": ({"basis": "magic"}, "basis"),
    "no date": ({"basis": "membership", "collected_on": "soon"}, "collected_on"),
    "requests of no day": ({"received_on": "soon"}, "received_on"),
    "requests of a day to come": ({"received_on": "2999-01-01"}, "received_on"),
}


@pytest.mark.parametrize("case", ANSWERED)
def test_the_answers_about_a_file_show_an_error_beside_its_field(ada, mailing_list, case):
    typed, field = ANSWERED[case]
    ada.post(f"{SUBSCRIBERS}import/", {"file": SimpleUploadedFile("people.csv", b"email\nada@example.org\n")})
    columns = f"{SUBSCRIBERS}import/{ImportedFile.objects.get().pk}/columns/"
    assert fields_with_errors(ada.post(columns, typed)) == [field]


def test_an_import_without_consent_shows_it_beside_the_consent(ada, mailing_list):
    ada.post(f"{SUBSCRIBERS}import/", {"file": SimpleUploadedFile("people.csv", b"email\nada@example.org\n")})
    file = f"{SUBSCRIBERS}import/{ImportedFile.objects.get().pk}/"
    ada.post(f"{file}columns/", {})
    for typed, field in (({"consent": " "}, "consent"), ({"list": "gone"}, "list")):
        answer = ada.post(f"{file}check/", {"list": mailing_list.slug, "act": "import", **typed})
        assert fields_with_errors(answer) == [field]
