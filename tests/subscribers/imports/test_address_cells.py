"""Addresses are read as spreadsheets, mail programs and address books write them; nobody is lost for a second one."""

import io

import pytest

from subscribers.imports.run_import import import_people
from subscribers.models import List, Subscriber

TABLE = "Name,Email,Status\nWilma,wilma@example.org,active\nOtto,otto@example.org,unsubscribed\n"
# What a file says is understood before either database is asked; test_run_import.py writes to both.
pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_full]


@pytest.fixture
def news():
    return List.objects.create(slug="news", name="News")


def bring(news, text):
    return import_people(io.BytesIO(text.encode()), news, consent="Sign-up sheet")


def addresses():
    return set(Subscriber.objects.values_list("address", flat=True))


@pytest.mark.parametrize(
    "cell",
    [
        "'wilma@example.org'",
        "“wilma@example.org”",
        "wilma@example.org.",
        "wilma＠example.org",
        "wilma@example.org,",
        "(wilma@example.org)",
        '="wilma@example.org"',
        '=HYPERLINK("mailto:wilma@example.org","write to Wilma")',
        '=hyperlink("mailto:wilma@example.org";"Wilma")',
        "Wilma Lind <wilma@example.org>",
        '"Lind, Wilma" <wilma@example.org>',
        "wilma@example.org or home@example.org",
        "wilma@example.org oder home@example.org",
        "wilma@example.org & home@example.org",
        "wilma@example.org\nhome@example.org",
        "Wilma <wilma@example.org>; Home <home@example.org>",
    ],
)
def test_an_address_is_read_without_what_is_around_it(news, cell):
    quoted = cell.replace('"', '""')
    bring(news, f'Name,Email\nWilma Lind,"{quoted}"\n')

    assert addresses() == {"wilma@example.org"}


@pytest.mark.parametrize(
    "cell",
    [
        "do not write to wilma@example.org",
        "wilma@example.org until May",
        "wilma@example",
        "o'brien@@example.org",
    ],
)
def test_a_cell_with_other_text_is_refused(news, cell):
    assert bring(news, f"Name,Email\nWilma,{cell}\n").refused == 1


def test_a_person_without_a_first_address_is_known_by_the_second(news):
    outcome = bring(
        news,
        "Name,E-mail 1 - Value,E-mail 2 - Value,Parent email\n"
        "Wilma,wilma@example.org ::: home@example.org,,\nOtto,,otto@example.org,\nPia,n/a,,mother@example.org\n",
    )

    assert addresses() == {"wilma@example.org", "otto@example.org"}
    assert outcome.refused == 1
    assert any("because “E-mail 1 - Value” has no address" in note for note in outcome.notes)


def test_the_first_column_of_addresses_is_the_address_of_a_person(news):
    bring(
        news,
        "Name,E-mail 1 - Value,E-mail 2 - Value\n"
        "Wilma,wilma@example.org,home@example.org\nOtto,,otto@example.org\nPia,,pia@example.org\n",
    )

    assert addresses() == {"wilma@example.org", "otto@example.org", "pia@example.org"}


@pytest.mark.parametrize(
    "text",
    [
        "Wilma Lind <wilma@example.org>; Otto <otto@example.org>; pia@example.org\n",
        "wilma@example.org, otto@example.org, pia@example.org",
        '"Lind, Wilma" <wilma@example.org>,\nOtto <otto@example.org>,\n<pia@example.org>\n',
    ],
)
def test_recipients_pasted_from_a_mail_program_are_people(news, text):
    assert bring(news, text).added == 3
    assert addresses() == {"wilma@example.org", "otto@example.org", "pia@example.org"}


def test_two_columns_of_addresses_without_headings_are_not_two_people(news):
    bring(news, "wilma@example.org,home@example.org\notto@example.org,post@example.org\n")

    assert addresses() == {"wilma@example.org", "otto@example.org"}


@pytest.mark.parametrize(
    "text",
    [
        "Choir,,\n\n" + TABLE,
        '"Notes:"\n"Some are missing, as people hide them."\n\n' + TABLE,
        '"Name,Email,Status"\n"Wilma,wilma@example.org,active"\n"Otto,otto@example.org,unsubscribed"\n',
        '"Choir"\n"Name;Email;Status"\n"Wilma;wilma@example.org;active"\n"Otto;otto@example.org;unsubscribed"\n',
    ],
)
def test_a_table_is_found_below_a_title_and_within_quotes(news, text):
    outcome = bring(news, text)

    assert outcome.refused == 0
    assert Subscriber.objects.get(address="wilma@example.org").first_name == "Wilma"
    assert Subscriber.objects.get(address="otto@example.org").subscriptions.get().state == "unsubscribed"


def test_rows_below_a_title_keep_their_numbers(news):
    outcome = bring(news, "Choir,\nMay,\nName,Email\nWilma,wilma@example.org\nOtto,otto\n")

    assert [one.row for one in outcome.first_refused] == [5]
    assert "The headings are in line 3. We ignored the lines above it." in outcome.notes


def test_texts_that_a_spreadsheet_was_told_not_to_compute_are_plain(news):
    bring(news, 'Email,First name,Phone\nwilma@example.org,="Wilma",="0049 30"\n')

    wilma = Subscriber.objects.get()
    assert (wilma.first_name, wilma.attributes) == ("Wilma", {"phone": "0049 30"})


@pytest.mark.parametrize(
    ("cell", "tag"), [("ENG", "en"), ("ger", "de"), ("FRA-CA", "fr-CA"), ("deu", "de"), ("gsw", "gsw")]
)
def test_a_language_code_of_three_letters_is_the_one_of_two(news, cell, tag):
    bring(news, f"Email,Language\nwilma@example.org,{cell}\n")

    assert Subscriber.objects.get().locale == tag
