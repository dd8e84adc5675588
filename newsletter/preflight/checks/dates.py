"""Check the dates in the texts: announced days that are past, weekdays that do not fit, and days that do not exist."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.dates.announced import Looks, looks_of, says_when
from newsletter.preflight.dates.read_dates import WrittenDate, impossible_dates, read_dates
from newsletter.preflight.finding import Basis, Finding, Level, Rule
from newsletter.preflight.issue_texts import PREHEADER, SUBJECT, IssueText, Line
from newsletter.preflight.quoted_words import is_quoted
from subscribers.phrases import written_day

CHECK = "dates"
OURS = Basis("The text of the email")
PAST_DATE = Rule(
    "content.past-date",
    "The text announces a date in the past",
    Level.WARNING,
    "The text announces something for a day that will have passed when readers get the email.",
    "Correct the date, or remove the announcement.",
    OURS,
)
WRONG_WEEKDAY = Rule(
    "content.wrong-weekday",
    "A weekday does not match its date",
    Level.WARNING,
    "Readers cannot tell which of the two is right, and some will come on the wrong day.",
    "Correct the weekday or the date.",
    Basis("The calendar"),
)
IMPOSSIBLE_DATE = Rule(
    "content.impossible-date",
    "A date does not exist",
    Level.WARNING,
    "Readers cannot tell which day is meant.",
    "Correct the date.",
    WRONG_WEEKDAY.basis,
)
RULES = (PAST_DATE, WRONG_WEEKDAY, IMPOSSIBLE_DATE)

# A day that is over for longer than this is told of, not announced, unless the text says the year.
_ANNOUNCED_WITHIN = timedelta(days=120)
_WITH_YEAR = timedelta(days=800)
# Such as the years between which somebody lived.
_A_LIFE = timedelta(days=1_000)
# A date without a year that is further away can be of another year.
_SURELY_THIS_YEAR = timedelta(days=150)
_NEAR = 40
_ADMISSION = re.compile(
    r"\b(?:free (?:entry|admission)|(?:entry|admission)(?: is)? free|eintritt frei|freier eintritt|entrée libre|"
    r"mynediad am ddim)\b|الدخول مجان",
    re.IGNORECASE,
)
# A line with more dates is a calendar.
_MOST_DATES = 100
# The authors and the title that stand before the date of a source.
_AUTHOR = r"(?:[A-Z][\w’'&-]*|and|et|of|for|al)"
_SOURCE = re.compile(rf"(?:\[?\d+[.\])]\s*)?{_AUTHOR}(?:,? {_AUTHOR}){{0,9}}\.\s+[^.!?]{{3,200}}[,.]\s*$")
_YEAR = re.compile(r"(?<!\d)(?:1\d|20)\d\d(?!\d)")


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Read the dates of all texts. The day of the issue counts, not today."""
    if checked.email is None:
        return
    announced = {
        past
        for text in checked.texts
        if text.place.article
        for _written, past in _each_once(text, checked.day)
    }
    for text in checked.texts:
        # The subject and the preheader are suggested from the articles.
        known = announced if text.place in (SUBJECT, PREHEADER) else set()
        for written, past in _each_once(text, checked.day):
            if past not in known:
                what = (
                    f"The text announces “{written}”, but {written_day(past)} will have passed by the date "
                    f"of this issue ({written_day(checked.day)})."
                )
                yield PAST_DATE.found(what, text.place, position=text.position)
        for line in text.lines:
            for written, wrong in wrong_weekdays(line, text, checked.day):
                what = f"The text says “{written}”, but {written_day(wrong)} is a {wrong:%A}."
                yield WRONG_WEEKDAY.found(what, text.place, position=text.position)
            for written in impossible_dates(line.text, text.language):
                what = f"The text says “{written}”, but this day does not exist."
                yield IMPOSSIBLE_DATE.found(what, text.place, position=text.position)


def _each_once(text: IssueText, day: date) -> list[tuple[str, date]]:
    """Return the past dates that a text announces, each once."""
    found: dict[date, str] = {}
    for line in text.lines:
        for written, past in past_dates(line, text, day):
            found.setdefault(past, written)
    return [(written, past) for past, written in found.items()]


def past_dates(line: Line, text: IssueText, day: date) -> Iterator[tuple[str, date]]:
    """Yield each date that a line announces although it is past on a day, as it is written and as a date.

    Of several days that are written together, the last one counts. If the weekday is wrong, this is the only finding:
    the date is probably wrong too.
    """
    dates = read_dates(line.text, text.language, day)[:_MOST_DATES]
    for written in dates:
        if (
            written.last >= day
            or written.last - written.first > _A_LIFE
            or _is_of_others(written, line)
            or _wrong_weekday(written, line, text, day)
        ):
            continue
        looks = looks_of(line.text, written, dates, text.language)
        if looks is Looks.UNCLEAR and text.is_article and not _is_of_the_future(written, text, line):
            continue
        longest = _WITH_YEAR if written.has_year and looks is Looks.FORWARD else _ANNOUNCED_WITHIN
        if looks is not Looks.BACK and day - longest <= written.last:
            yield _as_written(line, written), written.last


def wrong_weekdays(line: Line, text: IssueText, day: date) -> Iterator[tuple[str, date]]:
    """Yield each date beside which a line has the wrong weekday, as it is written and as a date."""
    for written in read_dates(line.text, text.language, day)[:_MOST_DATES]:
        if wrong := _wrong_weekday(written, line, text, day):
            yield _as_written(line, written), wrong


def _wrong_weekday(written: WrittenDate, line: Line, text: IssueText, day: date) -> date | None:
    """Return the first day whose weekday is wrong. Without a year, it can be of the year of which the text tells."""
    wrong = next((day for weekday, day in written.weekdays if day.weekday() != weekday), None)
    if wrong is None or written.has_year:
        return wrong
    other_years = {int(year) for year in _YEAR.findall(line.text)}
    if text.published_at:
        other_years.add(text.published_at.year)
    is_near = abs(wrong - day) <= _SURELY_THIS_YEAR and other_years <= {wrong.year}
    return wrong if is_near else None


def _is_of_others(written: WrittenDate, line: Line) -> bool:
    """Return whether a date is in a quotation, or is that of a source: “WHO. Guidelines, 3 November 2026.”."""
    before, after = line.text[: written.start], line.text[written.end :]
    is_source = written.has_year and not written.weekdays and not after.strip(" .)")
    return (is_source and _SOURCE.match(before) is not None) or is_quoted(
        line.text, written.start, written.end
    )


def _is_of_the_future(written: WrittenDate, text: IssueText, line: Line) -> bool:
    """Return whether words of an article without a verb announce a date: it was to come when the article appeared."""
    # A time of day after the date is an invitation, whenever the article appeared.
    after = line.text[written.end : written.end + _NEAR]
    before = line.text[max(0, written.start - _NEAR) : written.start] if written.weekdays else ""
    if says_when(after) or says_when(before) or _ADMISSION.search(line.text):
        return True
    if text.published_at:
        return text.published_at.date() <= written.last
    return bool(written.weekdays)


def _as_written(line: Line, written: WrittenDate) -> str:
    return " ".join(line.text[written.start : written.end].split()).rstrip(".")
