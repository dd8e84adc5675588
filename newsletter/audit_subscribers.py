"""Record in the audit log what users do to lists, topics and subscribers, on any page or command.

The app of subscribers does not import the newsletter, so this module listens to what it saves. Subscribers appear
only by number: the consent log has the details.
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import Model
from django.db.models.signals import post_delete, post_save, pre_save
from django.dispatch import receiver

from newsletter.accounts import audit_log
from subscribers.erasure import ERASING
from subscribers.models import ConsentEntry, ImportRecord, List, SourceKind, Suppression, Topic
from subscribers.signals import lifting, undoing_import

KINDS: dict[type[Model], str] = {List: "list", Topic: "topic"}
MAX_NAMED = 20
Act = ConsentEntry.Act
# What a user did to a person, and from which list. People are named by their numbers alone.
SENTENCES: dict[str, str] = {
    Act.SIGNED_UP: "Signed up {person} for {list}.",
    Act.CONFIRMED: "Confirmed the subscription of {person} to {list}.",
    Act.ADDED: "Added {person} to {list}.",
    Act.INVITED: "Asked {person} to confirm the subscription to {list}.",
    Act.IMPORTED: "Imported {person} into {list}.",
    Act.BASIS: "Recorded the lawful basis for sending {list} to {person}.",
    Act.CHANGED: "Changed the details, topics or address of {person}.",
    Act.PAUSED: "Paused emails from {list} to {person}.",
    Act.RESUMED: "Resumed emails from {list} to {person}.",
    Act.LEFT: "Unsubscribed {person} from {list}.",
    Act.GAVE_REASON: "Recorded why {person} unsubscribed from {list}.",
    Act.CAME_BACK: "Subscribed {person} to {list} again.",
    Act.SUPPRESSED: "Suppressed the address of {person}.",
    Act.LIFTED: "Allowed emails to {person} again.",
    Act.DROPPED: "Removed {person} from {list}, because the subscription was not confirmed.",
    Act.IMPORT_UNDONE: "Undid the import of {person} into {list}.",
    Act.ERASED: "Erased {person} and everything stored about them.",
}
VALUES_BEFORE = "_newsletter_values_before"
# What a reader does with a link or a form counts as the reader's act, even if a user is signed in.
BY_READERS = (SourceKind.FORM, SourceKind.EMAIL_LINK, SourceKind.PROVIDER, SourceKind.SCHEDULER)


@receiver(pre_save, sender=List)
@receiver(pre_save, sender=Topic)
def remember_stored_values(sender: Any, instance: Model, **_signal: Any) -> None:
    """Remember the stored values of a list or topic before a user changes it."""
    if audit_log.is_person_acting():
        stored = sender.objects.filter(pk=instance.pk).first() if instance.pk else None
        setattr(instance, VALUES_BEFORE, audit_log.values_of(stored))


@receiver(post_save, sender=List)
@receiver(post_save, sender=Topic)
def record_what_changed(sender: type[Model], instance: Model, *, created: bool, **_signal: Any) -> None:
    """Record what a user changed in a list or topic."""
    if not audit_log.is_person_acting():
        return
    before = getattr(instance, VALUES_BEFORE, {})
    changes = audit_log.changes_between(before, audit_log.values_of(instance))
    if changes:
        _record("Created" if created else "Changed", sender, instance, changes)


@receiver(post_delete, sender=List)
@receiver(post_delete, sender=Topic)
def record_what_is_removed(sender: type[Model], instance: Model, **_signal: Any) -> None:
    """Record that a user removed a list or topic."""
    if audit_log.is_person_acting():
        _record("Removed", sender, instance, audit_log.changes_between(audit_log.values_of(instance), {}))


@receiver(post_save, sender=ConsentEntry)
def record_act_on_subscriber(instance: ConsentEntry, *, created: bool, **_signal: Any) -> None:
    """Record that a user changed a subscriber. The consent log has the details."""
    if not created or not audit_log.is_person_acting() or instance.source in BY_READERS or ERASING.get():
        return
    named = {"person": f"subscriber {instance.subscriber_id}", "list": f"“{instance.list}”"}
    audit_log.write(
        "erase" if instance.act == Act.ERASED else "subscriber",
        SENTENCES[instance.act].format(**named if instance.list else {**named, "list": "a list"}),
        thing=f"subscriber {instance.subscriber_id}",
        changes={"consent": [None, f"{instance.act} (entry {instance.pk})"]},
    )


@receiver(post_save, sender=Suppression)
def record_suppression(instance: Suppression, *, created: bool, **_signal: Any) -> None:
    """Record that a user suppressed an address, by the number of the suppression."""
    if created and audit_log.is_person_acting() and not ERASING.get():
        audit_log.write(
            "suppression",
            f"Suppressed an address (suppression {instance.pk}).",
            thing=f"suppression {instance.pk}",
            changes={"reason": [None, str(instance.reason)]},
        )


@receiver(lifting)
def record_lifting(suppressions: Sequence[int], **_signal: Any) -> None:
    """Record that a user removed suppressions, by their numbers."""
    if suppressions and audit_log.is_person_acting():
        numbers = ", ".join(map(str, suppressions[:MAX_NAMED]))
        more = f" and {len(suppressions) - MAX_NAMED:,} more" if len(suppressions) > MAX_NAMED else ""
        audit_log.write(
            "suppression",
            f"Removed {'suppression' if len(suppressions) == 1 else 'suppressions'} {numbers}{more}.",
            thing=f"suppression {suppressions[0]}" if len(suppressions) == 1 else "",
            changes={"lifted": [0, len(suppressions)]},
        )


@receiver(undoing_import)
def record_undo(record: ImportRecord, **_signal: Any) -> None:
    """Record that the undo of an import began, or what it took back."""
    numbers = ", ".join(f"{number:,} {name}" for name, number in record.undo_counts.items() if number)
    is_over = record.state == ImportRecord.State.UNDONE
    audit_log.write(
        "undo-import",
        (f"Undid import {record.pk} into the list “{record.list.name}”. Changes: {numbers or 'none'}.")
        if is_over
        else f"Started undoing import {record.pk} into the list “{record.list.name}”.",
        thing=f"import {record.pk}",
        changes={
            "state": ["undoing", "undone"],
            **{name: [0, number] for name, number in record.undo_counts.items()},
        }
        if is_over
        else {"state": [None, "undoing"]},
    )


def _record(did: str, kind: type[Model], row: Model, changes: audit_log.Changes) -> None:
    name = KINDS[kind]
    names = ", ".join(changes) if did == "Changed" else ""
    audit_log.write(
        name,
        f"{did} the {name} “{row}”{f': {names}' if names else ''}.",
        thing=f"{name} {row.pk}",
        changes=changes,
    )
