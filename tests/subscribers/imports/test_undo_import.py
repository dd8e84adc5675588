"""An import is undone: what it added and changed is taken back, except for people who acted since."""

import io
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from subscribers import consent, consent_by_editor, erasure, suppression
from subscribers.consent import PersonalDetails
from subscribers.errors import Refused
from subscribers.imports import import_records
from subscribers.imports.run_import import import_people
from subscribers.imports.undo_import import undo_import
from subscribers.lists import find_subscriber
from subscribers.models import (
    ConsentEntry,
    ImportChange,
    ImportPiece,
    ImportRecord,
    Subscriber,
    Subscription,
    Suppression,
)
from subscribers.verify_consent_log import differences
from tests.subscribers.conftest import EDITOR, EMAIL

pytestmark = pytest.mark.django_db


def bring(mailing_list, text, name="people.csv", **options):
    return import_people(
        io.BytesIO(text.encode()), mailing_list, consent="Paper", name=name, by="Ed", **options
    ).record


def undo(record, **options):
    """What the undo counted; a dry run before it must have said the same."""
    foreseen = undo_import(record, by="Ed", dry_run=True).counts
    record.refresh_from_db()
    outcome = undo_import(record, by="Ed", **options)
    assert dict(outcome.counts) == dict(foreseen)
    assert list(differences()) == []
    return {name: number for name, number in outcome.counts.items() if number}


def subscription_of(address, mailing_list):
    return Subscription.objects.get(subscriber__address_key=address, list=mailing_list)


def everything_but_the_log():
    models = (Subscriber, Subscription, Suppression, Subscription.topics.through)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_people_who_were_added_are_removed_and_the_log_says_so(news, ada):
    before = everything_but_the_log()
    record = bring(news, "email,first name,topics\nben@example.org,Ben,events\ncleo@example.org,Cleo,\n")

    assert undo(record) == {"removed": 2}

    assert everything_but_the_log() == before
    entries = ConsentEntry.objects.order_by("pk").values_list("act", "subscriber", "moved", "source_name")
    assert list(entries) == [
        ("added", ada.subscriber_id, 1, "Edith"),
        ("imported", None, 1, "people.csv"),
        ("imported", None, 1, "people.csv"),
        ("import undone", None, -1, "Ed"),
        ("import undone", None, -1, "Ed"),
    ]
    assert (record.state, record.undone_by) == ("undone", "Ed")


def test_the_import_can_be_repeated_after_its_undo(news):
    text = "email\nben@example.org\n"
    undo(bring(news, text))

    record = bring(news, text)

    assert record.counts == {"rows": 1, "added": 1} | dict.fromkeys(
        ["changed", "unchanged", "refused", "suppressed", "unsubscribed", "duplicates"], 0
    )


def test_details_and_topics_are_as_before_where_nobody_changed_them_since(news, ada):
    bring(news, "email,city,country,topics\nada@example.org,London,UK,events\n")
    record = bring(
        news,
        "email,first name,last name,city,job,topics\nada@example.org,Eda,Lovelace,Paris,Poet,research\n",
    )
    consent.change_details(
        find_subscriber("ada@example.org"), EDITOR, PersonalDetails(first_name="Eda", last_name="King")
    )

    assert undo(record) == {"restored_details": 1, "left_other_details": 1, "restored_topics": 1}

    person = find_subscriber("ada@example.org")
    assert (person.first_name, person.last_name) == ("Ada", "King")
    assert person.attributes == {"city": "London", "country": "UK"}


def test_topics_are_as_before(news, ada):
    bring(news, "email,topics\nada@example.org,events\n")
    record = bring(news, "email,topics\nada@example.org,research\n")

    assert undo(record) == {"restored_topics": 1}

    assert list(ada.topics.values_list("slug", flat=True)) == ["events"]


def test_a_name_that_the_person_confirmed_is_kept(news, ada):
    record = bring(news, "email,first name\nada@example.org,Eda\n")
    person = find_subscriber("ada@example.org")
    consent.change_details(person, EMAIL, PersonalDetails(first_name="Other", last_name="Byron"))
    consent.change_details(person, EMAIL, PersonalDetails(first_name="Eda", last_name="Byron"))

    assert undo(record) == {"left_other_details": 1}
    assert find_subscriber("ada@example.org").first_name == "Eda"


ACTS = {
    "unsubscribed": lambda one: consent.unsubscribe(one, EMAIL),
    "left all": lambda one: consent.unsubscribe_from_all(one.subscriber, EMAIL),
    "changed": lambda one: consent.change(one, EMAIL, topics=["events"]),
    "details": lambda one: consent.change_details(one.subscriber, EMAIL, PersonalDetails(first_name="B")),
    "paused": lambda one: consent.pause(one, EMAIL, until=timezone.localdate() + timedelta(days=3)),
    "edited": lambda one: consent.change_details(one.subscriber, EDITOR, PersonalDetails(first_name="B")),
    "suppressed": lambda one: suppression.suppress(one.subscriber.address, "complaint", EDITOR),
}


