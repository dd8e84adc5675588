"""Give people all their data, and erase it. A suppressed digest and counts without names stay."""

import sys
from contextvars import ContextVar
from typing import Any, cast

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q, QuerySet

from subscribers import locks, signals, suppression
from subscribers.consent_log import ConsentSource, chosen_topics, record
from subscribers.consent_wordings import ERASED
from subscribers.database import portions
from subscribers.find_address_in_text import Spellings
from subscribers.models import (
    AddressChange,
    ConsentEntry,
    ImportChange,
    ImportRecord,
    Subscriber,
    Subscription,
    Suppression,
    Wording,
)
from subscribers.models.address_index import AT_SIGNS
from subscribers.search.keep_search_index import overwrite_removed
from subscribers.texts_with_addresses import rows_with, texts_that_name
from subscribers.transactions import one_transaction

SENDER = sys.modules[__name__]
# What is recorded meanwhile belongs to the erasure of one person.
ERASING = ContextVar("erasing", default=False)
# The texts of a suppression, and their maximum length: the placeholder may be longer than a short address.
LONGEST = {"suppressed_by": 200, "lifted_by": 200, "lifted_why": 500}
LONGEST_OF_ENTRIES = {"source_name": 200, "note": 500}
BLANK: dict[str, Any] = {"subscriber": None, "network_address": "", "user_agent": "", "note": ""}
LONGEST_OF_IMPORTS = {"name": 200, "imported_by": 200, "undone_by": 200}


def export_person(subscriber: Subscriber) -> dict[str, Any]:
    """Return everything stored about a person, as plain values for JSON. Times are ISO 8601 in UTC."""
    change = AddressChange.objects.filter(subscriber=subscriber, confirmed_at=None).first()
    document: dict[str, Any] = {
        "address": subscriber.address,
        **({"new_address_to_confirm": change.address} if change else {}),
        "first_name": subscriber.first_name,
        "last_name": subscriber.last_name,
        "language": subscriber.locale,
        "time_zone": subscriber.zone,
        "attributes": subscriber.attributes,
        "known_since": subscriber.created_at.isoformat(),
        "lists": [_subscription(one) for one in subscriber.subscriptions.select_related("list")],
        "consent": [_entry(one) for one in history(subscriber)],
        "changed_by_imports": [_import_change(one) for one in _changes_of(subscriber)],
        "suppressed": sorted(
            suppression.suppressions_of(subscriber.address_key)
            .filter(lifted_at=None)
            .values_list("reason", flat=True)
            .distinct()
        ),
    }
    answers = cast("list[tuple[Any, Any]]", signals.exporting.send(SENDER, subscriber=subscriber))
    for _receiver, part in answers:
        document.update(part or {})
    return document


def history(subscriber: Subscriber) -> QuerySet[ConsentEntry]:
    """Return a person's consent log, oldest first."""
    return subscriber.consent_entries.select_related("list", "wording").order_by("pk")


def erase(subscriber: Subscriber, source: ConsentSource) -> None:
    """Erase the person and what refers to them, suppress the address and former ones as erased, and clean the freed
    pages.

    Safe to repeat: people already erased stay erased.
    """
    _erase(subscriber.pk, subscriber.address_key, source)
    if not connection.in_atomic_block:
        sweep()


@one_transaction
def _erase(number: int, address_key: str, source: ConsentSource) -> None:
    locks.share_for([address_key])
    subscriber = Subscriber.objects.select_for_update().filter(pk=number).first()
    if subscriber is None:
        return
    erasing = ERASING.set(True)
    try:
        suppression.suppress(subscriber.address, suppression.Reason.ERASED, source)
        suppression.suppress_former_addresses_as_erased(subscriber, source)
    finally:
        ERASING.reset(erasing)
    record(ConsentEntry.Act.ERASED, subscriber, source)
    forget_everywhere(subscriber)


def forget_everywhere(subscriber: Subscriber) -> None:
    """Let other apps forget the person, and remove them here. Call it within the transaction of an act on them."""
    signals.forgetting.send(SENDER, subscribers=[subscriber])
    remove(subscriber)


def remove(subscriber: Subscriber) -> None:
    """Delete the row, and blank the person in the consent log, whose counts stay."""
    spellings = Spellings(subscriber)
    _blank_wordings(spellings)
    _blank_suppressions(spellings)
    # The queryset of the log refuses updates. The log's guard allows these.
    entries: QuerySet[ConsentEntry] = QuerySet(ConsentEntry).filter(subscriber=subscriber)
    named = [pk for pk, name in entries.values_list("pk", "source_name") if spellings.are_in(name)]
    entries.filter(pk__in=named).update(**BLANK, source_name="")
    entries.update(**BLANK)
    _blank_entries_of_others(spellings)
    _blank_imports(spellings)
    AddressChange.objects.filter(address_key=subscriber.address_key).delete()
    subscriber.delete()


