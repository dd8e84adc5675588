import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet

from subscribers import consent, consent_by_editor, consent_guard
from subscribers.errors import Refused
from subscribers.models import ConsentEntry
from tests.subscribers.conftest import EDITOR


@pytest.fixture
def guarded(db):
    consent_guard.install()
    yield
    consent_guard.remove()


def test_entries_are_only_ever_added(ada):
    entry = ada.subscriber.consent_entries.get()
    entry.note = "never happened"
    for act in (
        entry.save,
        entry.delete,
        ConsentEntry.objects.all().delete,
        lambda: ConsentEntry.objects.update(note="x"),
        lambda: ConsentEntry.objects.bulk_update([entry], ["note"]),
        lambda: ada.subscriber.consent_entries.update(note="x"),
    ):
        with pytest.raises(Refused, match="cannot be changed or removed"):
            act()
    entry.refresh_from_db()
    assert entry.note == ""


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM subscribers_consententry",
        "UPDATE subscribers_consententry SET act = 'left'",
        "UPDATE subscribers_consententry SET note = 'x'",
        "UPDATE subscribers_consententry SET subscriber_id = NULL, act = 'left'",
        "UPDATE subscribers_consententry SET subscriber_id = NULL, network_address = '192.0.2.1'",
        "UPDATE subscribers_wording SET text = 'anything at all'",
        "UPDATE subscribers_wording SET version = version + 1",
        "UPDATE subscribers_wording SET language = 'de', text = '(erased)'",
        "DELETE FROM subscribers_wording",
    ],
)
def test_the_database_itself_keeps_the_log(ada, guarded, statement):
    with pytest.raises(DatabaseError, match="cannot be changed or removed"), transaction.atomic():
        connection.cursor().execute(statement)
    assert ada.subscriber.consent_entries.count() == 1


@pytest.mark.sqlite
def test_sqlite_does_not_replace_an_entry_either(ada, guarded):
    copy = "INSERT OR REPLACE INTO subscribers_consententry SELECT * FROM subscribers_consententry"
    with pytest.raises(DatabaseError, match="cannot be changed or removed"), transaction.atomic():
        connection.cursor().execute(copy)


def test_who_it_was_may_be_blanked(ada, guarded):
    blank = {"subscriber": None, "network_address": "", "user_agent": "", "note": ""}
    assert QuerySet(ConsentEntry).update(**blank) == 1
    assert ConsentEntry.objects.get().act == "added"


def test_an_erased_address_is_blanked_in_wordings_under_guard(news, guarded):
    ada = consent_by_editor.add_by_editor(
        news, "ada@example.org", EDITOR, consent="Mail from ada@example.org"
    )
    consent.erase_person(ada.subscriber, EDITOR)
    assert news.wordings.latest("version").text == "Mail from (erased)"


def test_installing_the_guard_again_is_harmless(guarded):
    consent_guard.install()
