"""The guard of the consent log can be lifted for sample people, inside a transaction only."""

import pytest
from django.db import IntegrityError, transaction

from subscribers import consent_guard
from subscribers.consent_by_editor import add_by_editor
from subscribers.consent_log import ConsentSource
from subscribers.lists import add_list
from subscribers.models import ConsentEntry, SourceKind


@pytest.fixture
def entry(transactional_db):
    consent_guard.install()
    by = ConsentSource(SourceKind.EDITOR, "Ruth")
    add_by_editor(add_list("news", "News"), "amara@example.com", by, consent="At the open day")
    yield ConsentEntry.objects.get()
    consent_guard.remove()


def delete(entry):
    ConsentEntry.objects.filter(pk=entry.pk)._raw_delete("default")


def delete_and_fail(entry):
    with transaction.atomic(), consent_guard.lifted():
        delete(entry)
        raise ZeroDivisionError


def test_it_stands_again_when_the_transaction_fails(entry):
    with pytest.raises(ZeroDivisionError):
        delete_and_fail(entry)
    assert ConsentEntry.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        delete(entry)


def test_it_stands_again_when_the_transaction_ends(entry):
    with transaction.atomic(), consent_guard.lifted():
        pass
    with pytest.raises(IntegrityError), transaction.atomic():
        delete(entry)


def test_outside_a_transaction_it_is_not_lifted(entry):
    with pytest.raises(RuntimeError, match="only be lifted inside a transaction"), consent_guard.lifted():
        delete(entry)
    assert ConsentEntry.objects.exists()