def overwrite_what_is_deleted(connection: BaseDatabaseWrapper, **_signal: Any) -> None:
    """Let SQLite overwrite freed pages from the first statement on: otherwise, a page that was split keeps
    copies.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete=ON")


def sweep() -> None:
    """Let SQLite overwrite erased people in the index of the search, and empty its write-ahead log, which may have
    older copies of erased pages.
    """
    overwrite_removed()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _blank_wordings(spellings: Spellings) -> None:
    """Blank the address in wordings: an editor may have typed it when recording where a consent comes from."""
    for wording in Wording.objects.filter(may_hold_an_address("text")).iterator():
        if spellings.are_in(wording.text):
            wording.text = spellings.without(wording.text, ERASED)
            wording.save(update_fields=("text",))


def _blank_suppressions(spellings: Spellings) -> None:
    """Blank the address beside digests, its own or another's, for example in the reason for lifting a
    suppression.
    """
    for field, longest in LONGEST.items():
        for text in texts_that_name(spellings, Suppression, field):
            blanked = spellings.without(text, ERASED)[:longest]
            for some in portions(rows_with(text, Suppression, field)):
                Suppression.objects.filter(pk__in=some).update(**{field: blanked})


def _blank_entries_of_others(spellings: Spellings) -> None:
    """Blank the address in other people's entries: a file may have been named after it, or a note may mention it."""
    entries: QuerySet[ConsentEntry] = QuerySet(ConsentEntry)
    for field, longest in LONGEST_OF_ENTRIES.items():
        for text in texts_that_name(spellings, ConsentEntry, field):
            blanked = spellings.without(text, ERASED)[:longest]
            for some in portions(rows_with(text, ConsentEntry, field)):
                entries.filter(pk__in=some).update(**{field: blanked})


def _blank_imports(spellings: Spellings) -> None:
    """Blank the address in records of imports: the name of a file, a user's name, or an answer about a column."""
    for row in ImportRecord.objects.all():
        if not spellings.are_in(f"{[getattr(row, name) for name in LONGEST_OF_IMPORTS]} {row.answers}"):
            continue
        for name, longest in LONGEST_OF_IMPORTS.items():
            setattr(row, name, spellings.without(getattr(row, name), ERASED)[:longest])
        row.answers = {
            name: spellings.without(said, ERASED)
            if isinstance(said, str)
            else [spellings.without(each, ERASED) for each in said]
            for name, said in row.answers.items()
        }
        row.save(update_fields=(*LONGEST_OF_IMPORTS, "answers"))


def may_hold_an_address(*fields: str) -> Q:
    """Select rows that may contain an address, by an @ only: databases fold only ASCII, or by rules of their own."""
    found = Q()
    for field in fields:
        for sign in AT_SIGNS:
            found |= Q(**{f"{field}__contains": sign})
    return found


def _changes_of(subscriber: Subscriber) -> QuerySet[ImportChange]:
    return subscriber.import_changes.select_related("piece__record").order_by("pk")


def _import_change(one: ImportChange) -> dict[str, Any]:
    """Return what an import changed about a person, as it is kept so that the import can be undone."""
    return {
        "import": one.piece.record.name,
        "at": one.piece.record.began_at.isoformat(),
        "before": one.details_before,
        "after": one.details_after,
        "topics_before": one.topics_before,
        "topics_after": one.topics_after,
        "basis_before": one.basis_before,
        "was_pending": one.was_pending,
    }


def _subscription(one: Subscription) -> dict[str, Any]:
    return {
        "list": one.list.name,
        "state": one.state,
        "topics": chosen_topics(one),
        "came_by": one.source,
        "basis": one.basis,
        "joined_at": one.joined_at.isoformat(),
        "left_at": one.left_at.isoformat() if one.left_at else None,
        "paused_until": one.paused_until.isoformat() if one.paused_until else None,
    }


def _entry(entry: ConsentEntry) -> dict[str, Any]:
    return {
        "at": entry.at.isoformat(),
        "act": entry.act,
        "list": entry.list.name if entry.list else None,
        "topics": entry.topics,
        "wording": entry.wording.text if entry.wording else None,
        "wording_version": entry.wording.version if entry.wording else None,
        "basis": entry.basis,
        "by": entry.source,
        "name": entry.source_name,
        "network_address": entry.network_address,
        "user_agent": entry.user_agent,
        "note": entry.note,
    }
