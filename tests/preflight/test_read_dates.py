"""Dates are read in every spelling in which people write them, in five languages."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.preflight.dates.read_dates import read_dates
from tests.full import examples

NEAR = date(2026, 11, 23)
MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "cy": "Ionawr Chwefror Mawrth Ebrill Mai Mehefin Gorffennaf Awst Medi Hydref Tachwedd Rhagfyr",
    "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
}
SHORT_MONTHS = {
    "en": "Jan Feb Mar Apr May June July Aug Sept Oct Nov Dec",
    "de": "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.",
    "fr": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
}
AFTER_O = "Ionawr Chwefror Fawrth Ebrill Fai Fehefin Orffennaf Awst Fedi Hydref Dachwedd Ragfyr"
LEVANTINE = [
    "كانون الثاني",
    "شباط",
    "آذار",
    "نيسان",
    "أيار",
    "حزيران",
    "تموز",
    "آب",
    "أيلول",
    "تشرين الأول",
    "تشرين الثاني",
    "كانون الأول",
]
WEEKDAYS = {
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "de": ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"],
    "fr": ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
    "cy": [f"ddydd {name}" for name in ["Llun", "Mawrth", "Mercher", "Iau", "Gwener", "Sadwrn", "Sul"]],
    "ar": [
        f"يوم {name}" for name in ["الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"]
    ],
}
SHORT_WEEKDAYS = {
    "en": ["Mon", "Tue", "Wed", "Thurs", "Fri", "Sat", "Sun"],
    "de": ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"],
    "fr": ["lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."],
}
ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def ordinal(day):
    ends = {1: "st", 2: "nd", 3: "rd"}
    return f"{day}{'th' if day in (11, 12, 13) else ends.get(day % 10, 'th')}"


def spellings(day, language):
    """Each way to write a date in a language, with the year first as it is, and then left out."""
    month = MONTHS[language].split()[day.month - 1]
    weekday = WEEKDAYS[language][day.weekday()]
    numbers = f"{day.day}/{day.month}/{day.year}" if language != "de" else f"{day.day}.{day.month}.{day.year}"
    yield numbers
    yield f"{day:%d/%m/%Y}" if language != "de" else f"{day:%d.%m.%Y}"
    yield day.isoformat()
    yield f"{day.day} {month} {day.year}" if language != "de" else f"{day.day}. {month} {day.year}"
    point = "." if language == "de" else ""
    yield f"{weekday} {day.day}{point} {month} {day.year}"
    yield f"{weekday}, {day.day}{point} {month} {day.year}"
    yield f"{day.day}{point} {month}"
    yield f"{weekday}, {day.day}{point} {month}"
    if language in SHORT_MONTHS:
        short = SHORT_MONTHS[language].split()[day.month - 1]
        short_weekday = SHORT_WEEKDAYS[language][day.weekday()]
        yield f"{short_weekday} {day.day}{point} {short}"
        yield f"{short_weekday} {day.day}{point} {short} {day.year}"
    yield from OTHERS[language](day, month, weekday)


def english(day, month, weekday):
    yield f"the {ordinal(day.day)} of {month} {day.year}"
    yield f"{ordinal(day.day)} {month}"
    yield f"{month} {day.day}, {day.year}"
    yield f"{weekday}, {month} {ordinal(day.day)}"
    yield f"{weekday}, the {ordinal(day.day)} of {month}"
    yield f"by {day.day}/{day.month}"
    yield f"on {day.day}.{day.month}.{day:%y}"


def german(day, month, weekday):
    yield f"{weekday}, dem {day.day}. {month}"
    yield f"bis zum {day.day}.{day.month}."
    yield f"{SHORT_WEEKDAYS['de'][day.weekday()]}, {day.day}.{day.month}."
    yield f"{day.day:02}.{day.month:02}.{day:%y}"


def french(day, month, weekday):
    yield f"le {weekday} {day.day} {month}"
    yield f"le {'1er' if day.day == 1 else day.day} {month} {day.year}"
    yield f"avant le {day.day}/{day.month}"


def welsh(day, month, weekday):
    yield f"{day.day}eg o {AFTER_O.split()[day.month - 1]}"
    yield f"y {day.day}fed o {AFTER_O.split()[day.month - 1]} {day.year}"
    yield f"erbyn {day.day}/{day.month}"


def arabic(day, month, weekday):
    yield f"{day.day} {month} {day.year}".translate(ARABIC_DIGITS)
    yield f"{day.day}/{day.month}/{day.year}".translate(ARABIC_DIGITS)
    yield f"{weekday} {day.day} {LEVANTINE[day.month - 1]} {day.year}"
    yield f"\u2067{weekday}\u2069 \u2068{day.day}\u2069 {month}"


OTHERS = {"en": english, "de": german, "fr": french, "cy": welsh, "ar": arabic}


@pytest.mark.parametrize("language", OTHERS)
@given(days=st.integers(-170, 170))
@settings(max_examples=examples(60), deadline=None)
def test_a_date_is_read_back_in_every_spelling(language, days):
    day = NEAR + timedelta(days=days)
    for written in spellings(day, language):
        [found] = read_dates(f"x {written} y", language, NEAR)
        assert (found.first, found.last) == (day, day), written
        assert all(each.weekday() == weekday for weekday, each in found.weekdays), written


@pytest.mark.parametrize(
    ("language", "text", "first", "last"),
    [
        ("en", "14 and 15 November", (11, 14), (11, 15)),
        ("en", "14, 15 and 21 November", (11, 14), (11, 21)),
        ("en", "from 13 to 15 November", (11, 13), (11, 15)),
        ("en", "Friday 13 to Sunday 15 November 2026", (11, 13), (11, 15)),
        ("en", "13 November at 10 am to 15 November", (11, 13), (11, 15)),
        ("en", "between 14 November and 20 November", (11, 14), (11, 20)),
        ("en", "November 13–15", (11, 13), (11, 15)),
        ("en", "13/11/2026 – 15/11/2026", (11, 13), (11, 15)),
        ("de", "vom 13. bis 15. November", (11, 13), (11, 15)),
        ("de", "14./15. November", (11, 14), (11, 15)),
        ("de", "14.–16.11.2026", (11, 14), (11, 16)),
        ("de", "vom 13. November bis zum 5. Dezember", (11, 13), (12, 5)),
        ("fr", "du 13 au 15 novembre", (11, 13), (11, 15)),
        ("fr", "entre le 13 et le 15 novembre", (11, 13), (11, 15)),
        ("fr", "du 13 novembre au 5 décembre 2026", (11, 13), (12, 5)),
        ("cy", "o 13 i 15 Tachwedd", (11, 13), (11, 15)),
        ("cy", "o ddydd Gwener 13 i ddydd Sul 15 Tachwedd", (11, 13), (11, 15)),
        ("ar", "من 13 إلى 15 نوفمبر", (11, 13), (11, 15)),
        ("ar", "من 13 نوفمبر حتى 5 ديسمبر", (11, 13), (12, 5)),
        ("ar", "يومي 13 و15 نوفمبر", (11, 13), (11, 15)),
    ],
)
def test_several_days_are_read_as_one(language, text, first, last):
    [found] = read_dates(text, language, NEAR)
    assert (found.first, found.last) == (date(2026, *first), date(2026, *last))


def test_days_around_the_new_year():
    [found] = read_dates("28 December to 3 January 2027", "en", NEAR)
    assert (found.first, found.last) == (date(2026, 12, 28), date(2027, 1, 3))


@pytest.mark.parametrize(("text", "month", "day"), [("Fr, 24.7.", 7, 24), ("Mo, 9.11.", 11, 9)])
def test_numbers_that_often_mean_something_else_are_a_date_beside_a_weekday(text, month, day):
    [found] = read_dates(f"Wir treffen uns {text} um 10 Uhr", "de", NEAR)
    assert found.last == date(2026, month, day)


def test_the_order_of_numbers_is_that_of_the_language():
    assert read_dates("on 11/12/2026", "en-GB", NEAR)[0].last == date(2026, 12, 11)
    assert read_dates("on 11/12/2026", "en-US", NEAR)[0].last == date(2026, 11, 12)
    assert read_dates("on 14/11/2026", "en-US", NEAR)[0].last == date(2026, 11, 14)


@pytest.mark.parametrize(
    "text",
    [
        "Open 24/7, about 3/4 of all, and on 30/2.",
        "On page 14 may be found the 14 set menus.",
        "Version 1.12.2, 10.30 am, 020 7946 0000 and £14.11",
        "In November 14 people came.",
        "um 14.30 Uhr, 14.11 Uhr",
        "31 November and 0 May",
        "A rate of 12.10% for 5 marching bands",
        "9/11, 1:2 and 16:9",
        "Open from Monday, 24/7, all year",
    ],
)
def test_other_numbers_are_no_dates(text):
    assert read_dates(text, "en", NEAR) == []


def test_a_long_line_of_numbers_is_read_quickly():
    assert read_dates("1 and " * 5_000 + "November", "en", NEAR) is not None
    assert read_dates("Saturday, " * 5_000, "en", NEAR) == []
    assert read_dates("1.1.1.1." * 5_000, "en", NEAR) is not None
