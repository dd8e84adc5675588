from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.articles.parse_dates import is_day_first, parse_date


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Mon, 01 Sep 2025 12:00:00 GMT", (2025, 9, 1, 12)),
        ("Mon, 1 Sep 2025 12:00 +0100", (2025, 9, 1, 11)),
        ("Mon, 01 Sep 25 12:00:00 GMT", (2025, 9, 1, 12)),
        ("Mon, 01 September 2025 12:00:00 +0000", (2025, 9, 1, 12)),
        ("Mon, 01 Sep 2025 12:00:00 EST", (2025, 9, 1, 17)),
        ("Mon, 01 Sep 2025 12:00:00 BST", (2025, 9, 1, 11)),
        ("Mon, 01 Sep 2025 12:00:00 CEST", (2025, 9, 1, 10)),
        ("Sep 1, 2025 3:05 PM ET", (2025, 9, 1, 19, 5)),
        ("2025-09-01", (2025, 9, 1)),
        ("2025-09", (2025, 9, 1)),
        ("2025-09-01T10:00:00", (2025, 9, 1, 10)),
        ("2025-09-01T10:00:00.123456Z", (2025, 9, 1, 10)),
        ("2025-09-01 10:00:00 +02:00", (2025, 9, 1, 8)),
        ("2025-09-01T10:00:00 PDT", (2025, 9, 1, 17)),
        ("20250901T101112Z", (2025, 9, 1, 10, 11, 12)),
        ("1756700000", (2025, 9, 1, 4, 13, 20)),
        ("1756700000123", (2025, 9, 1, 4, 13, 20)),
        ("09/23/2025 3:05 PM", (2025, 9, 23, 15, 5)),
        ("23/09/2025 15:05", (2025, 9, 23, 15, 5)),
        ("1.9.2025, 14:00 Uhr", (2025, 9, 1, 14)),
        ("September 1, 2025", (2025, 9, 1)),
        ("12:00 am, 1 September 2025", (2025, 9, 1)),
        ("Mon Sep  1 12:00:00 UTC 2025", (2025, 9, 1, 12)),
        ("Mon Sep 01 2025 12:00:00 GMT+0200 (CEST)", (2025, 9, 1, 10)),
        ("mar. 23 sept. 2025 12:00", (2025, 9, 23, 12)),
        ("1 de septiembre de 2025", (2025, 9, 1)),
        ("Montag, 1. März 2025 12:30", (2025, 3, 1, 12, 30)),
        ("1 settembre 2025", (2025, 9, 1)),
        ("1 september 2025", (2025, 9, 1)),
        ("1 de março de 2025", (2025, 3, 1)),
        ("1 września 2025", (2025, 9, 1)),
        ("1 сентября 2025 г., 10:00", (2025, 9, 1, 10)),
        ("2025年9月1日 12:00", (2025, 9, 1, 12)),
        ("Wed, 31 Dec 2025 24:00:00 GMT", (2026, 1, 1)),
        ("2025-09-01T10:00:60Z", (2025, 9, 1, 10, 0, 59)),
        ("2025-09-01T10:00:00+9900", (2025, 9, 1, 10)),
    ],
)
def test_a_date_is_read_in_every_manner(text, moment):
    assert parse_date(text) == datetime(*moment, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "yesterday",
            "99/99/9999",
            "2025-13-45",
            "0",
            "²/²/²²²²",
            "32 January 2025",
            "12:99 1 May 2025",
        ),
        *("Thu, 01 Jan 1970 00:00:00 GMT", "0001-01-01T00:00:00", "9999-12-31T23:59:59-14:00", "1" * 10_000),
    ],
)
def test_nonsense_is_no_date(text):
    assert parse_date(text) is None


def test_a_time_without_zone_is_taken_in_the_zone_that_is_given():
    assert parse_date("2025-07-01T10:00", zone=ZoneInfo("Europe/London")) == datetime(
        2025, 7, 1, 9, tzinfo=UTC
    )


@given(st.text())
def test_no_text_makes_it_fail(text):
    moment = parse_date(text)
    assert moment is None or moment.tzinfo is UTC


@given(st.integers(70_000_000, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)))
def test_every_manner_of_writing_a_moment_gives_it_back(moment):
    assert parse_date(moment.isoformat()) == moment
    assert parse_date(moment.strftime("%a, %d %b %Y %H:%M:%S GMT")) == moment
    assert parse_date(moment.strftime("%d %B %Y %H:%M:%S UTC")) == moment
    assert parse_date(moment.strftime("%m/%d/%Y %I:%M:%S %p"), day_first=False) == moment


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("Thu, 01 Oct 2026 09:00:00 Europe/Lisbon", 8),
        ("Thu, 01 Oct 2026 09:00:00 Pacific Daylight Time", 16),
        ("1 October 2026 09:00 Central European Time", 7),
    ],
)
def test_a_zone_is_read_by_its_name(text, hour):
    assert parse_date(text) == datetime(2026, 10, 1, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Thu, 01 Oct 2026 09:00:00 Europe/Atlantis",
        "Thu, 01 Oct 2026 09:00:00 XQT",
        "03/11/2026",
        "3-11-26 09:00",
    ],
)
def test_a_date_that_may_mean_two_moments_is_not_read(text):
    assert parse_date(text) is None


@pytest.mark.parametrize(
    ("texts", "language", "expected"),
    [
        ([], "en-GB", True),
        ([], "en_US", False),
        ([], "de", True),
        ([], "en", None),
        ([], "", None),
        (["03/11/2026", "25/10/2026"], "en-US", True),
        (["10/25/2026"], "", False),
    ],
)
def test_other_dates_of_a_document_and_its_language_tell_whether_the_day_comes_first(
    texts, language, expected
):
    assert is_day_first(texts, language) is expected


def test_the_order_that_is_known_is_followed():
    assert parse_date("03/11/2026", day_first=True) == datetime(2026, 11, 3, tzinfo=UTC)
    assert parse_date("03/11/2026", day_first=False) == datetime(2026, 3, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Mon, 01 Jan 0001 00:00:00 +0000",
        "01/01/0001 00:00",
        "1.1.0001",
        "1 January 0001",
        "0001-01-01T00:00:00",
    ],
)
def test_the_first_year_of_the_calendar_is_no_date(text):
    assert parse_date(text) is None


@pytest.mark.parametrize(
    ("text", "language", "moment"),
    [
        ("3. listopada 2026", "hr", (2026, 10, 3)),
        ("3 listopada 2026", "pl", (2026, 11, 3)),
        ("2026년 11월 3일 오후 3:05", "ko", (2026, 11, 3, 15, 5)),
        ("2026年11月3日 午後3時5分", "ja", (2026, 11, 3, 15, 5)),
        ("2026年11月3日 上午12:30", "zh", (2026, 11, 3, 0, 30)),
        ("2026年11月3日 15時", "ja", (2026, 11, 3, 15)),
    ],
)
def test_a_month_and_an_hour_mean_what_the_language_means_by_them(text, language, moment):
    assert parse_date(text, language=language) == datetime(*moment, tzinfo=UTC)
