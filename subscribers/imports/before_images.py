"""Keep what one piece of an import adds and changes, so that the import can be undone.

What is new is known by two numbers, since nobody else adds people or entries while a piece is merged. Values are kept
only of people whom we knew before and who change.
"""

from collections.abc import Iterable

from django.db.models import Max, Min

from subscribers import raw_sql
from subscribers.imports.staging_tables import PEOPLE
from subscribers.models import (
    ConsentEntry,
    ImportChange,
    ImportPiece,
    ImportRecord,
    List,
    Subscriber,
    Subscription,
)

DETAILS = ("first_name", "last_name", "locale", "zone", "attributes")
CHANGE = raw_sql.table(ImportChange)


class BeforeImages:
    """What the current piece adds and changes. Make it when the piece has its lock, before it changes anything."""

    def __init__(self, record: ImportRecord, mailing_list: List) -> None:
        self._list = mailing_list
        self._piece = ImportPiece.objects.create(record=record, first_entry=_last_entry() + 1, last_entry=0)
        self._changes = 0
        self.suppressions = 0

    def keep_before(self) -> None:
        """Keep the present values of the people who will change."""
        details = "p.outcome IN ('added', 'changed') AND p.other_details"
        topics = "p.outcome = 'changed' AND p.other_topics"
        consents = "(p.outcome = 'changed' AND p.consents)"
        pending = f"(p.outcome = 'changed' AND p.state = {raw_sql.PENDING})"
        self._changes = raw_sql.insert_select(
            ImportChange,
            {
                "piece_id": "%(piece)s",
                "subscriber_id": "p.known",
                "details_before": f"CASE WHEN {details} THEN {_details()} END",
                "topics_before": f"CASE WHEN {topics} THEN {raw_sql.json(raw_sql.topics_of('p.subscription'))} END",
                "basis_before": f"CASE WHEN {consents} THEN u.basis ELSE '' END",
                "was_pending": f"coalesce({pending}, false)",
                "joined_at": f"CASE WHEN {pending} THEN u.joined_at END",
                "asked_at": f"CASE WHEN {pending} THEN u.asked_at END",
            },
            f"""FROM {PEOPLE} p JOIN {raw_sql.table(Subscriber)} s ON s.id = p.known
            LEFT JOIN {raw_sql.table(Subscription)} u ON u.id = p.subscription
            WHERE ({details}) OR ({topics}) OR {pending} OR {consents} ORDER BY p.person""",
            {"piece": self._piece.pk},
        )

    def keep_after(self) -> None:
        """Keep the new values, and the numbers of what was added."""
        if self._changes:
            self._keep_new_values()
        piece = self._piece
        own = ConsentEntry.objects.filter(pk__gte=piece.first_entry).aggregate(
            first=Min("pk"), last=Max("pk")
        )
        # The numbers of entries have gaps, for example after a backup was restored.
        piece.first_entry, piece.last_entry = own["first"] or piece.first_entry, own["last"] or 0
        piece.suppressions = self.suppressions
        new = "known IS NULL AND outcome IN ('added', 'left')"
        ((piece.first_person, piece.last_person),) = raw_sql.rows(
            f"SELECT min(person), max(person) FROM {PEOPLE} WHERE {new}"
        )
        known = raw_sql.rows(
            f"SELECT known FROM {PEOPLE} WHERE outcome IN ('unchanged', 'changed') ORDER BY known"
        )
        piece.mentioned = _runs(number for (number,) in known)
        piece.save()

    def _keep_new_values(self) -> None:
        of_piece = f"{CHANGE}.piece_id = %(piece)s"
        words = {"piece": self._piece.pk, "list": self._list.pk}
        raw_sql.execute(
            f"""UPDATE {CHANGE} SET details_after = {_details()} FROM {raw_sql.table(Subscriber)} s
            WHERE s.id = {CHANGE}.subscriber_id AND {of_piece} AND details_before IS NOT NULL""",
            words,
        )
        raw_sql.execute(
            f"""UPDATE {CHANGE} SET topics_after = {raw_sql.json(raw_sql.topics_of("u.id"))}
            FROM {raw_sql.table(Subscription)} u
            WHERE u.subscriber_id = {CHANGE}.subscriber_id AND u.list_id = %(list)s
            AND {of_piece} AND topics_before IS NOT NULL""",
            words,
        )


def _last_entry() -> int:
    return ConsentEntry.objects.aggregate(last=Max("pk"))["last"] or 0


def _details() -> str:
    return raw_sql.json_object({name: f"s.{name}" for name in DETAILS}, documents={"attributes"})


def _runs(numbers: Iterable[int]) -> list[list[int]]:
    """Return ascending numbers as the first and last of each run."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return runs
