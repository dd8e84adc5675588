"""People go out as CSV: safe to open, and our own import takes them back as they were."""

import csv
import io

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from subscribers.errors import Invalid
from subscribers.exports import export_people, subscriptions_for_export
from subscribers.formulas import defused, restored
from subscribers.imports.run import import_people
from subscribers.models import List, Subscriber, Subscription, Topic
from tests.full import examples

pytestmark = pytest.mark.django_db


@pytest.fixture
def news():
    news = List.objects.create(slug="news", name="News")
    Topic.objects.create(list=news, slug="diet", name="Diet")
    return news


def exported(news, **options):
    file = io.StringIO(newline="")
    export_people(file, subscriptions_for_export(news, **options))
    return file.getvalue()


def bring(news, text):
    return import_people(io.BytesIO(text.encode()), news, consent="Paper", name="people.csv")


def test_an_export_has_a_column_for_every_attribute_and_no_formula(news):
    bring(news, "email,name,country,topics\nada@example.org,=1+1,UK,diet\nbob@example.org,Bob,,\n")

    rows = sorted(csv.DictReader(io.StringIO(exported(news))), key=lambda row: row["email"])

    assert [row["email"] for row in rows] == ["ada@example.org", "bob@example.org"]
    assert (rows[0]["first name"], rows[0]["country"], rows[0]["topics"]) == ("'=1+1", "UK", "diet")
    assert rows[1]["country"] == ""


def test_an_export_holds_a_state_or_a_segment(news):
    bring(
        news,
        "email,status,country\nada@example.org,active,UK\nbob@example.org,unsubscribed,UK\ncy@example.org,active,FR\n",
    )

    def addresses(**options):
        return [row["email"] for row in csv.DictReader(io.StringIO(exported(news, **options)))]

    assert sorted(addresses()) == ["ada@example.org", "cy@example.org"]
    assert sorted(addresses(state="all")) == ["ada@example.org", "bob@example.org", "cy@example.org"]
    assert addresses(segment="country is UK") == ["ada@example.org"]
    with pytest.raises(Invalid, match="“gone” is no state"):
        exported(news, state="gone")
    with pytest.raises(Invalid, match="A segment chooses active people"):
        exported(news, state="pending", segment="country is UK")


def test_an_export_streams_and_asks_the_database_a_few_times_only(news, django_assert_max_num_queries):
    bring(news, "email\n" + "".join(f"p{number}@example.org\n" for number in range(5_000)))
    told = []

    with django_assert_max_num_queries(8):
        count = export_people(io.StringIO(), subscriptions_for_export(news), advance=told.append)

    assert (count, sum(told)) == (5_000, 4_000)


@given(st.text(max_size=20))
def test_a_cell_comes_back_as_it_was_and_never_begins_a_formula(cell):
    assert restored(defused(cell)) == cell
    assert not defused(cell).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


signs = st.text(alphabet=st.sampled_from("=+-@'\"ab,;|\té\u200fß0 \n\r\u2028"), max_size=8)


def test_whatever_was_exported_is_imported_as_it_was(news):
    @settings(max_examples=examples(80))
    @given(
        st.lists(
            st.fixed_dictionaries({"first": signs, "last": signs, "job Title": signs, "email": signs}),
            max_size=5,
        )
    )
    def comes_back(people):
        with transaction.atomic():
            bring(news, written(people))
            text, before = exported(news, state="all"), state()
            assert bring(news, text).counts()["unchanged"] == len(before[0])
            transaction.set_rollback(True)
        with transaction.atomic():
            bring(news, text)
            assert state() == before
            transaction.set_rollback(True)

    comes_back()


def written(people):
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(["e-mail", "first name", "last name", "job Title", "attribute:email"])
    writer.writerow(["always@example.org", "", "", "x", ""])
    writer.writerows(
        [f"p{number}@example.org", one["first"], one["last"], one["job Title"], one["email"]]
        for number, one in enumerate(people)
    )
    return file.getvalue()


def state():
    people = Subscriber.objects.order_by("address_key").values_list(
        "address", "first_name", "last_name", "attributes"
    )
    return list(people), list(Subscription.objects.order_by("subscriber__address_key").values_list("state"))


def test_more_attributes_than_fit_into_columns_go_into_one(news):
    person = Subscriber.objects.create(
        address="ada@example.org",
        address_key="ada@example.org",
        attributes={f"a{n}": str(n) for n in range(101)},
    )
    Subscription.objects.create(subscriber=person, list=news, state="active", source="import")

    text = exported(news)

    assert text.splitlines()[0].endswith(",status,attributes")
    assert bring(news, text).unchanged == 1


def test_line_ends_and_delimiters_within_cells_do_not_hide_how_a_file_is_delimited(news):
    people = [{"first": "", "last": "|", "job Title": "", "email": "0\r0|\r0"}] * 2
    bring(news, written(people))
    assert bring(news, exported(news, state="all")).counts()["unchanged"] == 3