@pytest.mark.parametrize(
    ("act", "how"),
    [
        ("unsubscribed", "left_unsubscribed"),
        ("left all", "left_unsubscribed"),
        ("changed", "left_changed"),
        ("details", "left_changed"),
        ("paused", "left_paused"),
        ("edited", "left_edited"),
        ("suppressed", "left_unsubscribed"),
    ],
)
def test_who_acted_since_stays_as_they_are(news, act, how):
    record = bring(news, "email,first name\nben@example.org,Ben\ncleo@example.org,Cleo\n")
    ACTS[act](subscription_of("ben@example.org", news))
    before = everything_but_the_log()

    assert undo(record) == {"removed": 1, how: 1}

    after = everything_but_the_log()
    assert after[0] == [row for row in before[0] if row["address"] == "ben@example.org"]
    assert after[1] == [row for row in before[1] if row["subscriber_id"] == after[0][0]["id"]]
    assert after[2:] == before[2:]


def test_who_is_on_another_list_only_leaves_this_one(news, emails, ada):
    record = bring(emails, "email,first name\nada@example.org,\nben@example.org,Ben\n")
    consent_by_editor.add_by_editor(news, "ben@example.org", EDITOR, consent="A form")

    assert undo(record) == {"taken_off": 2}

    on = Subscription.objects.order_by("pk").values_list("subscriber__address_key", "list__slug")
    assert list(on) == [("ada@example.org", "news"), ("ben@example.org", "news")]
    assert find_subscriber("ben@example.org").first_name == "Ben"


def test_who_is_in_a_later_file_stays_until_that_import_is_undone(news):
    first = bring(news, "email\nben@example.org\ncleo@example.org\ndan@example.org\n")
    second = bring(news, "email\ncleo@example.org\n")
    third = bring(news, "email,first name\ndan@example.org,Dan\n")
    undo(third)

    assert undo(first) == {"removed": 2, "left_imported": 1}
    assert undo(second) == {}
    assert set(Subscriber.objects.values_list("address_key", flat=True)) == {"cleo@example.org"}


def test_an_undo_says_first_that_people_of_a_later_import_stay_for_good(news, cli):
    first = bring(news, "email\nben@example.org\ncleo@example.org\n")
    second = bring(news, "email,first name\ncleo@example.org,Cleo\n")

    asked = cli("subscribers", "undo-import", first.pk)
    assert asked.code == 1
    said = " ".join(asked.out.split())
    assert f"1 person is also in a later import (import {second.pk}). If you undo this import now" in said
    assert "undo the later import first" in said
    assert Subscriber.objects.count() == 2

    done = cli("subscribers", "undo-import", first.pk, "--yes")
    assert "You cannot undo this import again for them" in " ".join(done.out.split())
    again = cli("subscribers", "undo-import", first.pk, "--yes")
    assert "We kept its changes to 1 person who" in again.err


def test_an_undo_says_nothing_of_later_imports_that_concern_nobody(news, cli):
    first = bring(news, "email\nben@example.org\n")
    bring(news, "email\ncleo@example.org\n")

    assert "later import" not in cli("subscribers", "undo-import", first.pk, "--dry-run").out


def test_a_no_is_never_taken_back(news, ada):
    record = bring(
        news,
        "email,first name,status\nada@example.org,,unsubscribed\nben@example.org,Ben,unsubscribed\n"
        "cleo@example.org,Cleo,bounced\n",
    )

    assert undo(record) == {"kept_unsubscribed": 2, "kept_suppressed": 1}

    assert {one.state for one in Subscription.objects.all()} == {"unsubscribed"}
    assert suppression.reasons("cleo@example.org") == {"hard bounce"}
    # Only their no is kept, not the name that came with it.
    assert find_subscriber("ben@example.org").first_name == ""
    assert bring(news, "email\nben@example.org\ncleo@example.org\n").counts["added"] == 0


def test_who_had_not_confirmed_is_asked_again(news, signs_up):
    signs_up("ben@example.org", topics=["research"])
    before = everything_but_the_log()
    record = bring(news, "email\nben@example.org\n")
    assert subscription_of("ben@example.org", news).state == "active"

    assert undo(record) == {"restored_pending": 1}

    assert everything_but_the_log() == before


def test_who_was_erased_since_never_comes_back_and_leaves_no_values(news, ada):
    record = bring(news, "email,first name\nada@example.org,Eda\nben@example.org,Ben\n")
    assert ImportChange.objects.get().details_before["first_name"] == "Ada"
    assert erasure.export_person(ada.subscriber)["changed_by_imports"][0]["before"]["first_name"] == "Ada"
    consent.erase_person(ada.subscriber, EMAIL)
    consent.erase_person(find_subscriber("ben@example.org"), EMAIL)
    assert not ImportChange.objects.exists()

    assert undo(record) == {"left_erased": 1}
    assert not Subscriber.objects.exists()


