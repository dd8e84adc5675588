"""Take back the subscriptions that an import added, some thousand at once.

A person whom the import added is removed, if nothing else refers to them. Anyone who acted since stays as they are. A
person who was sent an email is unsubscribed instead of removed, so that the links in that email still work.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from django.utils import timezone

from subscribers import raw_sql, signals
from subscribers.bulk_removal import TextsWithAddresses, forget_all
from subscribers.consent_log import ConsentSource
from subscribers.database import is_postgres, portions
from subscribers.imports.before_images import DETAILS
from subscribers.imports.people_in_later_imports import MENTIONED
from subscribers.models import (
    ConsentEntry,
    ImportChange,
    ImportPiece,
    List,
    SourceKind,
    Subscriber,
    Subscription,
)
from subscribers.signals import History

Act = ConsentEntry.Act
PEOPLE = "undo_people"
SUBSCRIBER, SUBSCRIPTION, LOG = (raw_sql.table(model) for model in (Subscriber, Subscription, ConsentEntry))
OWN = f"('{SourceKind.FORM}', '{SourceKind.EMAIL_LINK}')"
EDITED = f"('{SourceKind.EDITOR}', '{SourceKind.API}')"
NOTE = "Import {number} was undone."


@dataclass(slots=True)
class MembersSlice:
    """The people of the entries after one number up to another, within one piece of an import."""

    mailing_list: List
    piece: ImportPiece
    source: ConsentSource
    after: int
    last: int
    now: datetime = field(default_factory=timezone.now)

    def foresee(self) -> Counter[str]:
        """Count what would become of these people, without changing anything."""
        self._find()
        self._decide()
        return self._counts()

    def undo(self, texts: TextsWithAddresses) -> Counter[str]:
        """Take back what was added for these people, in the caller's transaction, and count them."""
        self.now = timezone.now()
        self._find()
        self._lock()
        self._decide()
        self._unsubscribe()
        self._blank_details()
        self._take_off()
        self._remove(texts)
        return self._counts()

    @property
    def _words(self) -> dict[str, Any]:
        return {
            "list": self.mailing_list.pk,
            "piece": self.piece.pk,
            "after": self.after,
            "last": self.last,
            "last_entry": self.piece.last_entry,
            "first_person": self.piece.first_person or 0,
            "last_person": self.piece.last_person or -1,
            "now": raw_sql.moment(self.now),
            "act": Act.IMPORT_UNDONE.value,
            "kind": self.source.kind.value,
            "name": self.source.name[:200],
            "counted_by": SourceKind.IMPORT.value,
            "note": NOTE.format(number=self.piece.record_id),
        }

    def _find(self) -> None:
        """List the people with how they stand now and, if they or somebody else acted since, how."""
        since = f"FROM {LOG} n WHERE n.subscriber_id = e.subscriber_id AND n.id > %(last_entry)s"
        own = f"(SELECT n.act {since} AND n.source IN {OWN} ORDER BY n.id LIMIT 1)"
        edited = f"{since} AND n.source IN {EDITED} AND n.act <> %(act)s"
        pending = (
            f"SELECT 1 FROM {raw_sql.table(ImportChange)} c WHERE c.piece_id = %(piece)s AND c.was_pending"
        )
        others = f"SELECT 1 FROM {SUBSCRIPTION} o WHERE o.subscriber_id = e.subscriber_id AND o.list_id <> %(list)s"
        raw_sql.execute(f"DROP TABLE IF EXISTS {PEOPLE}")
        raw_sql.execute(
            f"""CREATE TEMPORARY TABLE {PEOPLE} AS
            SELECT e.id AS entry, e.subscriber_id AS person, u.id AS subscription,
                e.act = '{Act.IMPORTED}' AS is_member,
                coalesce(e.subscriber_id BETWEEN %(first_person)s AND %(last_person)s, false) AS is_new,
                EXISTS ({others}) AS has_others,
                EXISTS (SELECT 1 {since} AND n.act <> %(act)s) AS is_changed,
                CASE WHEN e.subscriber_id IS NULL THEN 'erased'
                    WHEN e.act <> '{Act.IMPORTED}' THEN NULL
                    WHEN u.state IS NULL THEN 'gone'
                    WHEN u.state <> {raw_sql.ACTIVE} THEN 'unsubscribed'
                    WHEN {own} IS NOT NULL THEN {own}
                    WHEN EXISTS (SELECT 1 FROM {MENTIONED} m WHERE m.number = e.subscriber_id) THEN 'imported'
                    WHEN EXISTS (SELECT 1 {edited} AND (n.list_id IS NULL OR n.list_id = %(list)s)) THEN 'edited'
                END AS how, 0 AS history, {_text("''")} AS decision
            FROM {LOG} e LEFT JOIN {SUBSCRIPTION} u ON u.subscriber_id = e.subscriber_id AND u.list_id = %(list)s
            WHERE e.id > %(after)s AND e.id <= %(last)s AND e.source = '{SourceKind.IMPORT}' AND (
                e.act IN ('{Act.LEFT}', '{Act.SUPPRESSED}')
                OR e.act = '{Act.CHANGED}' AND e.list_id = %(list)s AND e.state = {raw_sql.UNSUBSCRIBED}
                OR e.act = '{Act.IMPORTED}' AND NOT EXISTS ({pending} AND c.subscriber_id = e.subscriber_id))""",
            self._words,
        )

    def _lock(self) -> None:
        """Lock the people who are new, so that nobody plans an email to them who was not asked about here."""
        if is_postgres():
            which = f"SELECT person FROM {PEOPLE} WHERE is_new AND how IS NULL"
            raw_sql.execute(f"SELECT 1 FROM {SUBSCRIBER} WHERE id IN ({which}) ORDER BY id FOR UPDATE")

    def _decide(self) -> None:
        people = [number for (number,) in raw_sql.rows(f"SELECT person FROM {PEOPLE} WHERE how IS NULL")]
        known = history_of(people, self.mailing_list)
        if known:
            pairs = [(int(history), number) for number, history in known.items()]
            raw_sql.update_many(PEOPLE, "history", "person", pairs)
        raw_sql.execute(
            f"""UPDATE {PEOPLE} SET decision = CASE
                WHEN how IS NOT NULL THEN 'left_' || how
                WHEN NOT is_member THEN 'kept_unsubscribed'
                WHEN history = {History.CLICKED:d} THEN 'left_clicked'
                WHEN history = {History.MAILED:d} THEN 'unsubscribed'
                WHEN has_others OR NOT is_new OR history > 0 THEN 'taken_off'
                ELSE 'removed' END"""
        )

    def _counts(self) -> Counter[str]:
        # A person may have an entry for each list from which they were suppressed.
        counted = "count(DISTINCT coalesce(person, -entry))"
        found = Counter(dict(raw_sql.rows(f"SELECT decision, {counted} FROM {PEOPLE} GROUP BY decision")))
        raw_sql.execute(f"DROP TABLE {PEOPLE}")
        return Counter({name.replace(" ", "_"): number for name, number in found.items()})

    def _unsubscribe(self) -> None:
        topics = raw_sql.topics_of("p.subscription")
        self._log("decision = 'unsubscribed'", topics=topics, state=raw_sql.UNSUBSCRIBED, moved="-1")
        raw_sql.execute(
            f"""UPDATE {SUBSCRIPTION} SET state = {raw_sql.UNSUBSCRIBED}, left_at = %(now)s, asked_at = NULL
            WHERE id IN (SELECT subscription FROM {PEOPLE} WHERE decision = 'unsubscribed')""",
            self._words,
        )

    def _blank_details(self) -> None:
        """Blank the details of people who were new and stay only because they said no or were sent an email."""
        nothing = raw_sql.json("'{}'")
        given = " OR ".join(f"s.{name} <> ''" for name in DETAILS if name != "attributes")
        given += f" OR s.attributes <> {nothing}"
        only = "is_new AND NOT has_others AND NOT is_changed AND decision IN ('unsubscribed', 'kept_unsubscribed')"
        which = f"{only} AND EXISTS (SELECT 1 FROM {SUBSCRIBER} s WHERE s.id = person AND ({given}))"
        self._log(which, on_list="NULL")
        values = ", ".join(f"{name} = ''" for name in DETAILS if name != "attributes")
        raw_sql.execute(
            f"""UPDATE {SUBSCRIBER} SET {values}, attributes = {nothing}
            WHERE id IN (SELECT person FROM {PEOPLE} WHERE {only})"""
        )

    def _take_off(self) -> None:
        self._log("decision = 'taken_off'", moved="-1")
        gone = raw_sql.rows(f"SELECT subscription FROM {PEOPLE} WHERE decision = 'taken_off'")
        for some in portions(number for (number,) in gone):
            Subscription.objects.filter(pk__in=some).delete()

    def _remove(self, texts: TextsWithAddresses) -> None:
        self._log("decision = 'removed'", whom="NULL", moved="-1")
        gone = raw_sql.rows(f"SELECT person FROM {PEOPLE} WHERE decision = 'removed' ORDER BY person")
        for some in portions(number for (number,) in gone):
            forget_all(list(Subscriber.objects.filter(pk__in=some)), texts)

    def _log(
        self,
        which: str,
        *,
        whom: str = "p.person",
        on_list: str = "%(list)s",
        topics: str = "'[]'",
        state: str = "''",
        moved: str = "0",
    ) -> None:
        raw_sql.insert_select(
            ConsentEntry,
            {
                "subscriber_id": whom,
                "list_id": on_list,
                "at": "%(now)s",
                "act": "%(act)s",
                "topics": raw_sql.json(topics),
                "state": state,
                "moved": moved,
                "counted_by": "%(counted_by)s",
                "source": "%(kind)s",
                "source_name": "%(name)s",
                "note": "%(note)s" if whom != "NULL" else "''",
            },
            f"FROM {PEOPLE} p WHERE {which} ORDER BY p.entry",
            self._words,
        )


def history_of(people: list[int], mailing_list: List) -> dict[int, History]:
    """Ask the other apps what they know about these people and the list."""
    found = dict[int, History]()
    asked = signals.asking_for_history.send(List, subscribers=people, mailing_list=mailing_list)
    for _receiver, known in cast("list[tuple[Any, dict[int, History] | None]]", asked):
        for number, history in (known or {}).items():
            found[number] = max(history, found.get(number, history))
    return found


def _text(expression: str) -> str:
    return f"{expression}::text" if is_postgres() else expression
