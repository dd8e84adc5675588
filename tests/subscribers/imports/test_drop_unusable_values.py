"""Values beside the address and the consent cost nobody their row: they are understood, or kept as they came."""

import io

import pytest

from subscribers.imports.run_import import import_people
from subscribers.models import List, Subscriber

# What a file says is understood before either database is asked; test_run_import.py writes to both.
pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_full]


@pytest.fixture
def news():
    return List.objects.create(slug="news", name="News")


def bring(news, text):
    return import_people(io.BytesIO(text.encode()), news, consent="Paper forms")


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("English", "en"), ("Deutsch", "de"), ("French", "fr"), ("français", "fr"), ("Französisch", "fr"),
        ("inglés", "en"), ("Polnisch", "pl"), ("日本語", "ja"), ("Русский", "ru"), ("Portuguese (Brazil)", "pt-BR"),
        ("English (UK)", "en-GB"), ("en_US", "en-US"), ("Marsian", ""), ("1", ""),
        ("xx-nonsense", ""), ("en-nonsense", ""),
    ],
)  # fmt: skip
def test_a_language_is_known_by_its_names_or_kept(news, written, tag):
    outcome = bring(news, f"email,Language\nwilma@example.org,{written}\n")

    wilma = Subscriber.objects.get()
    assert (wilma.locale, wilma.attributes) == (tag, {} if tag else {"language": written})
    assert len(outcome.notes) == (0 if tag else 1)


@pytest.mark.parametrize(
    ("written", "zone"),
    [
        ("W. Europe Standard Time", "Europe/Berlin"), ("Eastern Standard Time", "America/New_York"),
        ("Pacific Time (US & Canada)", "America/Los_Angeles"), ("europe/london", "Europe/London"), ("Moon", ""),
    ],
)  # fmt: skip
def test_a_time_zone_is_known_by_its_names_or_kept(news, written, zone):
    bring(news, f"email,Time zone\nwilma@example.org,{written}\n")

    wilma = Subscriber.objects.get()
    assert (wilma.zone, wilma.attributes) == (zone, {} if zone else {"time_zone": written})


def test_a_name_that_is_too_long_is_kept_as_an_attribute(news):
    assert bring(news, f"email,first name\nwilma@example.org,{'W' * 151}\n").added == 1
    assert Subscriber.objects.get().attributes == {"first_name": "W" * 151}


@pytest.mark.parametrize("between", [" ::: ", "; ", ", ", " / ", " "])
def test_the_first_of_several_addresses_in_a_cell_is_used_and_the_others_are_kept(news, between):
    outcome = bring(news, f'email,name\n"wilma@example.org{between}w@work.example",Wilma\n')

    wilma = Subscriber.objects.get()
    assert wilma.address == "wilma@example.org"
    assert wilma.attributes == {"other_addresses": "w@work.example"}
    assert "We use the first" in outcome.notes[0]


def test_two_mailboxes_are_never_one_person(news):
    text = "email\nstraße@example.org\nstrasse@example.org\nx@faß.example\nx@fass.example\nx@FASS.example\n"

    assert bring(news, text).added == 4


@pytest.mark.parametrize(
    ("cell", "tag"),
    [
        ("en-us", "en-US"), ("EN", "en"), ("en_US.UTF-8", "en-US"), ("de-CH,de;q=0.9", "de-CH"),
        ("zh-hans-cn", "zh-Hans-CN"),
        ("Castellano", "es"), ("Flemish", "nl"), ("Português do Brasil", "pt-BR"), ("Englisch (UK)", "en-GB"),
        ("немецкий", "de"), ("ドイツ語", "de"), ("Tysk", "de"), ("saksa", "de"),
    ],
)  # fmt: skip
def test_a_language_is_known_as_people_and_programs_write_it(news, cell, tag):
    bring(news, f'Email,Language\nwilma@example.org,"{cell}"\n')

    assert Subscriber.objects.get().locale == tag


@pytest.mark.parametrize(
    ("cell", "zone"),
    [
        ("(GMT-05:00) Eastern Time (US & Canada)", "America/New_York"),
        ("(GMT+01:00) Berlin", "Europe/Berlin"),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome", "Europe/Amsterdam"),
        ("Europe/Berlin (CET)", "Europe/Berlin"),
        ("Sydney", "Australia/Sydney"),
        ("Central European Time", "Europe/Berlin"),
        ("Hawaii", "Pacific/Honolulu"),
    ],
)
def test_a_time_zone_is_known_as_people_and_programs_write_it(news, cell, zone):
    bring(news, f'Email,Time zone\nwilma@example.org,"{cell}"\n')

    assert Subscriber.objects.get().zone == zone
