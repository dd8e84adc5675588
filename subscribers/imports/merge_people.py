"""Merge the staging table into the tables of people, subscriptions and consent, in pieces.

Each piece is one transaction that takes the app's lock alone (locks.py): what becomes of a person is decided and
written in it, so that acts between two pieces count. People go in by the order of their keys, which is kind to the
indexes.
"""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from subscribers import locks, raw_sql, suppression
from subscribers.database import is_postgres
from subscribers.imports import import_records
from subscribers.imports.adaptive_pieces import in_pieces
from subscribers.imports.before_images import BeforeImages
from subscribers.imports.decide_outcomes import decide, known_and_leaving, take_outcomes
from subscribers.imports.import_progress import ImportWatch
from subscribers.imports.staging_tables import add_missing_digests
from subscribers.imports.write_merged_people import MergedPeople
from subscribers.models import (
    ImportRecord,
    List,
    SourceKind,
)
from subscribers.transactions import LOOK_AGAIN_POLITELY, repeated


def merge(
    mailing_list: List,
    record: ImportRecord | None,
    source_name: str,
    *,
    people: int,
    has_topics: bool,
    watch: ImportWatch,
) -> dict[str, int]:
    """Merge these people, who were gathered from all staged rows, and count them by outcome: added, changed, unchanged,
    suppressed, left.

    Without a record, which has the wording that states where their consent comes from, it only says what would become
    of them. Each person has one outcome, so the counts of a record that is continued say how many people it has
    reached; the numbers of people are the same for the same file. Raises KeyMissing while suppressions need a key that
    is not set, and Refused if the import was undone meanwhile.
    """
    suppression.require_keys()
    outcomes = import_records.outcomes_so_far(watch.continued)
    reached = outcomes.total()
    add_missing_digests(0, people)

    def piece_of(after: int, last: int) -> MergePiece:
        return MergePiece(mailing_list, record, source_name, has_topics, after, last)

    def merge_piece(after: int, last: int) -> None:
        if record is None:
            outcomes.update(piece_of(after, last).foresee())
        else:
            known = dict(outcomes)

            def merged() -> Mapping[str, int]:
                watch.hold()
                return import_records.counted(record, known, piece_of(after, last).merge())

            outcomes.update(repeated(merged, look_again=LOOK_AGAIN_POLITELY))
        watch.merged(last, people)

    watch.merged(reached, people)
    if reached:
        # Only for the rows that are left out: what became of these people is counted.
        in_pieces(reached, lambda after, last: piece_of(after, last).foresee())
    in_pieces(people, merge_piece, after=reached)
    return outcomes


@dataclass(slots=True)
class MergePiece:
    """The people with certain numbers, the list into which they are merged, the record of the import, and when."""

    mailing_list: List
    record: ImportRecord | None
    source_name: str
    has_topics: bool
    after: int
    last: int
    now: datetime = field(default_factory=timezone.now)

    def foresee(self) -> dict[str, int]:
        """Count what would become of these people, without changing anything or taking a lock."""
        # On SQLite a transaction would be the one writer.
        with transaction.atomic() if is_postgres() else nullcontext():
            raw_sql.join_by_index()
            decide(self._words, has_topics=self.has_topics)
            return take_outcomes()

    def merge(self) -> dict[str, int]:
        """Merge these people in the caller's transaction, and count them by outcome."""
        locks.take_alone()
        raw_sql.join_by_index()
        self.now = timezone.now()
        suppression.require_keys()
        assert self.record is not None
        images = BeforeImages(self.record, self.mailing_list)
        decide(self._words, has_topics=self.has_topics)
        known, leaving = known_and_leaving()
        people = MergedPeople(self._words, self.has_topics)
        if known:
            images.keep_before()
        people.add_subscribers()
        if known:
            people.change_subscribers()
        if leaving:
            images.suppressions = people.suppress()
            people.end_subscriptions()
        people.add_subscriptions()
        if leaving:
            people.add_unsubscribed()
        if self.has_topics:
            people.choose_topics()
        if known:
            people.activate_pending()
            people.record_consent()
        images.keep_after()
        return take_outcomes()

    @property
    def _words(self) -> dict[str, Any]:
        return {
            "list": self.mailing_list.pk,
            "now": raw_sql.moment(self.now),
            "wording": self.record.wording_id if self.record else None,
            "after": self.after,
            "last": self.last,
            "source": SourceKind.IMPORT.value,
            "source_name": self.source_name[:200],
        }
