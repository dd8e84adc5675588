"""Whom a segment chooses, on the database at hand, against a reading of the same tree in plain Python."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from dateutil.relativedelta import relativedelta
from django.db.models import F
from hypothesis import given, settings
from hypothesis import strategies as st

from subscribers.email_addresses import fold
from subscribers.models import List, Subscriber, Subscription, Topic
from subscribers.segments import attribute_names, detail_conditions, segment_to_query
from subscribers.segments.attribute_names import folded_name
from subscribers.segments.segment_errors import WrongSegment
from subscribers.segments.segment_tree import And, Condition, Not, both, either
from subscribers.segments.select_people import chosen, preview
from tests.full import examples
from tests.subscribers.segments.conftest import NOW

pytestmark = pytest.mark.django_db
TEXTS = ["", "UK", "uk", "Ireland", "Österreich", "100%", "a_b", "5", "5.5", "x y"]

STORED = [
    *(*TEXTS, "5.0", "0", "1", "true", 'my "Job_title"', "country"),
    *(5, 5.0, 50, 5.5, 5.25, -0.5, 1e20, 1e-07, 0, 1, 10, True, False, None),
]


def person(mailing_list, address, *, attributes=None, joined=NOW, state="active", topics=(), **fields):
    subscriber = Subscriber.objects.create(
        address=address, address_key=address, attributes=attributes or {}, **fields
    )
    subscription = Subscription.objects.create(
        subscriber=subscriber, list=mailing_list, state=state, joined_at=joined, source="import"
    )
    subscription.topics.set(Topic.objects.filter(slug__in=topics))
    return subscription


def addresses(segment, mailing_list, without=()):
    found = chosen(segment, mailing_list, without=without).select_related("subscriber")
    return sorted(one.subscriber.address for one in found)


def test_the_segments_of_the_manual_choose_whom_they_say(news):
    person(news, "ada@gmail.com", attributes={"country": "UK"}, topics=["prostate"], first_name="Ada")
    person(news, "bob@gmail.com", attributes={"Country": "ireland"}, joined=NOW - timedelta(days=100))
    person(
        news,
        "cy@mail.gmail.com",
        attributes={"country": 5},
        topics=["diet"],
        joined=datetime(2025, 12, 31, tzinfo=UTC),
    )
    person(news, "gone@gmail.com", state="unsubscribed")

    assert addresses("", news) == ["ada@gmail.com", "bob@gmail.com", "cy@mail.gmail.com"]
    assert addresses("topic is prostate and joined in last 90 days", news) == ["ada@gmail.com"]
    assert addresses("topic is Prostate", news) == ["ada@gmail.com", "bob@gmail.com"]
    assert addresses("topic is missing", news) == ["bob@gmail.com"]
    assert addresses('not (country is "UK" or country is Ireland)', news) == ["cy@mail.gmail.com"]
    assert addresses("joined before 2026-01-01", news) == ["cy@mail.gmail.com"]
    assert addresses("joined on 2026-11-23", news) == ["ada@gmail.com"]
    assert addresses("first name is missing", news) == ["bob@gmail.com", "cy@mail.gmail.com"]
    assert addresses("domain is GMAIL.com", news) == ["ada@gmail.com", "bob@gmail.com"]
    assert addresses("domain ends with gmail.com", news) == [
        "ada@gmail.com",
        "bob@gmail.com",
        "cy@mail.gmail.com",
    ]
    assert addresses("source is import and country is 5", news) == ["cy@mail.gmail.com"]
    assert addresses("list is other", news) == []


def test_a_preview_counts_people_and_shows_some(news):
    other = List.objects.get(slug="other")
    first = person(news, "ada@example.org", joined=NOW - timedelta(days=2))
    Subscription.objects.create(subscriber=first.subscriber, list=other, state="active", joined_at=NOW)
    person(news, "bob@example.org", joined=NOW - timedelta(days=1))

    found = preview("(joined in last 7 days)")

    assert (found.count, found.sample) == (2, ("ada@example.org", "bob@example.org"))
    assert found.understood == "joined in last 7 days"


@pytest.mark.parametrize(
    ("segment", "column", "sentence"),
    [
        ("topic is prostrate", 10, "We could not find a topic called “prostrate”. Did you mean “prostate”?"),
        (
            "topic is gardening",
            10,
            "We could not find a topic called “gardening”. You can use diet, prostate.",
        ),
        ("a is 1 or list is nwes", 19, "We could not find a list called “nwes”. Did you mean “news”?"),
        ("source is letterbox", 11, "We could not find a source called “letterbox”."),
        ("joined before 2026-02-30", 15, "“2026-02-30” is not a date. Enter a date such as 2026-01-31."),
        ("joined in last 99999 years", 16, "This period starts too long ago. Enter a shorter period."),
        ("domain contains x", 1, "For a domain, you can only use “is”, “is not” or “ends with”."),
    ],
)
def test_a_value_that_there_is_not_is_pointed_at(news, segment, column, sentence):
    with pytest.raises(WrongSegment) as error:
        chosen(segment, news)
    assert error.value.sentence.startswith(sentence)
    assert error.value.column == column


def opened_lately():
    return Subscription.objects.filter(list__slug="other").annotate(at=F("joined_at"))


def test_another_app_contributes_behaviour(news, settings):
    settings.SUBSCRIBERS_SEGMENT_BEHAVIOURS = {"opened": opened_lately}
    other = List.objects.get(slug="other")
    reader = person(news, "reader@example.org")
    Subscription.objects.create(subscriber=reader.subscriber, list=other, state="active", joined_at=NOW)
    person(news, "silent@example.org")

    assert addresses("opened in last 30 days", news) == ["reader@example.org"]
    assert addresses("opened is missing", news) == ["silent@example.org"]
    assert addresses("not opened before 2026-11-01", news) == ["reader@example.org", "silent@example.org"]


people = st.fixed_dictionaries(
    {
        "first_name": st.sampled_from(TEXTS),
        "attributes": st.builds(
            dict.__or__,
            st.dictionaries(
                st.sampled_from(
                    ["country", "Country", "COUNTRY", "Job_title", "job title", "Größe", 'so "called"', "\\d"]
                ),
                st.sampled_from(STORED),
                max_size=4,
            ),
            # Names within a value are not names.
            st.sampled_from([{}, {"note": {"Country": "UK"}}, {"note": ["job title"]}]),
        ),
        "topics": st.lists(st.sampled_from(["prostate", "diet"]), max_size=2, unique=True),
        "joined": st.sampled_from([0, 1, 30, 31, 90, 400]).map(lambda days: NOW - timedelta(days=days)),
        "domain": st.sampled_from(["gmail.com", "mail.gmail.com", "example.org"]),
    }
)
ASKED = [text for text in TEXTS if text] + [
    *("u", "r", "e", "%", "_", "true", "ALSE", "0", "1", "-", ".5", "5.", "5.0", "50"),
    "100000000000000000000",
]
DETAILS = [(name, True) for name in ("country", "job title", "größe", 'so "called"', "\\d")]
texts = st.builds(
    lambda subject, verb, value: Condition(subject[0], verb, value, is_attribute=subject[1]),
    st.sampled_from([("first name", False), *DETAILS]),
    st.sampled_from(["is", "is", "is not", "contains", "starts with", "ends with"]),
    st.sampled_from(ASKED),
)
blanks = st.builds(
    lambda subject, verb: Condition(subject[0], verb, is_attribute=subject[1]),
    st.sampled_from([("first name", False), *DETAILS, ("topic", False), ("joined", False)]),
    st.sampled_from(["is missing", "is known"]),
)
choices = st.builds(
    Condition, st.just("topic"), st.sampled_from(["is", "is not"]), st.sampled_from(["prostate", "diet"])
)
domains = st.builds(
    Condition,
    st.just("domain"),
    st.sampled_from(["is", "is not", "ends with"]),
    st.sampled_from(["gmail.com", "org"]),
)
dates = st.builds(
    Condition,
    st.just("joined"),
    st.sampled_from(["before", "after", "since", "on"]),
    st.sampled_from(["2026-11-23", "2026-11-22", "2026-10-24", "2025-01-01"]),
) | st.builds(
    Condition, st.just("joined"), st.just("in last"), st.sampled_from(["30 days", "1 month", "1 year"])
)
trees = st.recursive(
    texts | blanks | choices | domains | dates,
    lambda inner: (
        st.builds(Not, inner)
        | st.lists(inner, min_size=2, max_size=4).map(both)
        | st.lists(inner, min_size=2, max_size=4).map(either)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("asked", "keys", "worth"),
    [(1_000, 100, 3), (1_000, 100, 0), (1, 1, 0)],
    ids=["every name known", "always asked for keys", "few names known"],
)
def test_the_database_chooses_whom_plain_python_does(news, monkeypatch, asked, keys, worth):
    # Most people may spell a name otherwise than those who are asked, or have names that these do not have.
    monkeypatch.setattr(attribute_names, "ASKED", asked)
    monkeypatch.setattr(detail_conditions, "MOST_KEYS", keys)
    monkeypatch.setattr(segment_to_query, "WORTH_ASKING_FOR_KEYS", worth)

    @settings(max_examples=examples(60))
    @given(st.lists(people, max_size=6), st.lists(trees, min_size=1, max_size=6))
    def the_same(found, segments):
        add_only(found, news)
        for tree in segments:
            assert addresses(str(tree), news) == expected(tree, found), str(tree)
        first, *others = segments
        rest = both([first, *(Not(each) for each in others)])
        assert addresses(str(first), news, list(map(str, others))) == expected(rest, found), str(rest)
        left = both([Not(each) for each in segments])
        assert addresses("", news, list(map(str, segments))) == expected(left, found), str(left)

    the_same()


@pytest.mark.parametrize(
    "names",
    [
        ["size"],
        ["Size", "size"],
        ["a_b", "A_b", "A b"],
        ["größe"],
        ["Größe", "GRößE"],
        ['so "called"'],
        ["\\d"],
    ],
)
@pytest.mark.parametrize("worth", [0, 1_000], ids=["by key", "of all"])
def test_every_value_is_compared_as_plain_python_compares_it(news, monkeypatch, names, worth):
    monkeypatch.setattr(segment_to_query, "WORTH_ASKING_FOR_KEYS", worth)
    documents = [{name: value} for name in names for value in STORED] + [{}, {"other": "uk"}]
    documents += [{first: "UK", last: "5"} for first in names for last in names]
    found = [{"attributes": each, "domain": "example.org"} for each in documents]
    add_only(found, news)
    name = folded_name(names[0])
    conditions = [
        Condition(name, verb, value, is_attribute=True)
        for verb in ("is", "is not", "contains", "starts with", "ends with")
        for value in ASKED
    ]
    conditions += [Condition(name, verb, is_attribute=True) for verb in ("is missing", "is known")]
    pairs = [either(list(each)) for each in zip(conditions, conditions[7:], strict=False)]
    for tree in [*conditions, *pairs]:
        assert addresses(str(tree), news) == expected(tree, found), str(tree)


def test_two_spellings_are_usual_if_every_second_person_has_one(news, monkeypatch):
    monkeypatch.setattr(attribute_names, "ASKED", 20)
    for number in range(40):
        person(news, f"p{number}@example.org", attributes={"Company" if number % 2 else "company": "Quay"})
    assert set(attribute_names.usual_spellings()) == {"Company", "company"}


def add_only(found, mailing_list):
    """Make these people the only ones."""
    Subscription.objects.all().delete()
    Subscriber.objects.all().delete()
    for number, one in enumerate(found):
        one["address"] = f"p{number}@{one['domain']}"
        given_fields = {name: value for name, value in one.items() if name not in {"domain", "address"}}
        person(mailing_list, one["address"], **given_fields)


def expected(tree, found):
    return sorted(one["address"] for one in found if is_true(tree, one))


def is_true(tree, one):
    if isinstance(tree, Not):
        return not is_true(tree.part, one)
    if not isinstance(tree, Condition):
        return (all if isinstance(tree, And) else any)(is_true(part, one) for part in tree.parts)
    if tree.subject == "topic":
        if tree.verb in {"is missing", "is known"}:
            return (tree.verb == "is missing") is (not one["topics"])
        return (tree.verb == "is") is (not one["topics"] or tree.value in one["topics"])
    if tree.subject == "joined":
        return joined(tree, one["joined"])
    text = text_of(tree, one).lower()
    value = tree.value.lower()
    return {
        "is": text == value,
        "is not": text != value,
        "contains": value in text,
        "starts with": text.startswith(value),
        "ends with": text.endswith(value),
        "is missing": not text,
        "is known": bool(text),
    }[tree.verb]


def text_of(tree, one):
    if not tree.is_attribute:
        return one[tree.subject.replace(" ", "_")]
    named = sorted(name for name in one["attributes"] if folded_name(name) == tree.subject)
    value = one["attributes"][named[0]] if named else None
    if isinstance(value, float):
        return (
            format(Decimal(repr(value)), "f").rstrip("0").removesuffix(".") if value % 1 else str(int(value))
        )
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def joined(tree, at):
    if tree.verb in {"is missing", "is known"}:
        return tree.verb == "is known"
    if tree.verb == "in last":
        number, unit = tree.value.split()
        return NOW - relativedelta(**{unit.removesuffix("s") + "s": int(number)}) <= at
    day = date.fromisoformat(tree.value)
    return {
        "before": at.date() < day,
        "after": at.date() > day,
        "since": at.date() >= day,
        "on": at.date() == day,
    }[tree.verb]


@pytest.mark.parametrize(
    "segment",
    [
        "domain is bücher.example",
        "domain is BÜCHER.example",
        "domain ends with bücher.example",
        "address is u@bücher.example",
        "address is U@xn--bcher-kva.example",
        "address ends with @bücher.example",
        "address ends with bücher.example",
        "address contains u@bücher",
        "address starts with u@Bücher",
        "address is not v@bücher.example",
    ],
)
def test_a_domain_is_asked_for_in_letters_or_in_ascii(news, segment):
    person(news, fold("u@bücher.example"))
    assert addresses(segment, news) == ["u@xn--bcher-kva.example"]


def test_an_address_with_letters_beyond_ascii_is_found_however_its_case(news):
    person(news, fold("Zoë@example.org"))
    assert addresses("address is ZOË@EXAMPLE.org", news) == ["zoë@example.org"]
    assert addresses("address is not ZOË@example.org", news) == []


def test_the_name_of_an_attribute_is_found_as_it_is_written(news):
    person(news, "ada@example.org", attributes={"Ägypten_Reise": "ja"})
    assert addresses('"Ägypten Reise" is ja', news) == ["ada@example.org"]
    assert addresses('"ÄGYPTEN reise" is ja', news) == ["ada@example.org"]
    assert addresses('"ägypten reise" is ja', news) == []  # only ASCII is folded, on every database


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e-07, "0.0000001"),
        (5.0, "5"),
        (1.5e20, "150000000000000000000"),
        (-0.0, "0"),
        (2.5, "2.5"),
        (10, "10"),
        (True, "true"),
    ],
)
def test_numbers_are_the_same_text_on_every_database(news, value, text):
    person(news, "ada@example.org", attributes={"size": value})
    assert addresses(f'size is "{text}"', news) == ["ada@example.org"]


def test_a_pause_that_ends_today_ends_in_the_last_days(news):
    for name, days in (("today", 0), ("then", 7), ("before", 8), ("tomorrow", -1)):
        one = person(news, f"{name}@example.org")
        Subscription.objects.filter(pk=one.pk).update(paused_until=NOW.date() - timedelta(days=days))
    assert addresses("paused until in last 7 days", news) == ["then@example.org", "today@example.org"]
