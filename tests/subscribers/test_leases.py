"""Leases of rows that several processes may take; the rows are mails that are pending."""

from datetime import UTC, datetime, timedelta

from pytest import fixture, mark

from subscribers.leases import CLOCKS_DIFFER, Leases, unchanged
from subscribers.lists import add_list
from subscribers.models import QueuedMail, Subscriber, Subscription

pytestmark = mark.django_db

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LEASES = Leases("due_at")


@fixture
def row() -> QueuedMail:
    person = Subscriber.objects.create(address="ada@example.org", address_key="ada@example.org")
    subscription = Subscription.objects.create(subscriber=person, list=add_list("weekly", "Weekly"))
    return QueuedMail.objects.create(subscription=subscription, kind=QueuedMail.Kind.CONFIRM, due_at=NOW)


def test_of_two_that_read_the_row_at_once_only_one_claims_it(row):
    seen_by_other = QueuedMail.objects.get(pk=row.pk)
    assert LEASES.claim(unchanged(row, "due_at"), NOW + MINUTE)
    assert not LEASES.claim(unchanged(seen_by_other, "due_at"), NOW + 2 * MINUTE)
    row.refresh_from_db()
    assert (row.due_at, row.attempts) == (NOW + MINUTE, 1)


def test_a_row_is_held_until_another_process_claims_it(row):
    LEASES.claim(unchanged(row, "due_at"), NOW + MINUTE)
    first = QueuedMail.objects.get(pk=row.pk)
    assert LEASES.held(first).exists()
    LEASES.claim(unchanged(first, "due_at"), NOW + 2 * MINUTE)
    assert not LEASES.held(first).exists()
    assert LEASES.held(QueuedMail.objects.get(pk=row.pk)).exists()


def test_a_row_is_held_only_under_the_conditions_that_are_asked_for(row):
    LEASES.claim(unchanged(row, "due_at"), NOW + MINUTE)
    row.refresh_from_db()
    assert LEASES.held(row, due_at=NOW + MINUTE).exists()
    assert not LEASES.held(row, due_at=NOW).exists()


def test_a_claim_makes_the_other_changes_with_it(row):
    LEASES.claim(unchanged(row, "due_at"), NOW + MINUTE, unanswered=1)
    row.refresh_from_db()
    assert row.unanswered == 1


def test_rows_that_count_no_claims_are_claimed_by_their_time_alone(row):
    uncounted = Leases("due_at", attempts="")
    assert uncounted.claim(unchanged(row, "due_at"), NOW + MINUTE)
    assert not uncounted.claim(unchanged(row, "due_at"), NOW + MINUTE)
    row.refresh_from_db()
    assert row.attempts == 0


@mark.parametrize(
    ("due_at", "attempts", "is_due"),
    [
        (NOW, 0, True),
        (NOW - MINUTE, 7, True),
        (NOW + MINUTE, 0, False),
        (NOW + MINUTE, 1, False),
        # Nothing waits for so long: the clock was set back since.
        (NOW + MINUTE + CLOCKS_DIFFER + MINUTE, 0, True),
        (NOW + MINUTE + CLOCKS_DIFFER + MINUTE, 1, False),
        (NOW + 10 * MINUTE + CLOCKS_DIFFER + MINUTE, 1, True),
        # How long it may wait after so many claims is not known.
        (NOW + timedelta(days=1), 2, False),
    ],
)
def test_a_row_is_due_when_its_time_has_come_or_is_further_ahead_than_it_can_be(
    row, due_at, attempts, is_due
):
    QueuedMail.objects.filter(pk=row.pk).update(due_at=due_at, attempts=attempts)
    assert QueuedMail.objects.filter(LEASES.due(NOW, [MINUTE, 10 * MINUTE])).exists() is is_due