def test_an_erased_address_leaves_the_records_of_imports(news, ada):
    record = bring(news, "email\nada@example.org\n", name="ada@example.org.csv")
    consent.erase_person(ada.subscriber, EMAIL)
    record.refresh_from_db()
    assert "ada" not in record.name


def test_a_removed_person_whose_address_names_the_file_leaves_no_trace(news):
    record = bring(news, "email\nben@example.org\ncleo@example.org\n", name="ben@example.org.csv")

    assert undo(record) == {"removed": 2}

    record.refresh_from_db()
    names = ConsentEntry.objects.values_list("source_name", flat=True)
    assert not [name for name in [record.name, *names] if "ben@" in name]


def test_a_topic_that_was_removed_never_means_every_topic(news, ada):
    from subscribers.topic_removal import find_topic, remove_topic

    bring(news, "email,topics\nada@example.org,events\n")
    record = bring(news, "email,topics\nada@example.org,research\n")
    remove_topic(find_topic(news, "events"), EDITOR)

    assert undo(record) == {"left_removed_topics": 1}
    assert list(ada.topics.values_list("slug", flat=True)) == ["research"]


def test_an_import_is_undone_once(news):
    record = bring(news, "email\nben@example.org\n")
    undo(record)
    with pytest.raises(Refused, match="was undone on"):
        undo_import(record, by="Ed")


def test_an_import_can_be_undone_for_thirty_days_and_then_its_values_are_deleted(news, ada):
    record = bring(news, "email,first name\nada@example.org,Eda\n")
    with time_machine.travel(timezone.now() + timedelta(days=29)):
        assert import_records.prune_imports(timezone.now()) == 0
        assert import_records.why_not_undo(record) == ""
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        while import_records.prune_imports(timezone.now()):
            pass
        assert not ImportChange.objects.exists()
        assert not ImportPiece.objects.exists()
        with pytest.raises(Refused, match="more than 30 days ago"):
            undo_import(record, by="Ed")
    assert ImportRecord.objects.get().counts["changed"] == 1


def test_a_second_undo_at_the_same_time_is_refused(news):
    record = bring(news, "email\nben@example.org\n")

    def undo_again(_done):
        with pytest.raises(Refused, match="We are already undoing import"):
            undo_import(ImportRecord.objects.get(), by="Another")

    undo_import(record, by="Ed", advance=undo_again)
    assert not Subscriber.objects.exists()


def test_an_undo_stops_an_import_that_is_still_running(news, monkeypatch):
    monkeypatch.setattr("subscribers.imports.adaptive_pieces.FIRST_PIECE", 2)
    monkeypatch.setattr("subscribers.imports.adaptive_pieces.FEWEST", 2)
    finish = import_records.finish

    def undo_first(record, counts):
        undo_import(ImportRecord.objects.get(), by="Ed")
        finish(record, counts)

    monkeypatch.setattr(import_records, "finish", undo_first)
    with pytest.raises(Refused, match="somebody undid it while it was running"):
        bring(news, "email\nben@example.org\ncleo@example.org\ndan@example.org\n")
    assert not Subscriber.objects.exists()


def test_a_dry_run_of_an_import_leaves_no_record(news):
    import_people(io.BytesIO(b"email\nben@example.org\n"), news, consent="Paper", dry_run=True)
    assert not ImportRecord.objects.exists()


def test_an_undo_that_failed_continues_and_its_dry_run_says_what_all_of_it_takes_back(news, monkeypatch):
    record = bring(news, "email\nben@example.org\ncleo@example.org\ndan@example.org\n")
    monkeypatch.setattr("subscribers.imports.undo_import.FIRST_SLICE", 2)

    def stop(_done):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        undo_import(record, by="Ed", advance=stop)
    assert Subscriber.objects.count() == 1
    record.refresh_from_db()

    assert undo(record) == {"removed": 3}


def test_the_commands_list_imports_and_undo_one(news, cli, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("email\nben@example.org\n")
    cli("subscribers", "import", str(file), "--list", "news", "--consent", "Paper")
    number = ImportRecord.objects.get().pk

    dry = cli("subscribers", "undo-import", str(number), "--dry-run")
    assert "removed  1" in dry.out
    assert "nothing was changed" in dry.out
    assert Subscriber.objects.exists()
    assert cli("subscribers", "undo-import", str(number), "--yes").code == 0
    assert not Subscriber.objects.exists()

    listed = cli("subscribers", "imports", "--list", "news")
    assert "people.csv" in listed.out
    assert "Undone" in listed.out
    again = cli("subscribers", "undo-import", str(number), "--yes")
    assert again.code == 1
    assert "was undone on" in again.err
    assert "Import 999999999 does not exist." in cli("subscribers", "undo-import", "999999999").err
