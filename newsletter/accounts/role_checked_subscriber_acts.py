"""What people with a role do to subscribers: each act checks the role, and then calls the function of `subscribers`.

The subscribers' own app knows no roles. The consent log gets the actor's name. Acts that take addresses out or bring
many in are in the audit log as well, without any address.
"""

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from typing import Any

from django.db import transaction

from newsletter.accounts import audit_log
from newsletter.accounts.actor import Role, current_actor, require_role, why_not_role
from newsletter.errors import Refused
from subscribers import address_changes, consent, consent_by_editor, erasure, free_details, suppression
from subscribers.consent_log import ConsentSource
from subscribers.consent_rules import PersonalDetails, lock_person
from subscribers.correct_address import correct_address as correct_address_of
from subscribers.errors import Invalid
from subscribers.imports.import_options import ImportOptions
from subscribers.imports.import_records import find_import
from subscribers.imports.pasted_recipients import recipients_as_csv
from subscribers.imports.run_import import ImportOutcome, import_people
from subscribers.imports.undo_import import Advance, UndoOutcome, undo_import
from subscribers.lawful_basis import BasisStatement
from subscribers.models import ImportRecord, List, SourceKind, Subscriber, Subscription
from subscribers.phrases import counted
from subscribers.proof_of_basis import proof_as_text

MOST_PASTED_BYTES = 1_000_000
PASTED = "Pasted addresses"
LOOKING = "Viewing subscribers"
CHANGING = "Changing subscribers"
LIFTING = "Removing a suppression"
EXPORTING = "Exporting a person’s data"
ERASING = "Erasing a person"
IMPORTING = "Importing people"


def why_not_look() -> str:
    """Return why the actor may not see subscribers, or an empty string."""
    return why_not_role(Role.EDITOR, LOOKING)


def why_not_lift() -> str:
    """Return why the actor may not lift a suppression, or an empty string."""
    return why_not_role(Role.ADMINISTRATOR, LIFTING)


def why_not_export() -> str:
    """Return why the actor may not export a person's data, or an empty string."""
    return why_not_role(Role.ADMINISTRATOR, EXPORTING)


def why_not_erase() -> str:
    """Return why the actor may not erase a person, or an empty string."""
    return why_not_role(Role.ADMINISTRATOR, ERASING)


def why_not_import() -> str:
    """Return why the actor may not import people, or an empty string."""
    return why_not_role(Role.ADMINISTRATOR, IMPORTING)


def add_person(
    mailing_list: List,
    address: str,
    *,
    statement: str,
    topics: Sequence[str] = (),
    person: PersonalDetails | None = None,
    ask: bool = False,
    on: BasisStatement | None = None,
) -> Subscription:
    """Add a person to a list, as `consent_by_editor.add_by_editor` does. `statement` says where the consent comes from,
    or another lawful basis `on` which they get emails.
    """
    require_role(Role.EDITOR, CHANGING)
    return consent_by_editor.add_by_editor(
        mailing_list, address, _source(), consent=statement, topics=topics, person=person, ask=ask, on=on
    )


def record_basis(subscription: Subscription, said: BasisStatement, *, statement: str) -> Subscription:
    """Record on which lawful basis a person gets the emails of a list, as `consent_by_editor.record_basis` does."""
    require_role(Role.EDITOR, CHANGING)
    return consent_by_editor.record_basis(subscription, _source(), said, statement=statement)


def export_proof(subscription: Subscription) -> str:
    """Return the proof of a lawful basis as a text, and record in the audit log that it was taken out."""
    require_role(Role.ADMINISTRATOR, EXPORTING)
    audit_log.write(
        "export",
        f"Exported one person’s proof of lawful basis for the list “{subscription.list.name}”.",
        thing=f"subscriber {subscription.subscriber_id}",
    )
    return proof_as_text(subscription)


def ask_to_change_address(subscriber: Subscriber, address: str) -> None:
    """Ask the owner of a new address to confirm it for a person, as `address_changes` says."""
    require_role(Role.EDITOR, CHANGING)
    address_changes.ask_to_change_address(subscriber, address, _source())


def correct_address(subscriber: Subscriber, address: str) -> None:
    """Correct a typing mistake in the address of a person whom nobody has emailed, as `correct_address` says."""
    require_role(Role.EDITOR, CHANGING)
    correct_address_of(subscriber, address, _source())


def ask_again_for_address(subscriber: Subscriber) -> str:
    """Send the confirmation email of a change again, and return the new address, or an empty string if none waits."""
    change = address_changes.waiting_change(subscriber)
    if change is None:
        return ""
    ask_to_change_address(subscriber, change.address)
    return change.address


def cancel_address_change(subscriber: Subscriber) -> bool:
    """Cancel a change of address that was not confirmed yet, and return whether there was one."""
    require_role(Role.EDITOR, CHANGING)
    return address_changes.cancel_address_change(subscriber, _source())


def details_version(subscriber: Subscriber) -> str:
    """Return a mark of everything that `change_details` can change, as it is stored."""
    details = [getattr(subscriber, field.name) for field in fields(PersonalDetails)]
    stored = json.dumps([*details, subscriber.attributes], sort_keys=True)
    return hashlib.sha256(stored.encode()).hexdigest()[:16]


