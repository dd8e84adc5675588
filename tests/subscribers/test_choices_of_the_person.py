"""What people chose themselves stands: an import, an editor and a stranger change none of it."""

import io
from datetime import timedelta

import pytest
from django.utils import timezone

from subscribers import consent, consent_by_editor, consent_wordings, suppression
from subscribers.consent import ConsentSource, PersonalDetails
from subscribers.consent_log import chosen_topics
from subscribers.imports.run_import import import_people
from subscribers.lists import find_subscriber
from subscribers.models import ConsentEntry, SourceKind, Subscription
from tests.subscribers.conftest import EDITOR, EMAIL

FORM = ConsentSource(SourceKind.FORM)
ADA = "ada@example.org"


def subscription_of(address=ADA):
    return Subscription.objects.select_related("subscriber", "list").get(subscriber__address_key=address)


def topics_of(address=ADA):
    return chosen_topics(subscription_of(address))


def bring(news, text):
    return import_people(io.BytesIO(text.encode()), news, consent="Paper forms", name="people.csv")


def test_a_file_does_not_change_the_topics_of_who_signed_up_and_has_not_confirmed(news, signs_up):
    signs_up(ADA, topics=["research"])
    outcome = bring(news, f"email,topics\n{ADA},events\n")
    assert outcome.changed == 1
    assert (subscription_of().state, topics_of()) == ("active", ["research"])
    assert ConsentEntry.objects.get(act="imported").topics == ["research"]


def test_a_file_gives_topics_to_whom_an_editor_invited(news):
    consent_by_editor.add_by_editor(news, ADA, EDITOR, consent="Form", ask=True)
    bring(news, f"email,topics\n{ADA},events\n")
    assert (subscription_of().state, topics_of()) == ("active", ["events"])
    assert ConsentEntry.objects.get(act="imported").topics == ["events"]


@pytest.mark.parametrize("topics", [[], ["events"]])
def test_an_editor_does_not_change_the_topics_of_who_signed_up(news, signs_up, topics):
    signs_up(ADA, topics=["research"])
    consent_by_editor.add_by_editor(news, ADA, EDITOR, consent="Form", topics=topics)
    assert (subscription_of().state, topics_of()) == ("active", ["research"])


def test_an_editor_does_not_change_the_topics_of_who_left_and_may_be_added_again(news, ada):
    consent.change(ada, EMAIL, topics=["research"])
    consent.unsubscribe(ada, EMAIL)
    suppression.end_suppression(ADA, EDITOR, why="They rang")
    consent_by_editor.add_by_editor(news, ADA, EDITOR, consent="By telephone", topics=["events"])
    assert (subscription_of().state, topics_of()) == ("active", ["research"])


def test_an_editors_add_leaves_a_pause_alone(news, ada):
    until = timezone.localdate() + timedelta(days=30)
    consent.pause(ada, EMAIL, until=until)
    suppression.suppress(ADA, suppression.Reason.HARD_BOUNCE, ConsentSource(SourceKind.PROVIDER))
    suppression.end_suppression(ADA, EDITOR, why="The mailbox is there again")
    consent_by_editor.add_by_editor(news, ADA, EDITOR, consent="By telephone")
    assert (subscription_of().state, subscription_of().paused_until) == ("active", until)


def test_a_file_does_not_change_the_names_and_language_that_a_person_wrote(news, ada):
    own = PersonalDetails(first_name="Augusta", last_name="", locale="fr", zone=ada.subscriber.zone)
    consent.change_details(ada.subscriber, EMAIL, own)
    outcome = bring(
        news, f"email,first name,last name,language,time zone\n{ADA},Ada,Lovelace,de,Europe/Paris\n"
    )
    person = find_subscriber(ADA)
    assert (person.first_name, person.last_name, person.locale) == ("Augusta", "", "fr")
    assert person.zone == "Europe/Paris"
    assert outcome.changed == 1
    entry = ConsentEntry.objects.get(act="changed", source="import")
    assert (entry.subscriber, entry.list) == (person, None)
    assert bring(news, f"email,first name\n{ADA},Ada\n").unchanged == 1


def test_a_file_does_not_change_the_name_that_came_with_a_sign_up(news, signs_up):
    signs_up(ADA, person=PersonalDetails(first_name="Augusta", locale="en-GB"))
    bring(news, f"email,first name,language\n{ADA},Ada,de\n")
    person = find_subscriber(ADA)
    # The language was the list's.
    assert (person.first_name, person.locale) == ("Augusta", "de")


def test_a_file_changes_what_an_editor_wrote(news, ada):
    bring(news, f"email,first name\n{ADA},Augusta\n")
    assert find_subscriber(ADA).first_name == "Augusta"


def test_a_stranger_who_signs_up_somebody_who_left_changes_none_of_their_topics(news, ada, signs_up):
    consent.change(ada, EMAIL, topics=["research"])
    consent.unsubscribe(ada, EMAIL)
    signs_up(ADA, topics=["events"])
    assert topics_of() == ["research"]
    consent.resubscribe(ada, EMAIL)
    assert topics_of() == ["research"]


def test_who_left_and_confirms_a_new_sign_up_gets_its_topics(news, ada, signs_up):
    consent.change(ada, EMAIL, topics=["research"])
    consent.unsubscribe(ada, EMAIL)
    signs_up(ADA, topics=["events"])
    consent.confirm(ada, EMAIL)
    assert topics_of() == ["events"]
    assert ConsentEntry.objects.get(act="confirmed").topics == ["events"]


def test_who_left_and_confirms_a_sign_up_for_everything_reads_everything(news, ada, signs_up):
    consent.change(ada, EMAIL, topics=["research"])
    consent.unsubscribe(ada, EMAIL)
    signs_up(ADA)
    assert topics_of() == ["research"]
    consent.confirm(ada, EMAIL)
    assert topics_of() == []


def test_topics_that_were_removed_since_the_sign_up_make_nobody_a_reader_of_everything(news, ada, signs_up):
    consent.change(ada, EMAIL, topics=["research"])
    consent.unsubscribe(ada, EMAIL)
    signs_up(ADA, topics=["events"])
    news.topics.get(slug="events").delete()
    consent.confirm(ada, EMAIL)
    assert topics_of() == ["research"]


def test_an_old_wish_does_not_undo_a_later_choice(news, ada, signs_up):
    consent.unsubscribe(ada, EMAIL)
    signs_up(ADA, topics=["events"])
    consent.change(ada, EMAIL, topics=["research"])
    consent.confirm(ada, EMAIL)
    assert topics_of() == ["research"]


def test_names_that_a_form_sends_again_stay_as_the_log_knows_them(news, signs_up, state_of):
    signs_up(ADA, topics=["research"], person=PersonalDetails(first_name="Ada"))
    signs_up(ADA, topics=["research"], person=PersonalDetails(first_name="Mallory"))
    assert find_subscriber(ADA).first_name == "Ada"
    consent.confirm(subscription_of(), EMAIL)
    signs_up(ADA, topics=["events"], person=PersonalDetails(first_name="Mallory"))
    assert (state_of(ADA), topics_of(), find_subscriber(ADA).first_name) == ("active", ["research"], "Ada")


def test_a_single_opt_in_sign_up_that_must_be_confirmed_is_pending_in_the_log(news, ada):
    news.double_opt_in = False
    news.save()
    consent.erase_person(ada.subscriber, EMAIL)
    consent.sign_up(news, ADA, FORM, wording=consent_wordings.keep_wording(news))
    entry = ConsentEntry.objects.filter(act="signed up").get()
    assert (entry.state, entry.moved, subscription_of().state) == ("pending", 0, "pending")
