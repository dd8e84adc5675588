"""Describe a recurrence in words, in a phrase that parse_recurrence.py reads back as the same recurrence."""

from calendar import day_name, month_name
from datetime import datetime

from newsletter.scheduling.recurrence.expand_recurrence import Recurrence
from newsletter.scheduling.recurrence.month_ends import (
    IN_EVERY_MONTH,
    OR_LAST_DAY,
    WHERE_THERE_IS_ONE,
    some_lack,
    to_its_end,
)
from newsletter.scheduling.recurrence.parse_recurrence import WORKING_DAYS, aligned
from newsletter.scheduling.recurrence.rrule import Rule
from subscribers.phrases import listed, written_day

ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last"}


def describe_recurrence(recurrence: Recurrence) -> str:
    """Return the recurrence in words, without its zone. The first day is named only if later dates depend on it."""
    rule = recurrence.parts
    words = _days(rule)
    start = f" from {written_day(recurrence.starts_on)}" if rule.interval > 1 or rule.count else ""
    if not words or isinstance(rule.until, datetime) or aligned(recurrence) != recurrence:
        return f"by the rule {rule} at {recurrence.at:%H:%M}{start}"
    until = f" until {written_day(rule.until)}" if rule.until else ""
    times = f", {rule.count} times" if rule.count else ""
    return f"{words} at {recurrence.at:%H:%M}{start}{until}{times}"


def _days(rule: Rule) -> str:
    """Return the days in words, or nothing if only the rule itself can say which."""
    if rule.frequency == "DAILY":
        return "" if rule.months or rule.days else _every(rule.interval, "day")
    if rule.frequency == "WEEKLY":
        return "" if rule.months or rule.week_start else _weekly(rule)
    if rule.frequency == "YEARLY" and (not rule.months or rule.positions):
        return ""
    if rule.frequency == "MONTHLY" and rule.months and rule.interval > 1:
        return ""
    days = _within_month(rule)
    return f"on {days} of {_months(rule)}{_ending(rule)}" if days else ""


def _weekly(rule: Rule) -> str:
    days = "weekday" if rule.days == WORKING_DAYS else listed([day_name[day] for _, day in rule.days])
    if rule.interval == 1:
        return f"every {days}"
    if rule.interval == 2 and len(rule.days) == 1:  # noqa: PLR2004 - second
        return f"every second {days}"
    return f"{_every(rule.interval, 'week')} on {days}"


def _within_month(rule: Rule) -> str:
    if rule.month_days:
        return "" if rule.days else _month_days(rule)
    if rule.positions:
        known = rule.days == WORKING_DAYS and all(place in ORDINALS for place in rule.positions)
        return f"the {listed([ORDINALS[place] for place in rule.positions])} weekday" if known else ""
    if all(which in ORDINALS for which, _ in rule.days):
        return listed([f"the {ORDINALS[which]} {day_name[day]}" for which, day in rule.days])
    plain = rule.months and all(which == 0 for which, _ in rule.days)
    return listed([f"every {day_name[day]}" for _, day in rule.days]) if plain else ""


def _month_days(rule: Rule) -> str:
    if rule.positions:
        last = rule.month_days[-1]
        return f"the {_ordinal(last)}" if _goes_to_end(rule) else ""
    if rule.month_days == (-1,):
        return "the last day"
    return listed([f"the {_ordinal(day)}" for day in rule.month_days]) if min(rule.month_days) > 0 else ""


def _goes_to_end(rule: Rule) -> bool:
    last = to_its_end(rule.month_days[-1])
    is_so = (rule.month_days, rule.positions) == (last.month_days, last.positions)
    return is_so and rule.frequency == "MONTHLY" and rule.month_days[-1] > IN_EVERY_MONTH


def _ending(rule: Rule) -> str:
    if rule.month_days and rule.positions:
        return f" {OR_LAST_DAY}"
    lacking = any(day > IN_EVERY_MONTH and some_lack(day, rule.months) for day in rule.month_days)
    return f" {WHERE_THERE_IS_ONE}" if lacking else ""


def _months(rule: Rule) -> str:
    if not rule.months:
        return _every(rule.interval, "month")
    named = listed([month_name[month] for month in rule.months])
    return f"{named} {_every(rule.interval, 'year')}" if rule.interval > 1 else named


def _every(interval: int, unit: str) -> str:
    if interval == 1:
        return f"every {unit}"
    return f"every second {unit}" if interval == 2 else f"every {interval} {unit}s"  # noqa: PLR2004 - second


def _ordinal(day: int) -> str:
    ending = "th" if day in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"
