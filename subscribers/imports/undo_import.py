"""Undo an import: take back what it added and changed, except for people who acted since.

1. Claim the import, so that no other process undoes it, and an import that is still running stops.
2. Take back subscriptions, by the entries of the consent log, and then changes, by the values that were kept. Each
   piece is one transaction of a bounded time, which also records how far the undo is.
3. Record the end. After a crash, undoing the import again continues.

An unsubscription or a suppression that the file brought is never taken back: a no stays a no.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, Sum
from django.utils import timezone

from subscribers import erasure, locks, raw_sql, signals
from subscribers.bulk_removal import TextsWithAddresses
from subscribers.consent_log import ConsentSource
from subscribers.database import is_postgres
from subscribers.errors import Refused
from subscribers.imports import people_in_later_imports
from subscribers.imports.import_records import why_not_undo
from subscribers.imports.people_in_later_imports import LaterImports
from subscribers.imports.undo_changes import ChangesSlice
from subscribers.imports.undo_members import MembersSlice
from subscribers.leases import Leases
from subscribers.models import ConsentEntry, ImportChange, ImportPiece, ImportRecord, SourceKind
from subscribers.phrases import counted
from subscribers.short_transactions import Gaps
from subscribers.transactions import LOOK_AGAIN_POLITELY, repeated

State = ImportRecord.State
LEASES = Leases("undo_until", "undo_attempts")
LEASE = timedelta(seconds=30)
# Entries of a slice, and the seconds that it should take.
FIRST_SLICE, SMALLEST, LARGEST = 500, 100, 4_000
SLICE_TAKES = 0.2
TAKEN_BACK = {
    "removed": "removed",
    "taken_off": "removed from the list",
    "unsubscribed": "unsubscribed, because an email had already been sent to them",
    "restored_details": "details restored",
    "restored_topics": "topics restored",
    "restored_basis": "earlier lawful basis restored",
    "restored_pending": "unconfirmed again, as before the import",
}
LEFT = {
    "left_unsubscribed": "unsubscribed or suppressed after the import",
    "left_clicked": "clicked a link in an email",
    "left_imported": "also in a later import",
    "left_edited": "edited by a user after the import",
    "left_other_details": "details changed after the import",
    "left_other_topics": "topics changed after the import",
    "left_removed_topics": "their earlier topics no longer exist",
    "left_erased": "erased after the import",
    "left_gone": "no longer on the list",
}
KEPT = {
    "kept_unsubscribed": "stay unsubscribed, because the file says so",
    "kept_suppressed": "addresses stay suppressed, because the file says so",
}
Advance = Callable[[int], None]


@dataclass(slots=True)
class UndoOutcome:
    """What an undo took back and what it left, by the names of the tables above, or what it would."""

    record: ImportRecord
    dry_run: bool
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def taken_back(self) -> dict[str, int]:
        """Return the numbers of people of whom something was taken back, by what. A person may count twice."""
        return self._chosen("removed", "taken_off", "unsubscribed", "restored_")

    @property
    def left(self) -> dict[str, int]:
        """Return the numbers of people who were left as they are, by how they acted since."""
        return self._chosen("left_")

    @property
    def kept(self) -> dict[str, int]:
        """Return the numbers of unsubscriptions and suppressions of the file, which stay."""
        return self._chosen("kept_")

    @property
    def about_later_imports(self) -> str:
        """Say that those who are also in later imports stay for good, and how to prevent it. Empty for nobody."""
        if not (number := self.counts["left_imported"]):
            return ""
        people = counted(number, "person is", "people are")
        if not self.dry_run:
            return (
                f"{people} also in a later import, so we did not undo the changes to them. You cannot undo "
                "this import again for them, even after you undo the later import."
            )
        later = ", ".join(f"import {one}" for one in people_in_later_imports.numbers_of_later(self.record))
        return (
            f"{people} also in a later import ({later}). If you undo this import now, its changes to them "
            "become permanent, because you can only undo an import once. To undo their changes too, undo "
            "the later import first."
        )

    def _chosen(self, *beginnings: str) -> dict[str, int]:
        return {
            name: number
            for name, number in sorted(self.counts.items())
            if number and name.startswith(beginnings)
        }


def label_of(name: str) -> str:
    """Return a count's name in words. What people did themselves has the name that it has in the consent log."""
    if found := {**TAKEN_BACK, **LEFT, **KEPT}.get(name):
        return found
    act = ConsentEntry.Act(name.removeprefix("left_").replace("_", " "))
    did = "changed their own details" if act is ConsentEntry.Act.CHANGED else act.label.lower()
    return f"{did} after the import"


def undo_import(
    record: ImportRecord, *, by: str, dry_run: bool = False, advance: Advance | None = None
) -> UndoOutcome:
    """Undo an import, or continue an undo that was interrupted, and say what was taken back and what was left.

    A dry run only says what would happen. `advance` is told how many entries and changes were processed. Raises
    Refused with the sentence of `why_not_undo`, and while another process undoes the import.
    """
    if why_not := why_not_undo(record):
        raise Refused(why_not)
    work = UndoWork(record, ConsentSource(SourceKind.EDITOR, by), dry_run, advance or (lambda _done: None))
    if dry_run:
        with work.prepared():
            work.go_through()
        work.add_suppressions()
        return work.outcome
    work.claim()
    try:
        with work.prepared():
            work.go_through()
        work.finish()
    finally:
        work.release()
    if not connection.in_atomic_block:
        erasure.sweep()
    return work.outcome


