"""Split the phrase of a schedule into the time, the first and last day, how many times, and the words about days."""

import re
from dataclasses import dataclass
from datetime import date, time

from newsletter.errors import Invalid
from newsletter.scheduling.recurrence.month_ends import OR_LAST_DAY, WHERE_THERE_IS_ONE
from newsletter.scheduling.recurrence.parse_datetime import parse_day, parse_time_of_day
from newsletter.scheduling.recurrence.rrule import without_time

LONGEST = 600
EXAMPLES = (
    "For example, enter “every Tuesday and Thursday at 07:30”, “every second Friday at 9:00”, “first "
    "Monday of the month at 10:00” or “the 31st of every month at noon”."
)
_HALF = r"\s*[ap]\.?m\.?"
_TIME = re.compile(rf"\s(?:at\s+)?(\d{{1,2}}[:.]\d\d(?:{_HALF})?|\d{{1,2}}{_HALF}|noon|midnight)(?=\s|$)")
_BARE_HOUR = re.compile(r"\sat\s+(\d{1,2})(?=\s|$)")
_FROM = re.compile(r"\s(?:from|starting)(?: on)?\s+(.+?)(?=\suntil\s|\s\d+ times|$)")
_UNTIL = re.compile(r"\suntil\s+(.+?)(?=\s(?:from|starting)\s|\s\d+ times|$)")
_TIMES = re.compile(r"\s(\d{1,4}) times(?=\s|$)")
# RFC 5545 lets the parts of a rule stand in any order.
_RULE = re.compile(r"\s(?:by the rule )?((?:rrule:)?(?:[a-z]+=[^\s;]+;)*freq=\S+)(?=\s|$)")
# Calendars and people write spaces after semicolons, and a semicolon at the end.
_AROUND_PARTS = re.compile(r"\s*;\s*(?=[a-z]+\s*=)")
_LAST_SEMICOLON = re.compile(r";(?=\s|\Z)")
_WORKING_DAYS = re.compile(r"\b(?:working|business|work)[ -]?days?\b")
_OR_LAST_DAY = re.compile(rf"\s({OR_LAST_DAY})(?=\s|$)")
_WHERE_THERE_IS_ONE = re.compile(rf"\s({WHERE_THERE_IS_ONE})(?=\s|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseClauses:
    """The parts of a phrase. `days` is what is left of it. `rule` is an RRULE, used instead of days."""

    days: str
    rule: str
    at: time
    starts_on: date
    until: date | None
    count: int | None
    or_last_day: bool
    where_there_is_one: bool


def tokenise_phrase(text: str, *, today: date) -> PhraseClauses:
    """Return the parts of a phrase. Raises Invalid."""
    if len(text) > LONGEST:
        raise Invalid(f"A schedule can have at most {LONGEST} characters. {EXAMPLES}")
    phrase = _Phrase(text)
    rule, at_in_rule = without_time(phrase.take(_RULE))
    written = phrase.take(_TIME) or phrase.take(_BARE_HOUR)
    at = parse_time_of_day(written) if written else at_in_rule
    if at is None:
        raise Invalid(f"“{text[:80]}” does not include a time of day. {EXAMPLES}")
    if at_in_rule not in {None, at}:
        raise Invalid(
            f"The rule gives the time {at_in_rule:%H:%M}, but you also entered {at:%H:%M}. Remove one "
            "of them."
        )
    starts, until, count = phrase.take(_FROM), phrase.take(_UNTIL), phrase.take(_TIMES)
    starts_on = parse_day(starts, today=today) if starts else today
    return PhraseClauses(
        rule=rule,
        at=at,
        starts_on=starts_on,
        until=parse_day(until, today=starts_on) if until else None,
        count=int(count) if count else None,
        or_last_day=bool(phrase.take(_OR_LAST_DAY)),
        where_there_is_one=bool(phrase.take(_WHERE_THERE_IS_ONE)),
        days=phrase.rest.strip(),
    )


class _Phrase:
    def __init__(self, text: str) -> None:
        plain = _AROUND_PARTS.sub(";", text.lower()) if "=" in text else text.lower().replace(",", " ")
        plain = _WORKING_DAYS.sub("weekday", _LAST_SEMICOLON.sub("", plain))
        self.rest = " " + " ".join(plain.replace(", ", " ").split())

    def take(self, pattern: re.Pattern[str]) -> str:
        """Take a clause out of what is left. Return an empty string if it is not there."""
        found = pattern.search(self.rest)
        if not found:
            return ""
        self.rest = self.rest[: found.start()] + " " + self.rest[found.end() :].lstrip()
        return found[1]
