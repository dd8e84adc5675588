"""Which dates in a text count as announced although they are past, and which weekdays do not fit."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from newsletter.preflight.checks.dates import past_dates, wrong_weekdays
from newsletter.preflight.dates.announced import Looks, looks_of
from newsletter.preflight.dates.read_dates import read_dates
from newsletter.preflight.finding import Place
from newsletter.preflight.issue_texts import IssueText, Line

TODAY = date(2026, 11, 23)
SENTENCES = Path(__file__).parent / "sentences_with_dates"


def text_of(language="en-GB", **fields):
    return IssueText(place=Place("details"), lines=(), language=language, position=0, **fields)


def past(line, **fields):
    return [day for _written, day in past_dates(Line(line, line), text_of(**fields), TODAY)]


def wrong(line, **fields):
    return [day for _written, day in wrong_weekdays(Line(line, line), text_of(**fields), TODAY)]


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
        ("Please join us on Saturday 15 November 2025.", (2025, 11, 15)),
        ("Come between 14 November and 20 November.", (2026, 11, 20)),
        ("Autumn fair, 14 November 2026.", (2026, 11, 14)),
        ("Come and browse. Autumn fair, Saturday 14 November 2026.", (2026, 11, 14)),
    ],
)
def test_a_past_date_is_found(text, day):
    assert past(text) == [date(*day)]


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
        "The exhibition runs from 14 November to 20 December.",
        "We have moved the deadline from 14 November to 12 December.",
        "The shop is open from 14 November to 5 January.",
        "We are open 24/7.",
        "Mrs Evans remembers the poster: “Join us on 14 November and bring a friend!”",
        "WHO. Guidelines, 3 November 2026.",
        "3. Public Health England. A study of sleep, 3 November 2026.",
    ],
)
def test_other_dates_are_not(text):
    assert past(text) == []


def files(side):
    return sorted(SENTENCES.glob(f"*-{side}.txt"))


@pytest.mark.parametrize("path", [*files("forward"), *files("back")], ids=lambda path: path.stem)
def test_most_sentences_are_understood(path):
    """Each file has 60 sentences or more of one language. At least 95 in 100 must be understood."""
    language, side = path.stem.split("-")
    sentences = path.read_text().splitlines()
    misread = [each for each in sentences if bool(past(each, language=language)) != (side == "forward")]
    assert len(sentences) >= 60
    assert len(misread) <= 0.05 * len(sentences), misread


def test_an_article_announces_a_day_that_was_to_come_when_it_appeared():
    headline = "Open day on 14 November"
    before, later = datetime(2026, 11, 5, tzinfo=UTC), datetime(2026, 11, 16, tzinfo=UTC)
    assert past(headline, is_article=True, published_at=before)
    assert not past(headline, is_article=True, published_at=later)
    assert not past(headline, is_article=True)
    assert past("Open day on Saturday 14 November", is_article=True)
    told = "On 14 November the ministers met."
    assert not past(told, is_article=True, published_at=before)


@pytest.mark.parametrize(
    "headline",
    [
        "Winter fair: Saturday 21 November, 2pm",
        "Quiz night, Friday 20 November, 7.30pm, Clun Village Hall",
        "Saturday 21 November, from 4pm. We leave from the chapel at dusk.",
        "Saturday 21 November 2026, 2–5pm, village hall. Free entry.",
        "Carol concert, 21 November, 7pm",
        "Weihnachtsmarkt am 21. November, 14 Uhr",
        "Marché de Noël : samedi 21 novembre, 14 h",
        "Ffair Nadolig: dydd Sadwrn 21 Tachwedd, 2pm",
    ],
)
def test_a_time_of_day_beside_the_date_is_an_invitation_even_if_the_article_appeared_later(headline):
    assert past(headline, is_article=True, published_at=datetime(2026, 11, 22, tzinfo=UTC))
    assert past(headline, is_article=True)


@pytest.mark.parametrize(
    "headline",
    [
        "Fair on 21 November raised £4,200",
        "Photos: lantern walk, 21 November, 4pm",
        "Minutes of the meeting, 12 November 2026, 7pm",
        "Lantern walk on 21 November",
    ],
)
def test_a_report_of_a_day_is_no_invitation(headline):
    assert not past(headline, is_article=True, published_at=datetime(2026, 11, 22, tzinfo=UTC))


def test_only_the_sentence_of_the_date_counts():
    text = "Thank you to everyone who came. Join us on Sat. 14 Nov. at ten. We met often last year."
    assert past(text) == [date(2026, 11, 14)]
    text = "Please join us! On 14 November 40 people came. Book now."
    dates = read_dates(text, "en", TODAY)
    assert looks_of(text, dates[0], dates, "en") is Looks.BACK


@pytest.mark.parametrize(
    ("text", "language", "day"),
    [
        ("The carol concert is on Friday 12 December 2026", "en", (2026, 12, 12)),
        ("The concert is on Friday 12 December.", "en", (2026, 12, 12)),
        ("Das Konzert ist am Freitag, 12. Dezember 2026", "de", (2026, 12, 12)),
        ("Le concert est le vendredi 12 décembre.", "fr", (2026, 12, 12)),
        ("Bydd y cyngerdd ddydd Gwener 12 Rhagfyr.", "cy", (2026, 12, 12)),
        ("الحفل يوم الجمعة 12 ديسمبر", "ar", (2026, 12, 12)),
        ("From Friday 11 to Saturday 13 December", "en", (2026, 12, 13)),
        ("Fri, 12.12.2026", "en", (2026, 12, 12)),
        ("Join us on Tuesday 14 November 2026.", "en", (2026, 11, 14)),
    ],
)
def test_a_weekday_that_does_not_fit_is_found_and_nothing_else(text, language, day):
    assert wrong(text, language=language) == [date(*day)]
    assert past(text, language=language) == []


@pytest.mark.parametrize(
    "text",
    [
        "The concert is on Saturday 12 December 2026.",
        "Saturday and Sunday, 12 and 13 December",
        "Sat–Sun 12–13 December",
        "Mondays, 7, 14 and 21 December",
        "On Friday 12 December 1913 the painting came back.",
        "In 1913, on Friday 12 December, the painting came back.",
        "On Friday 3 June the garden is open.",
    ],
)
def test_a_weekday_that_fits_or_can_be_of_another_year_is_not(text):
    assert wrong(text) == []


def test_a_weekday_of_the_year_in_which_an_article_appeared_is_right():
    published = datetime(2025, 12, 1, tzinfo=UTC)
    assert wrong("The concert is on Friday 12 December.", is_article=True, published_at=published) == []
