"""Checks again, when an email is sent, whether each planned recipient may still be mailed, and if not, why."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from django.db import connection
from django.utils import timezone

from newsletter.scheduling.dateline import day_in_window, schedule_of
from newsletter.scheduling.send_in_readers_time_zone import window_start
from newsletter.sending import sending_sql
from newsletter.sending.fast_named_tuples import named_tuples
from newsletter.sending.models import Batch, Mailing, Recipient
from subscribers import raw_sql, suppression
from subscribers.models import Subscription

NOT_COVERING = "not_covering"
NOT_ACTIVE: Mapping[str | None, str] = {
    None: "not on the list",
    Subscription.State.PENDING: "not confirmed",
    Subscription.State.UNSUBSCRIBED: "unsubscribed",
}


class Candidate(NamedTuple):
    """A waiting recipient and their present status on the list.

    `is_sending` says whether the mailing was neither paused nor stopped meanwhile. For an erased person, all other
    fields but the first are None.
    """

    recipient: int
    subscriber: int | None
    subscription: int | None
    state: str | None
    paused_until: date | None
    address: str
    first_name: str
    last_name: str
    subscriber_nonce: int | None
    subscription_nonce: int | None
    address_key: str | None = None
    basis: str | None = None
    suppressed: bool = False
    is_sending: bool = True


def day_of(batch: Batch) -> date:
    """Return the date for the readers of a batch: in the publication's time zone, or in their own."""
    issue = batch.mailing.issue
    schedule = schedule_of(issue) if batch.send_window else None
    if schedule is None or not schedule.readers_time:
        return timezone.localdate(timezone=issue.publication.tzinfo)
    return day_in_window(schedule, window_start(batch.send_window))


def candidates_of(batch: Batch) -> Iterator[Candidate]:
    """Yield the waiting recipients of a batch with their present status on the list."""
    with connection.cursor() as cursor:
        cursor.execute(
            sending_sql.READ_CANDIDATES, [batch.mailing.mailing_list_id, batch.pk, Recipient.State.WAITING]
        )
        found = list(named_tuples(Candidate, cursor.fetchall()))
    return iter(_looked_up(found))


def candidates_among(subscribers: Sequence[int], mailing_list: int) -> tuple[list[Candidate], list[str]]:
    """Return people as candidates for a list, whose `recipient` is their own number, and the language of each.

    People who were erased are left out.
    """
    statement = sending_sql.READ_PEOPLE.format(numbers=", ".join(["%s"] * len(subscribers)))
    with connection.cursor() as cursor:
        cursor.execute(statement, [mailing_list, *subscribers])
        rows = cursor.fetchall()
    found = list(named_tuples(Candidate, [row[:-1] for row in rows]))
    return _looked_up(found), [row[-1] for row in rows]


def candidate_now(recipient: int, batch: Batch) -> Candidate | None:
    """Return one recipient of a batch with their present status; None if they are no longer waiting in the batch."""
    asked = [
        batch.mailing_id,
        batch.mailing.mailing_list_id,
        batch.pk,
        Recipient.State.WAITING.value,
        recipient,
    ]
    row = raw_sql.directly(sending_sql.READ_CANDIDATE, asked).fetchone()
    if row is None:
        return None
    found = Candidate(*row)
    # Only this key is looked up for each person: the batch has already checked that all keys are there.
    key = found.address_key
    return found._replace(suppressed=key is not None and suppression.is_suppressed(key))


def _looked_up(found: list[Candidate]) -> list[Candidate]:
    """Add whether the addresses of these people are suppressed, because an active subscription alone is not enough."""
    suppressed = suppression.suppressed_among([each.address_key for each in found if each.address_key])
    if not suppressed:
        return found
    return [each._replace(suppressed=each.address_key in suppressed) for each in found]


def bases_not_covering(mailing: Mailing) -> frozenset[str]:
    """Return the lawful bases that do not cover what a mailing contains, as they were stored when it was planned."""
    stored = mailing.left_out or {}
    # Mailings that were planned by an earlier version have them only if they left anybody out.
    return frozenset(stored.get(NOT_COVERING, stored.get("bases", ())))


def reason_to_skip(candidate: Candidate, day: date, not_covering: Collection[str] = ()) -> str:
    """Say why a person must not be mailed on a day; empty if they may.

    `not_covering` are the lawful bases that do not cover the email.
    """
    if candidate.subscriber is None:
        return "erased"
    if candidate.state != Subscription.State.ACTIVE:
        return NOT_ACTIVE[candidate.state]
    if candidate.suppressed:
        return "suppressed"
    if candidate.basis in not_covering:
        return "lawful basis does not cover the email"
    if candidate.paused_until is not None and candidate.paused_until > day:
        return "paused"
    return ""
