"""An older copy of a database does not bring back people who were erased, unsubscribed or suppressed since."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from pydantic import TypeAdapter

from subscribers import consent, consent_by_editor, erasure, suppression
from subscribers.address_changes import ask_to_change_address, confirm_new_address
from subscribers.correct_address import correct_address
from subscribers.errors import Refused
from subscribers.lists import find_subscriber
from subscribers.models import AddressChange, Subscriber, Subscription, Suppression, Topic
from subscribers.repeat_refusals import Refusals, Repeated, read_refusals, repeat_refusals
from tests.subscribers.conftest import EDITOR, EMAIL

Reason = Suppression.Reason
NAMES = ("ada", "ben", "cem", "dan", "eve")


def address(name):
    return f"{name}@example.org"


@pytest.fixture
def people(news, emails):
    """Five people on two lists, as they are in the backup: `people()` brings them back, and forgets refusals."""

    def restore():
        for name in NAMES:
            found = Subscriber.objects.filter(address_key=address(name)).first()
            if found is not None:
                Subscription.objects.filter(subscriber=found).update(state="active", left_at=None)
        Suppression.objects.all().delete()
        for name in NAMES:
            for each in (news, emails):
                consent_by_editor.add_by_editor(each, address(name), EDITOR, consent="Form at the open day")

    restore()
    return restore


def subscription_of(name, mailing_list):
    return Subscription.objects.get(subscriber__address_key=address(name), list=mailing_list)


def test_what_was_refused_since_the_copy_is_repeated_in_it(people, news, emails, state_of):
    made_at = timezone.now()
    erasure.erase(find_subscriber(address("ada")), EDITOR)
    consent.unsubscribe(subscription_of("ben", news), EMAIL)
    suppression.suppress(address("cem"), Reason.COMPLAINT, EDITOR)
    consent.unsubscribe_from_all(find_subscriber(address("dan")), EMAIL)
    suppression.suppress("stranger@example.org", Reason.HARD_BOUNCE, EDITOR)
    refusals = read_refusals(made_at)
    assert "example.org" not in repr(refusals)
    people()
    assert state_of(address("ada")) == state_of(address("dan")) == "active"

    kept = TypeAdapter(Refusals)
    done = repeat_refusals(kept.validate_json(kept.dump_json(refusals)))
    assert done == Repeated(erased=1, unsubscribed=5, suppressed=4)
    assert not Subscriber.objects.filter(address_key=address("ada")).exists()
    assert suppression.reasons(address("ada")) == {Reason.ERASED}
    assert (state_of(address("ben")), state_of(address("ben"), emails)) == ("unsubscribed", "active")
    assert (state_of(address("cem")), state_of(address("cem"), emails)) == ("unsubscribed", "unsubscribed")
    assert suppression.reasons(address("cem")) == {Reason.COMPLAINT}
    assert suppression.reasons(address("dan")) == {Reason.LEFT_ALL}
    assert suppression.reasons("stranger@example.org") == {Reason.HARD_BOUNCE}
    assert state_of(address("eve")) == "active"
    assert repeat_refusals(refusals) == Repeated()


def test_a_person_who_was_erased_and_came_back_is_erased_again_and_can_come_back_again(
    people, news, signs_up, state_of
):
    made_at = timezone.now()
    erasure.erase(find_subscriber(address("ada")), EDITOR)
    signs_up(address("ada"))
    consent.confirm(subscription_of("ada", news), EMAIL)
    refusals = read_refusals(made_at)
    people()
    assert repeat_refusals(refusals).erased == 1
    signs_up(address("ada"))
    consent.confirm(subscription_of("ada", news), EMAIL)
    assert state_of(address("ada")) == "active"


def test_what_was_taken_back_or_was_in_the_copy_is_not_repeated(people, news, state_of):
    consent.unsubscribe(subscription_of("ada", news), EMAIL)
    consent.unsubscribe(subscription_of("ben", news), EMAIL)
    Subscription.objects.filter(state="unsubscribed").update(left_at=timezone.now() - timedelta(days=9))
    consent.resubscribe(subscription_of("ben", news), EMAIL)
    assert read_refusals(timezone.now()) == Refusals()
    assert state_of(address("ben")) == "active"
    assert repeat_refusals(Refusals()) == Repeated()


def test_refusals_of_a_list_that_the_copy_does_not_have_are_left_out(people, state_of):
    digests = set(suppression.digests_of([address("ada")]))
    assert repeat_refusals(Refusals(unsubscribed={"gone": digests})) == Repeated()
    assert state_of(address("ada")) == "active"


def test_what_was_kept_under_a_former_key_is_found(people, settings):
    refusals = Refusals(erased=set(suppression.digests_of([address("ada")])))
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key", [settings.SECRET_KEY]
    assert repeat_refusals(refusals).erased == 1


def test_people_who_changed_their_address_since_are_not_emailed_at_the_former_one(people, news, state_of):
    made_at = timezone.now()
    for name in ("ada", "ben", "cem"):
        ask_to_change_address(find_subscriber(address(name)), f"{name}@example.net", EMAIL)
        confirm_new_address(AddressChange.objects.get(subscriber__address_key=address(name)), EMAIL)
    consent.unsubscribe_from_all(find_subscriber("ada@example.net"), EMAIL)
    erasure.erase(find_subscriber("ben@example.net"), EDITOR)
    refusals = read_refusals(made_at)
    for person in Subscriber.objects.filter(address_key__endswith="@example.net"):
        erasure.forget_everywhere(person)
    people()
    assert state_of(address("ada")) == state_of(address("ben")) == state_of(address("cem")) == "active"

    done = repeat_refusals(refusals)
    # Ada unsubscribed at her new address, and nobody should add her there.
    assert (done.erased, done.moved) == (1, 1)
    with pytest.raises(Refused, match="unsubscribed"):
        consent_by_editor.add_by_editor(news, "ada@example.net", EDITOR, consent="Membership file")
    consent_by_editor.add_by_editor(news, "cem@example.net", EDITOR, consent="Membership file")
    assert state_of(address("ada")) == state_of(address("cem")) == "unsubscribed"
    assert not Subscriber.objects.filter(address_key=address("ben")).exists()
    assert repeat_refusals(refusals) == Repeated()


def test_who_signed_up_and_unsubscribed_since_the_copy_is_not_added_again(people, news, emails, signs_up):
    made_at = timezone.now()
    for name in ("fay", "gus"):
        signs_up(address(name))
        consent.confirm(subscription_of(name, news), EMAIL)
    consent.unsubscribe(subscription_of("fay", news), EMAIL)
    refusals = read_refusals(made_at)
    for name in ("fay", "gus"):
        erasure.forget_everywhere(find_subscriber(address(name)))
    people()

    assert repeat_refusals(refusals) == Repeated(suppressed=1)
    with pytest.raises(Refused, match="unsubscribed"):
        consent_by_editor.add_by_editor(news, address("fay"), EDITOR, consent="Membership file")
    consent_by_editor.add_by_editor(news, address("gus"), EDITOR, consent="Membership file")
    signs_up(address("fay"))
    assert consent.confirm(subscription_of("fay", news), EMAIL)
    assert repeat_refusals(Refusals()) == Repeated()


def test_a_typing_mistake_corrected_since_is_not_emailed_at_the_wrong_address(people, news, state_of):
    wrong = consent_by_editor.add_by_editor(news, "typo@example.org", EDITOR, consent="Open day").subscriber
    made_at = timezone.now()
    suppression.suppress(correct_address(wrong, "right@example.org", EDITOR).address, Reason.LEFT_ALL, EDITOR)
    with pytest.raises(Refused):
        consent_by_editor.add_by_editor(news, "typo@example.org", EDITOR, consent="The same sheet again")
    refusals = read_refusals(made_at)
    erasure.forget_everywhere(find_subscriber("right@example.org"))
    people()
    consent_by_editor.add_by_editor(news, "typo@example.org", EDITOR, consent="Open day")

    assert repeat_refusals(refusals).moved == 0
    assert state_of("typo@example.org") == "unsubscribed"


def test_pauses_and_chosen_topics_are_repeated_too_but_not_those_that_are_over(people, news, emails):
    made_at, today = timezone.now(), timezone.localdate()
    until = today + timedelta(days=40)
    consent.pause(subscription_of("ada", news), EMAIL, until=until)
    consent.pause(subscription_of("ben", news), EMAIL, until=today + timedelta(days=1))
    consent.change(subscription_of("cem", news), EMAIL, topics=["events"])
    refusals = read_refusals(made_at)
    assert "example.org" not in repr(refusals)
    Subscription.objects.update(paused_until=None)
    subscription_of("cem", news).topics.clear()

    kept = TypeAdapter(Refusals)
    refusals = kept.validate_json(kept.dump_json(refusals))
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert repeat_refusals(refusals) == Repeated(paused=1, chosen=1)
        assert repeat_refusals(refusals) == Repeated()
    assert subscription_of("ada", news).paused_until == until
    assert subscription_of("ada", emails).paused_until is None
    assert subscription_of("ben", news).paused_until is None
    assert [topic.slug for topic in subscription_of("cem", news).topics.all()] == ["events"]


def test_topics_that_no_longer_exist_are_not_repeated_as_every_topic(people, news):
    made_at = timezone.now()
    consent.change(subscription_of("cem", news), EMAIL, topics=["events"])
    refusals = read_refusals(made_at)
    assert refusals.topics["news"]
    consent.change(subscription_of("cem", news), EMAIL, topics=["research"])
    news.topics.filter(slug="events").delete()
    assert repeat_refusals(Refusals(topics=refusals.topics)) == Repeated()
    assert [topic.slug for topic in subscription_of("cem", news).topics.all()] == ["research"]


def test_pauses_their_ends_and_topics_since_the_copy_are_repeated_in_it(people, news, emails):
    Topic.objects.create(list=news, slug="diet", name="Diet")
    soon, later = (timezone.localdate() + timedelta(days=days) for days in (7, 30))
    for name in ("ada", "ben", "cem"):
        consent.pause(subscription_of(name, news), EMAIL, until=soon)
    consent.pause(subscription_of("ada", emails), EMAIL, until=soon)
    made_at = timezone.now()
    before = dict(Subscription.objects.values_list("pk", "paused_until"))
    consent.pause(subscription_of("ada", news), EMAIL, until=None)
    consent.pause(subscription_of("ben", news), EMAIL, until=None)
    consent.pause(subscription_of("ben", news), EMAIL, until=later)
    consent.pause(subscription_of("dan", news), EMAIL, until=later)
    consent.change(subscription_of("eve", news), EMAIL, topics=["diet"])
    refusals = read_refusals(made_at)
    assert "example.org" not in repr(refusals)
    for number, until in before.items():
        Subscription.objects.filter(pk=number).update(paused_until=until)
    subscription_of("eve", news).topics.clear()

    kept = TypeAdapter(Refusals)
    done = repeat_refusals(kept.validate_json(kept.dump_json(refusals)))
    assert done == Repeated(paused=2, resumed=1, chosen=1)
    paused = {name: subscription_of(name, news).paused_until for name in NAMES}
    assert paused == {"ada": None, "ben": later, "cem": soon, "dan": later, "eve": None}
    assert subscription_of("ada", emails).paused_until == soon
    assert [each.slug for each in subscription_of("eve", news).topics.all()] == ["diet"]
    assert repeat_refusals(refusals) == Repeated()
