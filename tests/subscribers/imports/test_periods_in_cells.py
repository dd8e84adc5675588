"""Whatever form a day has in a cell, we find it, and nothing else is taken for a day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from babel import Locale
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from subscribers.imports import headings_of_languages
from subscribers.imports.column_aliases import LANGUAGES
from subscribers.imports.periods_in_cells import periods_in

# Two digits of a year from 69 on are the last century for programs.
DAYS = st.dates(date(1990, 1, 1), date(2068, 12, 31))
LONG_FORMS = {
    "en": ("d MMMM y", "MMMM d, y", "EEE, d MMM y", "d-MMM-yy", "EEE MMM d HH:mm:ss y"),
    **{
        language: ("d MMMM y", "d. MMM y")
        for language in (*LANGUAGES, *headings_of_languages.LANGUAGES)
        if language not in {"en", "ja", "zh", "ko", "vi"}
    },
    "es": ("d 'de' MMMM 'de' y",),
    "ja": ("y年M月d日",),
}


def spreadsheet(day):
    return str((day - date(1899, 12, 30)).days)


def seconds(day):
    return int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp())


# Forms that are dates in any column.
CLEAR = {
    "ISO": "{0:%Y-%m-%d}",
    "ISO with a time": "{0:%Y-%m-%d}T10:20:30.123456+02:00",
    "ISO basic": "{0:%Y%m%d}T102030Z",
    "by the day": "{0:%d/%m/%Y}",
    "American": "{0:%m/%d/%Y} 10:20 pm",
    "with dots": "{0:%d.%m.%Y}",
    "with slashes": "{0:%Y/%m/%d}",
    "a short year": "{0:%d/%m/%y}",
    "an apostrophe": "{0:%d/%m/}'{0:%y}",
    "digits": "{0:%Y%m%d}",
    "digits with a time": "{0:%Y%m%d}102030",
    "a week": "{0:%G-W%V-%u}",
    "a week alone": "KW {0:%V/%G}",
    "a month": "{0:%Y-%m}",
    "a month by the year": "{0:%m/%Y}",
    "the day of a year": "{0:%Y-%j}",
    "among words": "met on {0:%Y-%m-%d} at the fair with 20 others",
    "two": "{0:%Y-%m-%d};2099-01-01",
    "no-break hyphens": "{0:%Y‑%m‑%d}",
    "since": "since {0:%Y}",
}
# Forms that are dates only under a heading that is about dates.
UNDER_A_HEADING = {
    "a year": lambda day: f"{day:%Y}",
    "a season": lambda day: f"Summer {day:%Y}",
    "spreadsheet": spreadsheet,
    "spreadsheet with a time": lambda day: f"{spreadsheet(day)}.5",
    "seconds": lambda day: str(seconds(day)),
    "seconds with a fraction": lambda day: f"{seconds(day)}.25",
    "milliseconds": lambda day: f"{seconds(day)}000",
    "microseconds": lambda day: f"{seconds(day)}000000",
    ".NET": lambda day: f"/Date({seconds(day)}000)/",
    "digits": lambda day: f"{day:%y%m%d}",
    "digits by the day": lambda day: f"{day:%d%m%y}",
    "the day of a year": lambda day: f"{day:%Y%j}",
}


def contains(cell, day, *, is_date=False):
    return any(first <= day <= last for first, last in periods_in(cell, is_date=is_date))


@pytest.mark.parametrize("form", CLEAR)
@given(day=DAYS)
def test_a_day_is_found_in_any_column(form, day):
    cell = CLEAR[form].format(day)
    assert contains(cell, day), cell
    assert contains(cell, day, is_date=True), cell


@pytest.mark.parametrize("form", UNDER_A_HEADING)
@given(day=DAYS)
def test_a_number_is_a_day_under_a_heading_about_dates(form, day):
    cell = UNDER_A_HEADING[form](day)
    assert contains(cell, day, is_date=True), cell


@pytest.mark.parametrize("language", LONG_FORMS)
@given(day=DAYS)
def test_the_names_of_months_are_known_in_every_language_whose_headings_we_read(language, day):
    for form in LONG_FORMS[language]:
        cell = format_date(day, form, Locale.parse(language, sep="-")) if "H" not in form else f"{day:%c}"
        assert contains(cell, day), cell


@given(day=DAYS, spaces=st.sampled_from([" ", "\N{NO-BREAK SPACE}", "  ", "\N{NARROW NO-BREAK SPACE}"]))
def test_other_digits_and_spaces_are_the_same_day(day, spaces):
    wide = "".join(chr(0xFF10 + int(sign)) if sign.isdecimal() else sign for sign in f"{day:%Y-%m-%d}")
    assert contains(wide, day)
    assert contains(
        f"{spaces}{day.day}{spaces}March{spaces}{day.year}", day.replace(month=3, day=min(day.day, 31))
    )


@given(text=st.text(max_size=60))
def test_any_text_is_read_without_an_error(text):
    for is_date in (False, True):
        for first, last in periods_in(text, is_date=is_date):
            assert first <= last <= first + timedelta(days=366)


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "-",
        "2019",
        "43525",
        "1551434400",
        "£2019",
        "2019.50",
        "M1 2019",
        "Fun run 2019",
        "Team May-19",
        "12 Harbour Street",
    ],
)
def test_other_numbers_are_no_days_without_a_heading_about_dates(cell):
    assert periods_in(cell) == []


def test_a_long_note_is_read_in_linear_time_and_only_from_its_beginning():
    assert contains("met on 2019-03-01 " + "1-" * 500_000, date(2019, 3, 1))
    assert periods_in("x" * 2_000 + " 2019-03-01") == []
