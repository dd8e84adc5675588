from importlib import import_module

import pytest
from django.apps import apps

from subscribers import consent, consent_by_editor, key_rotation, suppression
from subscribers.errors import Invalid, KeyMissing, NotFound
from subscribers.models import Subscriber, Subscription, Suppression
from tests.subscribers.conftest import EDITOR


def test_suppressing_ends_every_subscription_and_is_in_the_history(ada, state_of, history_of):
    assert suppression.suppress(" ADA@example.org ", "hard bounce", EDITOR)
    assert state_of("ada@example.org") == "unsubscribed"
    assert history_of("ada@example.org") == ["added", "suppressed"]
    assert not suppression.suppress("ada@example.org", "hard bounce", EDITOR)
    assert history_of("ada@example.org") == ["added", "suppressed"]


def test_the_address_can_not_be_read_from_its_suppression(db, settings):
    # A name with letters that no digest holds by chance.
    suppression.suppress("zoe@example.org", "manual", EDITOR)
    kept = Suppression.objects.get()
    assert "zoe" not in str(vars(kept))
    settings.SUBSCRIBERS_SUPPRESSION_KEY = "another key"
    assert suppression.digests_of(["zoe@example.org"]) != [kept.digest]


def test_many_are_looked_up_at_once(db):
    suppression.suppress("ada@example.org", "manual", EDITOR)
    suppression.suppress("ada@example.org", "complaint", EDITOR)
    keys = ["ada@example.org", "bob@example.org", *(f"p{n}@example.org" for n in range(2_000))]
    assert suppression.suppressed_among(keys) == {"ada@example.org"}
    assert suppression.reasons("ada@example.org") == {"manual", "complaint"}


def test_lifting_is_deliberate_and_logged(ada, state_of, history_of):
    suppression.suppress("ada@example.org", "hard bounce", EDITOR)
    with pytest.raises(Invalid, match="why"):
        suppression.end_suppression("ada@example.org", EDITOR, why=" ")
    assert suppression.reasons("ada@example.org")
    suppression.end_suppression("ada@example.org", EDITOR, why="Her mailbox was full")
    assert suppression.reasons("ada@example.org") == set()
    assert state_of("ada@example.org") == "unsubscribed"
    assert history_of("ada@example.org")[-1] == "lifted"
    kept = Suppression.objects.get()
    assert (kept.lifted_by, kept.lifted_why) == ("Edith", "Her mailbox was full")


def test_there_may_be_nothing_to_lift(ada):
    with pytest.raises(NotFound, match="nothing to remove"):
        suppression.end_suppression("ada@example.org", EDITOR, why="?")


def test_a_lifted_address_can_be_suppressed_again(db):
    for _time in range(2):
        assert suppression.suppress("ada@example.org", "hard bounce", EDITOR)
        suppression.end_suppression("ada@example.org", EDITOR, why="mended")
    assert Suppression.objects.count() == 2


@pytest.fixture
def rotate(settings):
    """Change the secret key, and keep the old ones."""

    def change(name):
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        settings.SECRET_KEY = name

    return change


def test_who_was_suppressed_or_erased_stays_so_when_the_secret_key_changes(ada, news, rotate):
    consent.erase_person(ada.subscriber, EDITOR)
    rotate("a second key")
    suppression.suppress("bob@example.org", "complaint", EDITOR)
    rotate("a third key")
    assert suppression.reasons("ada@example.org") == {"erased"}
    assert suppression.reasons("bob@example.org") == {"complaint"}
    people = ["ada@example.org", "bob@example.org", "cy@example.org"]
    assert suppression.suppressed_among(people) == {"ada@example.org", "bob@example.org"}
    suppression.end_suppression("bob@example.org", EDITOR, why="a mistake")
    assert suppression.reasons("bob@example.org") == set()


def test_who_is_suppressed_again_under_a_new_key_is_suppressed_once(db, rotate):
    assert suppression.suppress("ada@example.org", "complaint", EDITOR)
    rotate("a second key")
    assert not suppression.suppress("ada@example.org", "complaint", EDITOR)
    assert Suppression.objects.get().digest == suppression.digests_of(["ada@example.org"])[0]


def test_a_rotation_renews_who_is_known_and_counts_who_is_not(ada, news, rotate, settings):
    suppression.suppress("ada@example.org", "complaint", EDITOR)
    suppression.suppress("unknown@example.org", "manual", EDITOR)
    [old] = key_rotation.suppressions_by_key()
    rotate("a second key")
    assert sum(key_rotation.renew_all()) == 1
    assert sum(key_rotation.renew_all()) == 0
    [new] = set(key_rotation.suppressions_by_key()) - {old}
    assert key_rotation.suppressions_by_key() == {new: 1, old: 1}
    assert suppression.reasons("ada@example.org") == {"complaint"}
    assert suppression.reasons("unknown@example.org") == {"manual"}


