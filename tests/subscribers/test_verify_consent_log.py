"""The consent log tells the present, and a command says where it does not."""

import pytest

from subscribers import consent, consent_by_editor, suppression_keys
from subscribers.models import ConsentEntry, Subscription, Suppression
from subscribers.suppression import digests_of
from subscribers.verify_consent_log import differences
from tests.subscribers.conftest import EDITOR, EMAIL

pytestmark = pytest.mark.django_db


@pytest.fixture
def ben(news):
    return consent_by_editor.add_by_editor(
        news, "ben@example.org", EDITOR, consent="Form", topics=["research"]
    )


def sentences():
    return [(address, sentence) for _list, address, sentence in differences()]


def test_after_acts_and_an_erasure_there_is_no_difference(news, emails, ada, ben, signs_up):
    signs_up("cy@example.org", topics=["events"])
    consent.unsubscribe(ada, EMAIL)
    consent.resubscribe(ada, EMAIL)
    consent.erase_person(ben.subscriber, EMAIL)
    assert sentences() == []


def test_a_state_that_nobody_logged_is_found(ada, ben):
    Subscription.objects.filter(pk=ada.pk).update(state="unsubscribed")
    assert sentences() == [
        ("ada@example.org", "This person is unsubscribed, but according to the log they are active."),
        (
            "ada@example.org",
            "This person is unsubscribed, but according to the log they joined the list 1 more time than they left it.",
        ),
        ("", "1 people are active, but according to the changes in the log, 2 people should be active."),
    ]


def test_topics_that_nobody_logged_are_found(ada, ben):
    ben.topics.clear()
    assert sentences() == [
        ("ben@example.org", "This person gets every topic, but according to the log they get research.")
    ]


def test_who_is_active_and_suppressed_is_found(ada):
    (digest,) = digests_of(["ada@example.org"])
    Suppression.objects.create(digest=digest, key_id=suppression_keys.current_key().id, reason="manual")
    assert sentences() == [("ada@example.org", "This person is active, but their address is suppressed.")]


def test_who_is_on_the_list_by_the_log_alone_is_found(ada):
    ada.delete()
    assert sentences()[0] == (
        "ada@example.org",
        "This person is not on the list, but according to the log they are active.",
    )


def test_the_command_says_what_differs_and_ends_with_an_error(cli, ada):
    assert cli("subscribers", "verify").code == 0
    Subscription.objects.filter(pk=ada.pk).update(state="pending")
    result = cli("subscribers", "verify", "--list", "news")
    assert result.code == 1
    assert "people should be active" in result.out
    assert cli("subscribers", "verify", "--json").code == 1
    assert ConsentEntry.objects.count() == 1