def change_details(
    subscriber: Subscriber,
    person: PersonalDetails,
    *,
    seen: str,
    others: Mapping[str, str] | None = None,
    added: tuple[str, str] = ("", ""),
) -> Subscriber:
    """Change the name, language, time zone and other details of a person. The log records it without the values.

    `others` are the texts of details by name, where an empty text removes one. `added` is one more: name and value.
    `seen` is the `details_version` that the change started from. Raises Refused if the details have changed since.
    """
    require_role(Role.EDITOR, CHANGING)
    with transaction.atomic():
        if seen != details_version(lock_person(subscriber)):
            raise Refused(
                "Somebody has changed this person’s details since you opened the page. Check the current "
                "details. To replace them with yours, save again."
            )
        consent.change_details(subscriber, _source(), person)
        return free_details.change_free_details(subscriber, _source(), others or {}, added=added)


def unsubscribe(subscription: Subscription, *, reason: str) -> Subscription:
    """Unsubscribe a person from one list."""
    require_role(Role.EDITOR, CHANGING)
    return consent.unsubscribe(subscription, _source(), reason=reason)


def pause(subscription: Subscription, *, until: date | None) -> Subscription:
    """Send a person nothing of a list before a day. None ends the pause. Raises Invalid for a day in the past."""
    require_role(Role.EDITOR, CHANGING)
    return consent.pause(subscription, _source(), until=until)


def suppress(subscriber: Subscriber, *, reason: str) -> bool:
    """Suppress the address of a person. Return whether it was not suppressed for this reason before."""
    require_role(Role.EDITOR, CHANGING)
    return suppression.suppress(
        subscriber.address, suppression.Reason.MANUAL, _source(), note=reason.strip()[:500]
    )


def lift(subscriber: Subscriber, *, reason: str) -> None:
    """Lift the suppressions and unsubscriptions of a person, which subscribes them to nothing."""
    require_role(Role.ADMINISTRATOR, LIFTING)
    suppression.end_suppression(subscriber.address, _source(), why=reason)


def export(subscriber: Subscriber) -> dict[str, Any]:
    """Return everything stored about a person, and record in the audit log that it was taken out."""
    require_role(Role.ADMINISTRATOR, EXPORTING)
    document = erasure.export_person(subscriber)
    audit_log.write(
        "export", "Exported everything stored about one person.", thing=f"subscriber {subscriber.pk}"
    )
    return document


def erase(subscriber: Subscriber, *, typed: str) -> None:
    """Erase a person and everything about them. `typed` is their address, typed again. Raises Invalid if it differs."""
    require_role(Role.ADMINISTRATOR, ERASING)
    if typed.strip().casefold() != subscriber.address.casefold():
        raise Invalid("To confirm, type this person’s address exactly.")
    consent.erase_person(subscriber, _source())


def import_pasted(
    text: str,
    mailing_list: List,
    *,
    statement: str,
    ignored: Sequence[str] = (),
    dry_run: bool,
) -> ImportOutcome:
    """Import pasted addresses, or say what an import would do. See `import_people` for what it raises."""
    require_role(Role.ADMINISTRATOR, IMPORTING)
    rows, count = recipients_as_csv(text)
    outcome = import_people(
        io.BytesIO(rows.encode()),
        mailing_list,
        consent=statement,
        name=PASTED,
        by=current_actor().name,
        wishes=ImportOptions(ignored=ignored),
        dry_run=dry_run,
    )
    if count and count != (lines := sum(bool(line.strip()) for line in text.splitlines())):
        found = f"{counted(count, 'address', 'addresses')} in {counted(lines, 'line', 'lines')}"
        outcome.notes.insert(
            0, f"We found {found}. Each row number is the position of an address, not of a line."
        )
    if outcome.record:
        log_import(mailing_list, outcome.record, outcome.counts(), rows=("pasted row", "pasted rows"))
    return outcome


def take_back_import(number: int, *, advance: Advance | None = None) -> UndoOutcome:
    """Undo the import with this number, as `undo_import` does: people who acted since stay as they are."""
    require_role(Role.ADMINISTRATOR, IMPORTING)
    record = find_import(number)
    outcome = undo_import(record, by=current_actor().name, advance=advance)
    audit_log.write(
        "import",
        f"Undid import {record.pk} into the list “{record.list.name}”.",
        thing=f"list {record.list_id}",
    )
    return outcome


def log_import(
    mailing_list: List,
    record: ImportRecord,
    counts: Mapping[str, int],
    *,
    rows: tuple[str, str] = ("row", "rows"),
) -> None:
    """Write into the audit log that people were imported, with the numbers and without the name of the file."""
    audit_log.write(
        "import",
        f"Imported {counted(counts.get('rows', 0), *rows)} into the list “{mailing_list.name}” (import {record.pk}).",
        thing=f"list {mailing_list.pk}",
        changes={name: [0, number] for name, number in counts.items() if number},
    )


def _source() -> ConsentSource:
    return ConsentSource(SourceKind.EDITOR, current_actor().name)
