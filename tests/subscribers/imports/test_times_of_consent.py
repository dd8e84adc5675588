"""A column with the times of people’s consent says when they joined, where no other column does."""

import io
from datetime import UTC, datetime

import pytest

from subscribers.imports.detect_layout import detect_format
from subscribers.imports.import_options import ImportOptions
from subscribers.imports.run_import import import_people
from subscribers.models import List, Subscription

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_full]

HEADINGS = (
    "OPTIN_TIME",
    "optin_date",
    "Opt-in date",
    "subscribed_at",
    "Date subscribed",
    "Signup date",
    "Sign up time",
    "confirmed",
    "confirmed_at",
    "CONFIRM_TIME",
    "Registration date",
    "Einwilligung am",
    "Bestätigt am",
    "Anmeldezeitpunkt",
    "abonné le",
    "Date de confirmation",
    "fecha de registro",
    "data di registrazione",
    "ingeschreven op",
    "inscrito em",
    "data rejestracji",
    "registreringsdatum",
)


@pytest.fixture
def news():
    return List.objects.create(slug="news", name="News")


def targets(text):
    found = detect_format(text.splitlines(keepends=True)).mapping.columns
    return {column.heading: column.target for column in found}


def bring(news, text, *choices):
    wishes = ImportOptions(choices=choices)
    return import_people(io.BytesIO(text.encode()), news, consent="Their form", wishes=wishes)


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_column_of_times_of_consent_is_the_date_joined(news, heading):
    text = f"email,{heading}\nada@example.org,2024-11-05 15:48:51\nbob@example.org,2024-10-13\n"
    assert targets(text)[heading] == "joined"
    assert not bring(news, text).questions
    joined = Subscription.objects.get(subscriber__address="ada@example.org").joined_at
    assert joined == datetime(2024, 11, 5, 15, 48, 51, tzinfo=UTC)


@pytest.mark.parametrize("heading", ["OPTIN_TIME", "confirmed_at"])
def test_nobody_without_a_time_of_consent_is_emailed(news, heading):
    text = f"email,{heading}\nada@example.org,2024-11-05\nbob@example.org,\neve@example.org,no\n"
    rows = "".join(f"p{number}@example.org,2024-11-05\n" for number in range(20))
    bring(news, text + rows)
    active = Subscription.objects.filter(state=Subscription.State.ACTIVE).values_list(
        "subscriber__address", flat=True
    )
    assert "ada@example.org" in active
    assert not {"bob@example.org", "eve@example.org"} & set(active)


def test_another_date_of_joining_is_better_and_the_times_of_consent_still_count(news):
    text = "email,OPTIN_TIME,joined\nada@example.org,2024-11-05,2020-01-02\nbob@example.org,,2020-01-02\n"
    assert targets(text)["OPTIN_TIME"] == "subscribed"
    bring(news, text.replace("joined", "since when"), "since when=joined")
    assert Subscription.objects.get().joined_at == datetime(2020, 1, 2, tzinfo=UTC)


def test_answers_and_days_that_could_be_two_are_no_date_of_joining():
    assert targets("email,opted in\nada@example.org,yes\n")["opted in"] == "subscribed"
    assert targets("email,OPTIN_TIME\nada@example.org,03/04/2024\n")["OPTIN_TIME"] == "subscribed"
    assert (
        targets("email,confirmation expires\nada@example.org,2024-11-05\n")["confirmation expires"]
        != "joined"
    )


def test_a_mailchimp_export_without_times_of_confirmation_says_when_people_opted_in():
    text = "Email Address,OPTIN_TIME,LEID,EUID\nada@example.org,2024-11-05 15:48:51,1,a\n"
    assert targets(text)["OPTIN_TIME"] == "joined"


def test_a_date_that_could_be_two_is_named_with_its_row(news):
    rows = "".join(f"p{number}@example.org,2024-11-05\n" for number in range(20))
    outcome = bring(news, f"email,OPTIN_TIME\n{rows}ada@example.org,09/10/2024\n")
    assert outcome.notes == [
        (
            "“OPTIN_TIME”, row 22: “09/10/2024” could be two dates. Say whether the day or the month comes first. "
            "A new person then joins today. We keep the text as the detail optin_time."
        )
    ]


@pytest.mark.parametrize(
    ("cells", "target"),
    [
        (("03/04/2026", "12/31/2026"), "joined_month_first"),
        (("03/04/2026", "31/12/2025"), "joined_day_first"),
        (("03/04/2026", "31/12/2025", "12/31/2025"), "attribute:signed_up_on"),
        (("03/04/2026",), "attribute:signed_up_on"),
        (("2026-04-03", "31/12/2025"), "joined"),
    ],
)
def test_dates_that_can_be_read_one_way_show_the_order_of_the_others(cells, target):
    rows = "".join(f"p{number}@example.org,{cell}\n" for number, cell in enumerate(cells))
    assert targets(f"email,signed up on\n{rows}")["signed up on"] == target


@pytest.mark.parametrize(
    ("field", "day"), [("joined_day_first", "2026-04-03"), ("joined_month_first", "2026-03-04")]
)
def test_a_person_says_what_comes_first_in_a_date(news, field, day):
    bring(
        news,
        "email,since\nada@example.org,03/04/2026\nbob@example.org,2025-12-31\n",
        f"since={field}",
    )
    joined = Subscription.objects.get(subscriber__address="ada@example.org").joined_at
    assert joined.date().isoformat() == day


def test_each_reason_why_dates_are_not_used_is_named(news):
    cells = ("03/04/2026", "05/06/2026", "99/99/2026", "2099-01-01", "2026-01-31")
    rows = "".join(f"p{number}@example.org,{cell}\n" for number, cell in enumerate(cells))
    notes = bring(news, f"email,since\n{rows}", "since=joined").notes
    assert [note.partition(". ")[0] for note in notes] == [
        "“since”: 2 rows, first in row 2: “03/04/2026” could be two dates",
        "“since”, row 4: “99/99/2026” is not a date that we can read",
        "“since”, row 5: “2099-01-01” is in the future",
    ]
