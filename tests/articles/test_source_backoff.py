"""When a failed source is tried again, as a table."""

from datetime import UTC, datetime, timedelta

from pytest import mark

from newsletter.articles.fetch_sources import next_attempt

NOW = datetime(2026, 11, 2, tzinfo=UTC)


@mark.parametrize(
    ("failures", "asked", "gone", "minutes"),
    [
        (1, None, False, 15),
        (2, None, False, 30),
        (5, None, False, 240),
        (8, None, False, 1440),  # never longer than a day
        (10_000, None, False, 1440),
        (1, 60, False, 15),  # asked for less than we wait anyway
        (1, 7200, False, 120),  # asked for more
        (1, 10**9, False, 7 * 1440),  # asked for the moon
        (1, None, True, 1440),  # gone for good
    ],
)
def test_the_pause_grows_and_heeds_what_the_source_asks(failures, asked, gone, minutes):
    assert next_attempt(failures, now=NOW, retry_after=asked, gone=gone) == NOW + timedelta(minutes=minutes)
