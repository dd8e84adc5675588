"""Take back what an import changed about people whom we knew: details, topics, lawful basis, and who had not confirmed.

A value is restored only while it is still the one that the import wrote.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from subscribers.consent_log import SOURCES_OF_THE_PERSON, ConsentSource, chosen_topics
from subscribers.imports.before_images import DETAILS
from subscribers.imports.people_in_later_imports import mentioned_among
from subscribers.imports.undo_members import NOTE, history_of
from subscribers.models import (
    ConsentEntry,
    ImportChange,
    ImportRecord,
    SourceKind,
    Subscriber,
    Subscription,
    Topic,
)
from subscribers.signals import History

Act, State = ConsentEntry.Act, Subscription.State
ABSENT = object()


class ChangesSlice:
    """Some people whom an import changed, with everything that decides what can be restored."""

    def __init__(self, record: ImportRecord, source: ConsentSource, changes: Sequence[ImportChange]) -> None:
        self._record, self._source, self._changes = record, source, changes
        numbers = [change.subscriber_id for change in changes]
        on_list = Subscription.objects.filter(list=record.list_id, subscriber__in=numbers)
        self._subscriptions = {one.subscriber_id: one for one in on_list.prefetch_related("topics")}
        self._topics = {topic.slug: topic for topic in Topic.objects.filter(list=record.list_id)}
        self._mentioned = mentioned_among(numbers)
        self._history = history_of(
            [change.subscriber_id for change in changes if change.was_pending], record.list
        )
        self._acts = defaultdict[int, list[ConsentEntry]](list)
        first = min((change.piece.last_entry for change in changes), default=0)
        for entry in ConsentEntry.objects.filter(subscriber__in=numbers, pk__gt=first).order_by("pk"):
            if entry.subscriber_id is not None:
                self._acts[entry.subscriber_id].append(entry)
        self._people: list[Subscriber] = []
        self._entries: list[ConsentEntry] = []
        self._now = timezone.now()

    def foresee(self) -> Counter[str]:
        """Count what would become of these people, without changing anything."""
        return self._go_through(is_dry=True)

    def undo(self) -> Counter[str]:
        """Restore what can be restored, in the caller's transaction, and count the people."""
        counts = self._go_through(is_dry=False)
        Subscriber.objects.bulk_update(self._people, DETAILS, batch_size=200)
        ConsentEntry.objects.bulk_create(self._entries, batch_size=200)
        ImportChange.objects.filter(pk__in=[change.pk for change in self._changes]).delete()
        return counts

    def _go_through(self, *, is_dry: bool) -> Counter[str]:
        counts = Counter[str]()
        for change in self._changes:
            counts.update(self._details(change))
            counts.update(self._subscription(change, is_dry=is_dry))
            counts.update(self._basis(change, is_dry=is_dry))
        return counts

    def _details(self, change: ImportChange) -> set[str]:
        """Restore the names, language, time zone and attributes of a person that are as the import wrote them."""
        if change.details_before is None:
            return set()
        if change.subscriber_id in self._mentioned:
            return {"left_imported"}
        person = change.subscriber
        restored, left = restored_details(person, change.details_before, change.details_after or {})
        for name, value in restored.items():
            setattr(person, name, value)
        if restored:
            self._people.append(person)
            self._entries.append(self._entry(change))
        return ({"restored_details"} if restored else set()) | ({"left_other_details"} if left else set())

    def _subscription(self, change: ImportChange, *, is_dry: bool) -> set[str]:
        """Restore the topics, and the state of a person who had not confirmed."""
        if change.topics_before is None and not change.was_pending:
            return set()
        subscription = self._subscriptions.get(change.subscriber_id)
        if how := self._acted(change, subscription):
            return {f"left_{how}"}
        assert subscription is not None
        if change.topics_before is not None:
            if set(change.topics_after or ()) != {topic.slug for topic in subscription.topics.all()}:
                return {"left_other_topics"}
            if change.topics_before and not set(change.topics_before) & set(self._topics):
                # Without a topic they would get everything.
                return {"left_removed_topics"}
        outcome = "restored_topics"
        if change.was_pending:
            outcome = "unsubscribed" if change.subscriber_id in self._history else "restored_pending"
        if not is_dry:
            self._restore(change, subscription, outcome)
        return {outcome}

    def _basis(self, change: ImportChange, *, is_dry: bool) -> set[str]:
        """Restore the lawful basis of a person for whom the import recorded consent."""
        if not change.basis_before:
            return set()
        subscription = self._subscriptions.get(change.subscriber_id)
        if how := self._acted(change, subscription):
            return {f"left_{how}"} if change.topics_before is None else set()
        assert subscription is not None
        if not is_dry:
            subscription.basis = change.basis_before
            subscription.save(update_fields=("basis",))
            self._entries.append(
                self._entry(
                    change,
                    list_id=self._record.list_id,
                    topics=chosen_topics(subscription),
                    state=subscription.state,
                    basis=change.basis_before,
                )
            )
        return {"restored_basis"}

    def _restore(self, change: ImportChange, subscription: Subscription, outcome: str) -> None:
        if change.topics_before is not None:
            kept = [self._topics[slug] for slug in change.topics_before if slug in self._topics]
            subscription.topics.set(kept)
        moved = 0
        if outcome != "restored_topics":
            moved = -1
            # Anyone who was sent an email stays on the list as unsubscribed, so that the links in it still work.
            subscription.state = State.UNSUBSCRIBED if outcome == "unsubscribed" else State.PENDING
            subscription.left_at = self._now if outcome == "unsubscribed" else None
            subscription.asked_at = change.asked_at
            subscription.joined_at = change.joined_at or subscription.joined_at
            subscription.save(update_fields=("state", "left_at", "asked_at", "joined_at"))
        self._entries.append(
            self._entry(
                change,
                list_id=self._record.list_id,
                topics=chosen_topics(subscription),
                state=subscription.state,
                moved=moved,
            )
        )

    def _acted(self, change: ImportChange, subscription: Subscription | None) -> str:
        """Say how the person, an editor or a later import acted since. Empty if nobody did."""
        if subscription is None:
            return "gone"
        if subscription.state != State.ACTIVE:
            return "unsubscribed"
        since = [one for one in self._acts[change.subscriber_id] if one.pk > change.piece.last_entry]
        if not change.was_pending:
            # Other lists and details say nothing about the topics of this list.
            since = [one for one in since if one.list_id == self._record.list_id]
        own = next((one for one in since if one.source in SOURCES_OF_THE_PERSON), None)
        if own:
            return own.act.replace(" ", "_")
        if change.subscriber_id in self._mentioned:
            return "imported"
        if change.was_pending and self._history.get(change.subscriber_id) is History.CLICKED:
            return "clicked"
        edited = (one for one in since if one.source in {SourceKind.EDITOR, SourceKind.API})
        on_list = (one.list_id for one in edited if one.act != Act.IMPORT_UNDONE)
        return "edited" if any(one in {None, self._record.list_id} for one in on_list) else ""

    def _entry(self, change: ImportChange, **values: Any) -> ConsentEntry:
        return ConsentEntry(
            subscriber_id=change.subscriber_id,
            at=self._now,
            act=Act.IMPORT_UNDONE,
            source=self._source.kind,
            source_name=self._source.name[:200],
            counted_by=SourceKind.IMPORT,
            note=NOTE.format(number=self._record.pk),
            **values,
        )


def restored_details(
    person: Subscriber, before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[dict[str, Any], bool]:
    """Return the fields of a person as they are after an undo, and whether one stays that changed since."""
    own, restored, left = set(person.own_fields.split()), dict[str, Any](), False
    for name in DETAILS[:-1]:
        if before[name] == after[name]:
            continue
        if getattr(person, name) == after[name] and name not in own:
            restored[name] = before[name]
        else:
            left = True
    attributes = dict(person.attributes)
    old, new = before["attributes"], after["attributes"]
    for name in new:
        was, wrote, now = (values.get(name, ABSENT) for values in (old, new, person.attributes))
        if was == wrote:
            continue
        if now != wrote:
            left = True
        elif was is ABSENT:
            del attributes[name]
        else:
            attributes[name] = was
    if attributes != person.attributes:
        restored["attributes"] = attributes
    return restored, left
