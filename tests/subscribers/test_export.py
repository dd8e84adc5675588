"""People go out as CSV: safe to open, and our own import takes them back as they were."""

import csv
import io
import json
from datetime import date
from threading import Thread

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from subscribers import consent, consent_by_editor
from subscribers.consent import ConsentSource, PersonalDetails
from subscribers.csv_safety import escape_formula, unescape_formula
from subscribers.errors import Invalid
from subscribers.export_csv import export_people, subscriptions_for_export
from subscribers.imports.import_options import ImportOptions
from subscribers.imports.run_import import import_people
from subscribers.models import List, SourceKind, Subscriber, Subscription, Suppression, Topic
from tests.full import examples

pytestmark = pytest.mark.django_db

EMAIL = ConsentSource(SourceKind.EMAIL_LINK)


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
    with pytest.raises(Invalid, match="“gone” is not a state"):
        exported(news, state="gone")
    with pytest.raises(Invalid, match="Segments only include active people"):
        exported(news, state="pending", segment="country is UK")


def test_an_export_streams_and_asks_the_database_a_few_times_only(news, django_assert_max_num_queries):
    bring(news, "email\n" + "".join(f"p{number}@example.org\n" for number in range(5_000)))
    told = []

    with django_assert_max_num_queries(9):
        count = export_people(io.StringIO(), subscriptions_for_export(news), advance=told.append)

    assert (count, sum(told)) == (5_000, 4_000)


@given(st.text(max_size=20))
def test_a_cell_comes_back_as_it_was_and_never_begins_a_formula(cell):
    assert unescape_formula(escape_formula(cell)) == cell
    assert not escape_formula(cell).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


signs = st.text(alphabet=st.sampled_from("=+-@'\"ab,;|\té\u200fß0 \n\r\u2028"), max_size=8)


def test_whatever_was_exported_is_imported_as_it_was(news):
    @settings(max_examples=examples(50))
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

    assert text.splitlines()[0].endswith(",status,typed attributes")
    assert bring(news, text).unchanged == 1


def test_line_ends_and_delimiters_within_cells_do_not_hide_how_a_file_is_delimited(news):
    people = [{"first": "", "last": "|", "job Title": "", "email": "0\r0|\r0"}] * 2
    bring(news, written(people))
    assert bring(news, exported(news, state="all")).counts()["unchanged"] == 3


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(alphabet="aé ß=7\n", max_size=4).map(str.strip),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=2),
    max_leaves=4,
)  # fmt: skip


def test_an_export_imported_into_an_empty_list_gives_the_same_people_with_pauses_and_types(news):
    @settings(max_examples=examples(25))
    @given(
        st.lists(
            st.tuples(
                st.dictionaries(
                    st.sampled_from(["n", "Größe", "a b", "email", "first name"]), values, max_size=3
                ),
                st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1)),
                st.sampled_from(["active", "unsubscribed"]),
                st.sampled_from([(), ("diet",)]),
            ),
            min_size=1,
            max_size=4,
        )
    )
    def comes_back(people):
        with transaction.atomic():
            for number, (attributes, paused_until, standing, topics) in enumerate(people):
                person = Subscriber.objects.create(
                    address=f"P{number}@example.org",
                    address_key=f"p{number}@example.org",
                    attributes=attributes,
                    zone="Europe/London",
                )
                one = Subscription.objects.create(
                    subscriber=person, list=news, state=standing, paused_until=paused_until
                )
                one.topics.set(news.topics.filter(slug__in=topics))
            text, before = exported(news, state="all"), everything()
            assert bring(news, text).counts()["changed"] == 0
            assert everything() == before
            transaction.set_rollback(True)
        with transaction.atomic():
            bring(news, text)
            assert everything() == before
            transaction.set_rollback(True)

    comes_back()


def everything():
    return [
        (
            one.subscriber.address,
            one.subscriber.zone,
            one.subscriber.attributes,
            one.state,
            one.paused_until,
            one.joined_at.replace(microsecond=0),
            [topic.slug for topic in one.topics.all()],
        )
        for one in Subscription.objects.select_related("subscriber").order_by("subscriber__address_key")
    ]


def test_a_pause_in_a_file_is_for_people_who_are_new(news):
    bring(news, "email\nada@example.org\n")
    bring(news, "email,paused until\nada@example.org,2999-01-31\nben@example.org,2999-01-31\n")
    found = dict(Subscription.objects.values_list("subscriber__address_key", "paused_until"))
    assert found == {"ada@example.org": None, "ben@example.org": date(2999, 1, 31)}
    outcome = bring(news, "email,paused until\ncy@example.org,soon\n")
    assert "is not a date" in outcome.first_refused[0].reason


