"""Which dates in a text count as announced although they are past."""

from datetime import date

import pytest

from newsletter.preflight.checks.content import past_dates

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Join us on Saturday 14 November.", (2026, 11, 14)),
        ("Register by 3rd of October", (2026, 10, 3)),
        ("Registration closes November 2, 2026", (2026, 11, 2)),
        ("Kommen Sie am Samstag, 14. November", (2026, 11, 14)),
        ("Répondez avant le 3 novembre", (2026, 11, 3)),
        ("Hasta el 2 de noviembre de 2026", (2026, 11, 2)),
        ("Aanmelden voor 9 november", (2026, 11, 9)),
    ],
)
def test_a_past_date_is_found(text, day):
    assert [found for _written, found in past_dates(text, TODAY)] == [date(*day)]


@pytest.mark.parametrize(
    "text",
    [
        "Join us on Saturday 28 November.",
        "The study was published on 3 November.",
        "He died on 2 October 2026.",
        "On 30 February nothing happens.",
        "On 14 November 1998 the trial began.",
        "In 14 November words",
        "We open on 23 November.",
        "Come on 3 January.",
    ],
)
def test_other_dates_are_not(text):
    assert list(past_dates(text, TODAY)) == []


def test_an_article_tells_of_days_and_announces_them_with_a_weekday_or_a_last_day():
    told, announced, last = (
        "On 14 November the ministers met.",
        "The museum opens on Saturday 14 November.",
        "Apply until 14 November.",
    )
    assert list(past_dates(told, TODAY, is_article=True)) == []
    for text in (announced, last):
        assert [day for _written, day in past_dates(text, TODAY, is_article=True)] == [date(2026, 11, 14)]
