"""Read a schedule as people write it: “every Tuesday and Thursday at 07:30”, “the 31st of every month at noon”.

Every word counts. One that we do not know is refused with examples. describe_recurrence.py is the reverse.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import date

from newsletter.errors import Invalid
from newsletter.scheduling.recurrence.expand_recurrence import Recurrence, local_times_of
from newsletter.scheduling.recurrence.month_ends import (
    IN_EVERY_MONTH,
    WHERE_THERE_IS_ONE,
    some_lack,
    to_its_end,
)
from newsletter.scheduling.recurrence.parse_datetime import MONTHS, WEEKDAYS
from newsletter.scheduling.recurrence.rrule import Rule, canonical_rule
from newsletter.scheduling.recurrence.tokenise_phrase import EXAMPLES, PhraseClauses, tokenise_phrase

WORKING_DAYS = tuple((0, day) for day in range(5))
FIRST_OF_QUARTERS, LAST_OF_QUARTERS = (1, 4, 7, 10), (3, 6, 9, 12)
LAST_DAY = 31

_UNITS = {
    "day": "day", "days": "day", "daily": "day",
    "week": "week", "weeks": "week", "weekly": "week",
    "month": "month", "months": "month", "monthly": "month",
    "quarter": "quarter", "quarterly": "quarter",
    "year": "year", "years": "year", "yearly": "year", "annually": "year",
}  # fmt: skip
_ORDINALS = {"first": 1, "second": 2, "other": 2, "third": 3, "fourth": 4, "fifth": 5, "last": -1}
_SMALL_WORDS = {"the", "and", "&", "a"}
# After one of these the numbers before are days of a month: the 15th of every second month.
_BREAKS = {"every", "each", "on", "of", "in"}
_UNMIXED = "You cannot combine these days in one schedule. Add two recurring issues instead."


@dataclass(slots=True)
class _PhraseParts:
    """What the words name, each with the numbers before it, such as “first Monday” or “2 weeks”."""

    units: dict[str, list[int]] = field(default_factory=dict)
    weekdays: list[tuple[list[int], int]] = field(default_factory=list)
    working_days: list[int] | None = None
    months: list[int] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)

    @property
    def names_weekdays(self) -> bool:
        return bool(self.weekdays) or self.working_days is not None


def parse_recurrence(text: str, *, zone: str, today: date) -> Recurrence:
    """Return the recurrence that a phrase, or an RRULE with a time, describes. It starts today unless it names a day.

    “Every second week”, day or month counts from the first day that fits. Raises Invalid.
    """
    clauses = tokenise_phrase(text, today=today)
    if clauses.rule:
        _check_alone(clauses)
        return Recurrence(rule=clauses.rule, zone=zone, at=clauses.at, starts_on=clauses.starts_on)
    rule = replace(_rule(clauses), until=clauses.until, count=clauses.count)
    return aligned(Recurrence(rule=str(rule), zone=zone, at=clauses.at, starts_on=clauses.starts_on))


def aligned(recurrence: Recurrence) -> Recurrence:
    """Return the recurrence from the first day that fits, from which people count “every second”."""
    rule = recurrence.parts
    if rule.interval == 1:
        return recurrence
    each = replace(recurrence, rule=str(replace(rule, interval=1, count=None, until=None)))
    return replace(recurrence, starts_on=next(local_times_of(each)).date())


def _check_alone(clauses: PhraseClauses) -> None:
    if clauses.days or clauses.until or clauses.count:
        raise Invalid(
            "If you enter a rule, you can only add a time of day and a first day to it. Put UNTIL and "
            "COUNT in the rule itself."
        )


def _rule(clauses: PhraseClauses) -> Rule:
    said = _phrase_parts(clauses.days)
    unit = next((name for name in ("year", "quarter", "month", "week", "day") if name in said.units), "")
    if said.months or unit in {"year", "quarter", "month"}:
        rule = _monthly(said, unit)
    elif said.numbers and not (said.names_weekdays or unit):
        rule = _days_of_month(said.numbers)
    else:
        rule = _weekly_or_daily(said, unit)
    return canonical_rule(_at_month_ends(rule, clauses))


def _phrase_parts(days: str) -> _PhraseParts:
    said, numbers = _PhraseParts(), list[int]()
    for word in days.split():
        number = _number(word)
        if number is not None:
            numbers.append(number)
        elif word in _BREAKS:
            said.numbers += numbers
            numbers = []
        elif word not in _SMALL_WORDS:
            _put(said, word, numbers)
            numbers = []
    said.numbers += numbers
    return said


def _number(word: str) -> int | None:
    found = re.fullmatch(r"([0-9]{1,3})(?:st|nd|rd|th)?", word)
    return int(found[1]) if found else _ORDINALS.get(word)


def _put(said: _PhraseParts, word: str, numbers: list[int]) -> None:
    singular = word.removesuffix("s")
    weekday = WEEKDAYS.get(word, WEEKDAYS.get(singular))
    if word in {"fortnight", "fortnightly"}:
        said.units["week"] = [2]
    elif word in _UNITS:
        said.units[_UNITS[word]] = numbers
    elif singular == "weekday":
        said.working_days = numbers
    elif weekday is not None:
        said.weekdays.append((numbers, weekday))
    elif word in MONTHS:
        said.months.append(MONTHS[word])
        said.numbers += numbers
    else:
        raise Invalid(f"We could not understand the word “{word[:40]}” in the schedule. {EXAMPLES}")


def _interval(said: _PhraseParts, unit: str) -> int:
    numbers = said.units.get(unit, [])
    if len(numbers) > 1 or any(number < 1 for number in numbers):
        raise Invalid(f"Enter the interval as one number, such as “every 2 {unit}s”.")
    return numbers[0] if numbers else 1


def _weekly_or_daily(said: _PhraseParts, unit: str) -> Rule:
    if unit == "day" and not (said.names_weekdays or said.numbers):
        return Rule(frequency="DAILY", interval=_interval(said, unit))
    if not said.names_weekdays:
        raise Invalid(f"Add the day of the week. {EXAMPLES}")
    numbers = [number for before, _ in said.weekdays for number in before]
    mixed = len(numbers) > 1 or (numbers and (unit or len(said.weekdays) > 1))
    if unit == "day" or mixed or said.numbers or said.working_days:
        raise Invalid(f"{_UNMIXED} {EXAMPLES}")
    if numbers and numbers[0] < 1:
        raise Invalid("Add the month, such as “last Friday of every month at 10:00”.")
    days = {(0, day) for _, day in said.weekdays} | set(WORKING_DAYS if said.working_days is not None else ())
    interval = numbers[0] if numbers else _interval(said, "week")
    return Rule(frequency="WEEKLY", interval=interval, days=tuple(sorted(days)))


def _monthly(said: _PhraseParts, unit: str) -> Rule:
    """Days within all months, every few months, or the months that are named."""
    numbers = said.numbers + (said.units.get("day") or [])
    if bool(numbers) == said.names_weekdays:
        raise Invalid(
            "Enter either days of the month, such as the 15th, or weekdays, such as the first "
            f"Monday. {EXAMPLES}"
        )
    rule = _days_of_month(numbers) if numbers else _weekdays_of_month(said)
    months = tuple(sorted(set(said.months))) or (_quarter_months(rule) if unit == "quarter" else ())
    if unit == "year" and not months:
        raise Invalid("Add the month, such as “every year on 1 December at 07:30”.")
    interval = _interval(said, unit) if unit in {"month", "year"} else 1
    if interval > 1 and months:
        if unit != "year" or rule.positions:
            raise Invalid(f"{_UNMIXED} {EXAMPLES}")
        rule = replace(rule, frequency="YEARLY")
    return replace(rule, interval=interval, months=months)


def _quarter_months(rule: Rule) -> tuple[int, ...]:
    """The months of “every quarter”: the first of each, or the last, if the phrase names the last of its days."""
    places = {*rule.month_days, *rule.positions, *(which for which, _ in rule.days if which)}
    if all(place > 0 for place in places):
        return FIRST_OF_QUARTERS
    if all(place < 0 for place in places):
        return LAST_OF_QUARTERS
    raise Invalid(
        "You cannot combine the first and the last days of a quarter in one schedule. Add two recurring "
        f"issues instead. {EXAMPLES}"
    )


def _days_of_month(numbers: list[int]) -> Rule:
    days = tuple(sorted(set(numbers)))
    if any(not (1 <= day <= LAST_DAY or day == -1) for day in days):
        raise Invalid(f"Enter a day of the month from the 1st to the 31st, or “last day”. {EXAMPLES}")
    return Rule(frequency="MONTHLY", month_days=days)


def _weekdays_of_month(said: _PhraseParts) -> Rule:
    if said.working_days and not said.weekdays:
        return Rule(frequency="MONTHLY", days=WORKING_DAYS, positions=tuple(sorted(set(said.working_days))))
    some, every = any(numbers for numbers, _ in said.weekdays), all(numbers for numbers, _ in said.weekdays)
    if said.working_days is not None or some != every or not (every or said.months):
        raise Invalid(f"Enter which weekday of the month you mean, such as “first Monday”. {EXAMPLES}")
    days = {(number, day) for numbers, day in said.weekdays for number in numbers or [0]}
    return Rule(frequency="MONTHLY", days=tuple(sorted(days)))


def _at_month_ends(rule: Rule, clauses: PhraseClauses) -> Rule:
    """Replace a day that some months lack by their last day, unless the phrase says otherwise."""
    late = [day for day in rule.month_days if day > IN_EVERY_MONTH]
    needed = any(some_lack(day, rule.months) for day in late)
    if clauses.where_there_is_one or not (needed or clauses.or_last_day):
        return rule
    if len(rule.month_days) > 1 or rule.frequency != "MONTHLY" or not late:
        raise Invalid(
            f"Some months do not have all of these days. Add “{WHERE_THERE_IS_ONE}” to skip the missing "
            "days, or add a separate recurring issue for the 29th, 30th or 31st."
        )
    return replace(rule, month_days=to_its_end(late[0]).month_days, positions=to_its_end(late[0]).positions)
