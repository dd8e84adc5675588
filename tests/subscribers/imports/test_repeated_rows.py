"""An address that a file has several times: the later row counts, but takes nothing away from an earlier one."""

import csv
import io
from datetime import UTC, date, datetime

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import settings as given_settings
from hypothesis import strategies as st

from subscribers.imports import repeated_rows, staging_tables
from subscribers.imports.import_options import ImportOptions
from subscribers.imports.run_import import import_people
from subscribers.lists import add_list
from subscribers.models import Subscriber, Subscription
from tests.full import examples

pytestmark = pytest.mark.django_db
HEADINGS = ("email", "first name", "last name", "language", "time zone", "city", "topics", "joined", "status")
ROW = st.fixed_dictionaries(
    {
        "email": st.sampled_from(
            ["ada@example.org", "ADA@example.org", "ben@example.org", "cem@example.org"]
        ),
        "first name": st.sampled_from(["", "Ann", "Bo"]),
        "last name": st.sampled_from(["", "Lee", "Ray"]),
        "language": st.sampled_from(["", "en", "de"]),
        "time zone": st.sampled_from(["", "Europe/London", "Europe/Berlin"]),
        "city": st.sampled_from(["", "Bern", "Ulm"]),
        "topics": st.sampled_from(["", "a", "a,b"]),
        "joined": st.sampled_from(["", "2025-03-02", "2024-01-31"]),
        "status": st.sampled_from(["active"] * 5 + ["unsubscribed"]),
    }
)


@given(rows=st.lists(ROW, min_size=1, max_size=8), batch=st.integers(1, 3))
@given_settings(max_examples=examples(12), deadline=None)
def test_a_later_row_replaces_cell_by_cell_and_takes_nothing_away(rows, batch):
    with transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(staging_tables, "BATCH", batch)
        patch.setattr(repeated_rows, "BATCH", batch)
        news = add_list("news", "News", topics={"a": "A", "b": "B"})

        outcome = bring(news, rows)

        expected = _model(rows)
        assert outcome.duplicates == len(rows) - len(expected)
        assert bool(outcome.notes) == (outcome.duplicates > 0)
        assert {_key(person.address): _found(person) for person in Subscriber.objects.all()} == expected
        transaction.set_rollback(True)


def _model(rows):
    people = {}
    for row in rows:
        person = people.setdefault(_key(row["email"]), dict.fromkeys(HEADINGS[1:], "") | {"status": "active"})
        for name in HEADINGS[1:-2]:
            person[name] = row[name] or person[name]
        person["joined"] = min(filter(None, (row["joined"], person["joined"])), default="")
        if row["status"] != "active":
            person["status"] = row["status"]
    return people


def _found(person):
    subscription = Subscription.objects.get(subscriber=person)
    joined = subscription.joined_at.date()
    return {
        "first name": person.first_name,
        "last name": person.last_name,
        "language": person.locale,
        "time zone": person.zone,
        "city": person.attributes.get("city", ""),
        "topics": ",".join(sorted(subscription.topics.values_list("slug", flat=True))),
        "joined": joined.isoformat() if joined < date(2026, 1, 1) else "",
        "status": subscription.state,
    }


def _key(address):
    return address.lower()


def bring(news, rows, **options):
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADINGS, delimiter=";", restval="")
    writer.writeheader()
    writer.writerows(rows)
    wishes = ImportOptions(choices=["city=attribute:city", "status=status", "joined=joined"])
    return import_people(
        io.BytesIO(text.getvalue().encode()), news, consent="Sign-up sheet", wishes=wishes, **options
    )


def test_the_report_says_which_row_repeats_which_and_what_stays():
    news = add_list("news", "News")
    ada = {"email": "ada@example.org", "status": "active"}
    ben = {"email": "ben@example.org", "status": "active"}
    rows = [
        {**ada, "first name": "Ada", "city": "Bern", "joined": "2025-03-02"},
        ben,
        {**ada, "last name": "Lee"},
    ]

    foreseen = bring(news, rows, dry_run=True)
    outcome = bring(news, rows)

    assert foreseen.notes == outcome.notes
    assert outcome.notes == [
        "Row 4 repeats the address of row 2. If a cell in row 4 is empty, we keep the value from row 2."
    ]
    person = Subscriber.objects.get(address_key="ada@example.org")
    assert (person.first_name, person.last_name, person.attributes) == ("Ada", "Lee", {"city": "Bern"})
    assert person.subscriptions.get().joined_at == datetime(2025, 3, 2, tzinfo=UTC)


def test_of_many_rows_that_repeat_an_address_the_first_is_named():
    news = add_list("news", "News")
    rows = [
        {"email": f"{name}@example.org", "status": "active"} for name in ("ben", "ada", "ada", "ben", "ben")
    ]

    (note,) = bring(news, rows).notes

    assert note.startswith("3 rows repeat the address of an earlier row. ")
    assert note.endswith(" Row 4 repeats the address of row 3.")


def test_attributes_of_several_rows_are_put_together():
    news = add_list("news", "News")
    text = 'email,json,city\nada@example.org,"{""age"": 40}",Bern\nada@example.org,"{""town"": ""Ulm""}",\n'

    import_people(
        io.BytesIO(text.encode()), news, consent="Sign-up sheet", wishes=ImportOptions(choices=["json=json"])
    )

    assert Subscriber.objects.get().attributes == {"age": 40, "town": "Ulm", "city": "Bern"}