def test_typed_attributes_replace_each_other_whole_on_every_database(news):
    first = '{"home": {"city": "York", "street": "High"}, "n": 1, "gone": "x", "kept": 2}'
    second = '{"home": {"city": "Leeds"}, "n": null, "gone": [1, 2], "new": true}'
    bring(news, f"email\ttyped attributes\nada@example.org\t{first}\n")
    assert bring(news, f"email\ttyped attributes\nada@example.org\t{second}\n").changed == 1
    assert Subscriber.objects.get().attributes == {
        "home": {"city": "Leeds"}, "n": None, "gone": [1, 2], "kept": 2, "new": True,
    }  # fmt: skip
    assert bring(news, f"email\ttyped attributes\nada@example.org\t{second}\n").unchanged == 1


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("e\u0301", "é"),
        ("\ufeffAda", "Ada"),
        ("Ada\u200b", "Ada"),
        ("Ada\u00a0B.", "Ada B."),
        ("'=Ada", "'=Ada"),
        ("مریم\u200cجان", "مریم\u200cجان"),
    ],
)
def test_a_name_is_kept_alike_by_every_door_and_comes_back_from_an_export(news, written, kept):
    bring(news, "email\nada@example.org\n")
    consent.change_details(
        Subscriber.objects.get(), EMAIL, PersonalDetails(first_name=written, last_name=written)
    )
    assert (Subscriber.objects.get().first_name, Subscriber.objects.get().last_name) == (kept, kept)
    text = exported(news)
    erase_everything()
    bring(news, text)
    assert exported(news) == text


@pytest.mark.parametrize("locale", ["sl-Latn-IT-nedis-rozaj", "en-GB"])
def test_a_language_that_a_person_may_choose_comes_back_from_an_export(news, locale):
    bring(news, "email\nada@example.org\n")
    consent.change_details(Subscriber.objects.get(), EMAIL, PersonalDetails(locale=locale))
    text = exported(news)
    erase_everything()
    assert bring(news, text).added == 1
    assert Subscriber.objects.get().locale == locale


def test_a_person_may_choose_no_time_zone_that_an_import_refuses(news):
    bring(news, "email\nada@example.org\n")
    with pytest.raises(Invalid, match="is not a time zone"):
        consent.change_details(Subscriber.objects.get(), EMAIL, PersonalDetails(zone="posix/Europe/London"))


@pytest.mark.parametrize(
    "attributes",
    [
        {"email_disabled": "yes", "active_subscription": "true"},
        {"attributes": '{"status": "free"}'},
        {"ada@example.com": "x"},
        {" led ": "x", "a\u200b": "y"},
        {"empty": ""},
        {"note": "Call\nbob@example.org"},
        {"note": "Call\nBob,bob@example.org,now"},
        {"note": "Two\nlines"},
    ],
)
def test_an_attribute_is_never_taken_for_something_else(news, attributes):
    bring(news, "email\nada@example.org\n")
    Subscriber.objects.update(attributes=attributes)
    text = exported(news)
    erase_everything()
    assert bring(news, text).added == 1
    assert Subscriber.objects.get().attributes == attributes


@pytest.mark.parametrize("column", ["json", "typed"])
def test_a_text_in_json_is_kept_as_a_cell_would_be_and_comes_back_from_an_export(news, column):
    text = json.dumps({"a": " end ", "b": "'=1+1", "c": "two\nlines\n", "d": "\ufeffx"})
    wishes = ImportOptions(choices=(f"free={column}",), delimiter="\t")
    file = io.BytesIO(f"email\tfree\nada@example.org\t{text}\n".encode())
    import_people(file, news, consent="Paper", wishes=wishes)
    assert Subscriber.objects.get().attributes == {"a": "end", "b": "'=1+1", "c": "two\nlines", "d": "x"}
    written = exported(news)
    erase_everything()
    bring(news, written)
    assert exported(news) == written


def erase_everything():
    """As in a new installation: without what suppresses people who were erased."""
    for person in Subscriber.objects.all():
        consent.erase_person(person, EMAIL)
    Suppression.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_an_export_lets_its_own_connection_and_others_write_meanwhile(news, monkeypatch):
    monkeypatch.setattr("subscribers.export_csv.AT_ONCE", 1)
    editor = ConsentSource(SourceKind.EDITOR)
    for name in ("ada", "bo", "cy"):
        consent_by_editor.add_by_editor(news, f"{name}@example.org", editor, consent="Paper")

    def write_elsewhere():
        Subscriber.objects.filter(address_key="ada@example.org").update(first_name="Ada")
        connection.close()

    def advance(_more):
        writing = Thread(target=write_elsewhere)
        writing.start()
        writing.join()
        with transaction.atomic():
            Subscriber.objects.filter(address_key="bo@example.org").update(first_name="Bo")

    file = io.StringIO(newline="")
    assert export_people(file, subscriptions_for_export(news), advance=advance) == 3
    assert [line.split(",")[1] for line in file.getvalue().splitlines()[1:]] == ["", "Bo", ""]
