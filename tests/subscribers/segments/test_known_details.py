"""The details that a form offers: from everybody on a small list, from a sample of a large one."""

import pytest

from subscribers.models import List, Subscriber, Subscription
from subscribers.segments import known_details as module
from subscribers.segments.known_details import details_that_nobody_has, known_details

pytestmark = pytest.mark.django_db


@pytest.fixture
def mailing_list():
    return List.objects.create(slug="tides", name="Tides")


@pytest.fixture
def add(mailing_list):
    def add(name, attributes, state="active"):
        address = f"{name}@example.org"
        one = Subscriber.objects.create(address=address, address_key=address, attributes=attributes)
        Subscription.objects.create(subscriber=one, list=mailing_list, state=state)

    return add


def test_names_and_values_are_those_of_people_on_the_list(mailing_list, add):
    add("ada", {"Nation": "Wales", "shoe": "38"})
    add("bea", {"Nation": "Wales", "member_rating": 5})
    add("cem", {"nation": "England"})
    add("dora", {"secret": "x"}, state="unsubscribed")
    known = known_details(mailing_list)
    assert known.names == ("Nation", "member_rating", "shoe")
    assert known.values_of("NATION") == ("Wales",)
    assert known.values_of("shoe") == ()
    assert not known.is_sample


def test_a_large_list_is_only_sampled_and_the_rarest_detail_is_still_not_called_unknown(
    mailing_list, add, monkeypatch
):
    monkeypatch.setattr(module, "NEWEST", 2)
    monkeypatch.setattr(module, "SPREAD", 2)
    for n in range(12):
        add(f"one{n}", {"rare": "x"} if n == 3 else {"tide": "high"})
    known = known_details(mailing_list)
    assert known.names == ("tide",)
    assert known.is_sample
    assert details_that_nobody_has("rare is x and not (country is Wales or tide is low)", mailing_list) == [
        "country"
    ]


def test_reading_ends_after_so_many_details(mailing_list, add, monkeypatch):
    monkeypatch.setattr(module, "MOST_READ", 3)
    add("old", {"never": "read"})
    add("new", {f"detail {n}": "x" for n in range(5)})
    known = known_details(mailing_list)
    assert "never" not in known.names
    assert known.is_sample
