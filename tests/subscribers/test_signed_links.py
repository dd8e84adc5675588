import time

import pytest
import time_machine
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from subscribers import consent, signed_links
from subscribers.models import AddressChange, Subscriber, Subscription
from subscribers.signed_links import OF_A_SUBSCRIBER, LinkedRow, Purpose, StaleLink, WrongLink
from tests.subscribers.conftest import EDITOR

purposes = st.sampled_from(Purpose)
rows = st.builds(LinkedRow, st.integers(1, 2**63 - 1), st.integers(0, 2**48 - 1))


def link_of(purpose, row):
    """The token of a row with that number and that nonce."""
    kind = Subscriber if purpose in OF_A_SUBSCRIBER else Subscription
    kind = AddressChange if purpose == Purpose.NEW_ADDRESS else kind
    return signed_links.make_token(purpose, kind(pk=row.number, link_nonce=row.nonce))


@given(purposes, rows)
def test_a_link_says_which_row_it_was_made_for(purpose, row):
    assert signed_links.read_token(purpose, link_of(purpose, row)) == row


@given(purposes, purposes, rows)
def test_a_link_for_one_purpose_is_good_for_no_other(made_for, used_for, row):
    if made_for != used_for:
        with pytest.raises(WrongLink):
            signed_links.read_token(used_for, link_of(made_for, row))


@given(purposes, rows, st.data())
def test_a_changed_or_truncated_link_is_wrong(purpose, row, data):
    token = link_of(purpose, row)
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("ABCabc019-_=é\n/+").filter(lambda c: c != token[at]))
    for forged in (token[:at] + other + token[at + 1 :], token[:at], token + other, token + "=", ""):
        with pytest.raises(WrongLink):
            signed_links.read_token(purpose, forged)


@given(purposes)
def test_a_link_is_not_made_for_a_row_of_the_other_kind(purpose):
    with pytest.raises(TypeError):
        signed_links.make_token(
            purpose, Subscription(pk=7) if purpose in OF_A_SUBSCRIBER else Subscriber(pk=7)
        )


def test_a_confirmation_expires_and_leaving_never_does():
    row = LinkedRow(7, 11)
    confirm, leave = link_of(Purpose.CONFIRM, row), link_of(Purpose.LEAVE, row)
    with time_machine.travel(time.time() + 9 * 24 * 3600, tick=False):
        with pytest.raises(StaleLink):
            signed_links.read_token(Purpose.CONFIRM, confirm)
        assert signed_links.read_token(Purpose.LEAVE, leave) == row


def test_links_made_with_an_older_key_are_still_read(settings):
    row = LinkedRow(7, 11)
    settings.SECRET_KEY = "the old key"
    token = link_of(Purpose.LEAVE, row)
    settings.SECRET_KEY = "the new key"
    with pytest.raises(WrongLink):
        signed_links.read_token(Purpose.LEAVE, token)
    settings.SECRET_KEY_FALLBACKS = ["the old key"]
    assert signed_links.read_token(Purpose.LEAVE, token) == row


def test_links_of_mails_already_sent_stay_as_they_are(settings):
    """The form of a token and how it is signed must never change: these were made once, and stay good."""
    settings.SECRET_KEY = "a key that never changes, for this test"
    row = LinkedRow(1_234_567, 98_765_432_101)
    assert link_of(Purpose.LEAVE, row) == "AAAAAAAS1ocAFv7g5SWcWJOTQwT9D57jHn0z2mh1"
    assert link_of(Purpose.PREFERENCES, row) == "AAAAAAAS1ocAFv7g5SXid-deIIRIMiOvm5J_jMmm"


def test_many_links_are_the_same_as_one_by_one(settings):
    settings.SUBSCRIBERS_BASE_URL = "https://news.example.org/"
    some = [LinkedRow(1, 5), LinkedRow(70_000, 2**48 - 1)]
    made = signed_links.link_maker(Purpose.LEAVE)(some)
    assert made == [f"https://news.example.org/leave/{link_of(Purpose.LEAVE, row)}" for row in some]


def test_many_links_to_another_app_are_the_same_as_one_by_one():
    make = signed_links.link_maker(Purpose.READ_ONLINE, "https://news.example.org/issue/?reader=")
    token = link_of(Purpose.READ_ONLINE, LinkedRow(7, 11))
    assert make([(7, 11)]) == ["https://news.example.org/issue/?reader=" + token]


def test_a_link_is_short_and_needs_no_escaping():
    for purpose in Purpose:
        token = link_of(purpose, LinkedRow(2**63 - 1, 2**48 - 1))
        assert len(token) <= 46
        assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@pytest.fixture
def old_links_of_ada(ada):
    """Her links; then the database is as if it had been put back to before she came, and Bea has Ada's numbers."""
    person = ada.subscriber
    change = AddressChange.objects.create(
        subscriber=person, address="a@example.com", address_key="a@example.com"
    )
    rows = dict.fromkeys(OF_A_SUBSCRIBER, person) | {Purpose.NEW_ADDRESS: change}
    made = {
        purpose: f"/{purpose}/{signed_links.make_token(purpose, rows.get(purpose, ada))}"
        for purpose in set(Purpose) - {Purpose.READ_ONLINE}
    }
    numbers = person.pk, ada.pk, change.pk
    change.delete()
    Subscription.objects.all().delete()
    person.consent_entries.all()._raw_delete("default")
    Subscriber.objects.all().delete()
    bea = Subscriber.objects.create(pk=numbers[0], address="bea@example.com", address_key="bea@example.com")
    Subscription.objects.create(pk=numbers[1], subscriber=bea, list=ada.list, state="active")
    AddressChange.objects.create(pk=numbers[2], subscriber=bea, address="b@x.org", address_key="b@x.org")
    return made


@pytest.mark.parametrize("purpose", sorted(set(Purpose) - {Purpose.READ_ONLINE, Purpose.USEFUL}))
def test_after_a_rollback_an_old_link_opens_nobody_elses_data(old_links_of_ada, purpose):
    browser, link = Client(enforce_csrf_checks=True), old_links_of_ada[purpose]
    shown = browser.get(link)
    posted = browser.post(link, {"List-Unsubscribe": "One-Click", "act": "leave-all"})
    for answer in (shown, posted):
        assert "bea" not in answer.content.decode()
    assert shown.status_code == 410
    assert Subscription.objects.get().state == "active"


def test_who_was_erased_and_signs_up_again_gets_new_links(ada, news):
    old = signed_links.make_token(Purpose.EXPORT, ada.subscriber)
    consent.erase_person(ada.subscriber, EDITOR)
    Subscriber.objects.create(pk=ada.subscriber_id, address="ada@example.org", address_key="ada@example.org")
    assert Client().get(f"/my-data/{old}").status_code == 410
