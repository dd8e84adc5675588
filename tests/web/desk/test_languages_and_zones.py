"""Languages and time zones are chosen from one list of names, which keeps what is stored or was typed."""

import pytest

from newsletter.web.desk import languages_and_zones as choices
from subscribers.models import Subscriber
from subscribers.personal_details import LANGUAGE_TAG, zones
from subscribers.translated_languages import catalogues, find_catalogue


def test_every_language_that_has_our_texts_is_offered_and_each_name_is_there_once():
    offered = {find_catalogue(tag).language for tag in choices.WITH_OUR_TEXTS}
    assert offered == set(catalogues())
    found = choices.every_language()
    names = [name for _tag, name in found]
    assert len(set(names)) == len(names)
    assert names[0] == "Not known"
    assert names[1:] == sorted(names[1:])
    assert all(LANGUAGE_TAG.fullmatch(tag) and name != tag for tag, name in found[1:])


def test_what_is_stored_can_stay_even_if_the_list_does_not_have_it():
    assert ("de-LU", "German (Luxembourg)") in choices.every_language("de-LU")
    assert ("x-secret", "x-secret") in choices.every_language("x-secret")
    assert ("GMT", "GMT") in choices.every_zone("GMT")
    assert {tag for tag, _name in choices.every_zone()} - {""} <= set(zones().values())


@pytest.fixture
def person(publication):
    return Subscriber.objects.create(address="a@example.org", address_key="a@example.org", locale="de-LU")


def test_the_details_of_a_person_are_chosen_by_name_and_shown_by_name(desk_of, person):
    ruth, page = desk_of("ruth"), f"/desk/subscribers/{person.pk}/"
    form = ruth.get(f"{page}details/").content.decode()
    assert '<option value="de-LU" selected>German (Luxembourg)</option>' in form
    assert '<option value="cy">Welsh</option>' in form
    assert '<option value="Europe/London">Europe/London</option>' in form
    assert "German (Luxembourg)" in ruth.get(page).content.decode()
    [seen] = [part.split('"')[0] for part in form.split('name="seen" value="')[1:]]
    answer = ruth.post(
        f"{page}details/", {"seen": seen, "locale": "cy", "zone": "Europe/London"}, follow=True
    )
    assert "Welsh · time zone Europe/London" in " ".join(answer.content.decode().split())
    person.refresh_from_db()
    assert (person.locale, person.zone) == ("cy", "Europe/London")
