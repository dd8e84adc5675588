"""The days that not every month has, and what a recurrence does in a month without them."""

from newsletter.scheduling.recurrence.rrule import Rule

OR_LAST_DAY = "or its last day"
WHERE_THERE_IS_ONE = "where there is one"
IN_EVERY_MONTH = 28
_LAST_DAYS = {1: 31, 2: 28, 3: 31, 4: 30, 5: 31, 6: 30, 7: 31, 8: 31, 9: 30, 10: 31, 11: 30, 12: 31}


def to_its_end(day: int) -> Rule:
    """Return the rule for a day after the 28th, which is the last day in shorter months."""
    return Rule(frequency="MONTHLY", month_days=tuple(range(IN_EVERY_MONTH, day + 1)), positions=(-1,))


def some_lack(day: int, months: tuple[int, ...]) -> bool:
    """Whether one of the months may lack this day. If no months are given, all count."""
    return any(_LAST_DAYS[month] < day for month in months or _LAST_DAYS)