class UndoWork:
    """One process that undoes an import, or foresees what that would do."""

    def __init__(self, record: ImportRecord, source: ConsentSource, dry_run: bool, advance: Advance) -> None:  # noqa: FBT001
        self._record, self._source, self._dry, self._advance = record, source, dry_run, advance
        self.outcome = UndoOutcome(record, dry_run, Counter(record.undo_counts))
        self._size, self._gaps = FIRST_SLICE, Gaps()

    def claim(self) -> None:
        """Claim the import for this process. Raises Refused while another process has it."""
        repeated(self._claim)
        self._record.refresh_from_db()
        self.outcome.counts = Counter(self._record.undo_counts)

    def _claim(self) -> None:
        now, rows = timezone.now(), ImportRecord.objects.filter(pk=self._record.pk)
        free = Q(undo_until=None) | Q(undo_until__lte=now) | LEASES.too_far_ahead(now, LEASE)
        can_begin = Q(state__in=(State.STARTED, State.FINISHED))
        claimable = rows.filter(can_begin | Q(state=State.UNDOING) & free)
        if not LEASES.claim(claimable, now + LEASE, state=State.UNDOING, undone_by=self._source.name[:200]):
            raise Refused(
                f"We are already undoing import {self._record.pk}. If the undo was interrupted, you can "
                f"continue it in {LEASE.seconds} seconds."
            )
        record = rows.select_related("list").get()
        if record.undo_attempts == 1:
            signals.undoing_import.send(ImportRecord, record=record)

    def release(self) -> None:
        """Let another process continue at once."""
        LEASES.held(self._record, state=State.UNDOING).update(undo_until=None)

    @contextmanager
    def prepared(self) -> Iterator[None]:
        """Prepare what is read once: whom later imports mention, and which texts name an address."""
        self._later = LaterImports(self._record)
        self._texts = TextsWithAddresses() if not self._dry else None
        try:
            yield
        finally:
            people_in_later_imports.drop()

    def go_through(self) -> None:
        """Go through what the import added, and then through what it changed."""
        for piece in self._record.pieces.select_related("record").order_by("pk"):
            done = max(self._record.undo_entry, piece.first_entry - 1)
            while done < piece.last_entry:
                last = min(done + self._size, piece.last_entry)
                self._step(partial(self._members, piece, done, last), last)
                self._advance(last - done)
                done = last
        self._size, after = min(self._size, FIRST_SLICE), 0
        while numbers := self._changes(after):
            self._step(partial(self._restore, numbers), self._record.undo_entry)
            self._advance(len(numbers))
            after = numbers[-1]

    def finish(self) -> None:
        """Record the end of the undo."""
        repeated(self._finish)

    def _finish(self) -> None:
        counts = self._with_suppressions(self.outcome.counts)
        self._hold(counts, state=State.UNDONE, undone_at=timezone.now(), undo_until=None)
        self._record.refresh_from_db()
        self.outcome.counts = counts
        signals.undoing_import.send(ImportRecord, record=self._record)

    def add_suppressions(self) -> None:
        """Count the suppressions that the file brought, which stay."""
        self.outcome.counts = self._with_suppressions(self.outcome.counts)

    def _with_suppressions(self, counts: Counter[str]) -> Counter[str]:
        kept = self._record.pieces.aggregate(kept=Sum("suppressions"))["kept"] or 0
        return counts + Counter(kept_suppressed=kept)

    def _members(self, piece: ImportPiece, after: int, last: int) -> Counter[str]:
        one = MembersSlice(self._record.list, piece, self._source, after, last)
        if self._texts is None:
            return one.foresee()
        self._texts.add_new()
        return one.undo(self._texts)

    def _changes(self, after: int) -> list[int]:
        """Return the numbers of the next changes. An undo deletes those that it has processed."""
        changes = ImportChange.objects.filter(piece__record=self._record, pk__gt=after).order_by("pk")
        return list(changes.values_list("pk", flat=True)[: self._size])

    def _restore(self, numbers: list[int]) -> Counter[str]:
        changes = ImportChange.objects.filter(pk__in=numbers).select_related("subscriber", "piece")
        one = ChangesSlice(self._record, self._source, list(changes.order_by("pk")))
        return one.foresee() if self._dry else one.undo()

    def _step(self, work: Callable[[], Counter[str]], entry: int) -> None:
        """Run one piece of the work, in one transaction, and decide by its time how large the next one is."""
        began = time.monotonic()
        if self._dry:
            # On SQLite a transaction would be the one writer.
            with transaction.atomic() if is_postgres() else nullcontext():
                self._later.load()
                raw_sql.join_by_index()
                self.outcome.counts.update(work())
        else:
            self.outcome.counts = repeated(
                partial(self._transaction, work, entry), look_again=LOOK_AGAIN_POLITELY
            )
            self._record.undo_entry = entry
        self._later.keep_loaded()
        took = max(time.monotonic() - began, 0.001)
        self._size = min(
            max(int(self._size * SLICE_TAKES / took), self._size // 2, SMALLEST), self._size * 2, LARGEST
        )
        if not self._dry:
            self._gaps.leave()

    def _transaction(self, work: Callable[[], Counter[str]], entry: int) -> Counter[str]:
        locks.take_alone()
        raw_sql.join_by_index()
        self._later.load()
        counts = self.outcome.counts + work()
        self._hold(counts, undo_entry=entry, undo_until=timezone.now() + LEASE)
        return counts

    def _hold(self, counts: Counter[str], **values: Any) -> None:
        """Record how far the undo is. Raises Refused if another process has continued it since."""
        held = LEASES.held(self._record, state=State.UNDOING)
        if not held.update(undo_counts=dict(counts), **values):
            raise Refused(f"Another process is now undoing import {self._record.pk}.")
