"""The one rule for waiting between attempts, as tables."""

from datetime import timedelta

from pytest import mark

from subscribers.backoff import doubling, squares, steps

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@mark.parametrize(("failures", "minutes"), [(0, 1), (1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (10_000, 60)])
def test_a_wait_doubles_up_to_the_longest(failures, minutes):
    assert doubling(MINUTE, HOUR).wait(failures) == minutes * MINUTE


@mark.parametrize(("failures", "minutes"), [(1, 1), (2, 4), (3, 9), (7, 49), (8, 60), (10_000, 60)])
def test_a_wait_grows_with_the_square_up_to_the_longest(failures, minutes):
    assert squares(MINUTE, HOUR).wait(failures) == minutes * MINUTE


@mark.parametrize(("failures", "minutes"), [(0, 1), (1, 1), (2, 5), (3, 60), (4, 60)])
def test_a_wait_is_taken_from_a_table_and_the_last_one_stays(failures, minutes):
    assert steps(MINUTE, 5 * MINUTE, HOUR).wait(failures) == minutes * MINUTE


@mark.parametrize(
    ("asked", "minutes"),
    [(0, 1), (30, 1), (600, 10), (10**9, 360)],
    ids=["nothing asked", "less than we wait anyway", "more", "more than is heeded"],
)
def test_a_wait_that_the_other_side_asks_for_is_heeded_within_limits(asked, minutes):
    backoff = doubling(MINUTE, HOUR, most_asked=6 * HOUR)
    assert backoff.wait(1, asked=asked) == minutes * MINUTE


def test_chance_only_adds_to_a_wait_and_never_more_than_its_share():
    backoff = doubling(MINUTE, HOUR, jitter=0.25, most_asked=2 * HOUR)
    waits = [backoff.wait(1) for _ in range(100)]
    assert all(MINUTE <= wait <= 1.25 * MINUTE for wait in waits)
    assert len(set(waits)) > 1
    assert backoff.wait(99, asked=10**9) <= backoff.longest_wait(99) == 2.5 * HOUR