def test_renewing_makes_one_of_two_suppressions_of_one_address(ada, rotate):
    suppression.suppress("ada@example.org", "complaint", EDITOR)
    first = Suppression.objects.get()
    rotate("a second key")
    # As an import does, which looks for what it suppresses under the current key alone.
    Suppression.objects.create(
        digest=suppression.digests_of(["ada@example.org"])[0], reason="complaint", key_id="x"
    )
    assert sum(key_rotation.renew_all()) == 1
    assert Suppression.objects.get().suppressed_at == first.suppressed_at


def test_without_a_key_that_a_suppression_needs_nobody_is_added_and_everybody_may_leave(
    ada, news, signs_up, settings
):
    suppression.suppress("bob@example.org", "complaint", EDITOR)
    settings.SECRET_KEY = "another key"
    for act in (
        lambda: signs_up("bob@example.org"),
        lambda: signs_up("cy@example.org"),
        lambda: consent_by_editor.add_by_editor(news, "cy@example.org", EDITOR, consent="A form"),
        lambda: suppression.suppressed_among(["cy@example.org"]),
    ):
        with pytest.raises(KeyMissing, match="Set this key again"):
            act()
    assert not Subscriber.objects.filter(address_key__in=["bob@example.org", "cy@example.org"]).exists()
    consent.unsubscribe_from_all(ada.subscriber, EDITOR)
    assert Subscription.objects.get().state == "unsubscribed"


def test_a_missing_key_is_named_whatever_its_name(db, settings):
    names = ["a", "b", "c", "d", "e"]
    for name in names:
        settings.SECRET_KEY = name
        suppression.suppress(f"{name}@example.org", "manual", EDITOR)
    ids = dict(zip(names, Suppression.objects.order_by("pk").values_list("key_id", flat=True), strict=True))
    for name in names:
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = (
            name,
            [each for each in names if each not in {name, "c"}],
        )
        assert suppression.missing_keys() == ({ids["c"]} if name != "c" else set())
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", []
    assert suppression.missing_keys() == set(ids.values())


def test_a_key_that_is_lost_for_good_is_given_up_deliberately(db, settings):
    suppression.suppress("ada@example.org", "manual", EDITOR)
    lost = Suppression.objects.get().key_id
    with pytest.raises(NotFound):
        suppression.give_up_key(lost, EDITOR, why="It is there, in fact")
    settings.SECRET_KEY = "another key"
    with pytest.raises(Invalid, match="why"):
        suppression.give_up_key(lost, EDITOR, why=" ")
    assert suppression.give_up_key(lost, EDITOR, why="The disk is lost") == 1
    assert suppression.reasons("ada@example.org") == set()
    assert Suppression.objects.get().lifted_why == "The disk is lost"


def test_the_pages_say_to_try_again_while_a_key_is_missing(ada, settings, client):
    suppression.suppress("bob@example.org", "complaint", EDITOR)
    settings.SECRET_KEY, old = "another key", settings.SECRET_KEY
    asked = client.post("/lists/news/", {"address": "cy@example.org"})
    assert asked.status_code == 503
    assert asked["Retry-After"]
    assert "try again later" in asked.content.decode()
    settings.SECRET_KEY_FALLBACKS = [old]
    assert client.post("/lists/news/", {"address": "cy@example.org"}).status_code == 303


def test_the_suppressions_of_an_earlier_version_are_linked_with_their_people(ada, settings):
    suppression.suppress("ada@example.org", "complaint", EDITOR)
    suppression.suppress("stranger@example.org", "complaint", EDITOR)
    assert list(Suppression.objects.order_by("pk").values_list("subscriber", flat=True)) == [
        ada.subscriber_id,
        None,
    ]
    Suppression.objects.update(subscriber=None)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key", [settings.SECRET_KEY]
    import_module("subscribers.migrations.0013_suppressed_people").find_people(apps, None)
    assert list(Suppression.objects.order_by("pk").values_list("subscriber", flat=True)) == [
        ada.subscriber_id,
        None,
    ]


def test_a_suppression_names_the_person_who_asks_for_emails_again_until_they_confirm(
    news, signs_up, settings
):
    suppression.suppress("stranger@example.org", "left all", EDITOR)
    signs_up("stranger@example.org")
    assert Suppression.objects.get(lifted_at=None).subscriber.address == "stranger@example.org"
