"""Recurrence rules (RFC 5545) as values: the part of them that a newsletter needs, each in one spelling.

The dates of every rule are found quickly. A rule for which the search could take very long is refused.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from newsletter.errors import Invalid
from subscribers.whole_numbers import whole_number

FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
KEYS = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "WKST")
TIME_KEYS = {"BYHOUR": 23, "BYMINUTE": 59, "BYSECOND": 59}
LONGEST = 500
MOST = 1_000
WEEKS_IN_MONTH, WEEKS_IN_YEAR = 5, 53
EXAMPLE = "Enter a rule such as FREQ=WEEKLY;BYDAY=TU,TH."

Day = tuple[int, int]  # (which of them, or 0 for every; weekday from Monday 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One RRULE. `until` is the last day, an instant in UTC, or a local time, which has no zone (RFC 5545, 3.3.10)."""

    frequency: str
    interval: int = 1
    count: int | None = None
    until: date | datetime | None = None
    months: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    days: tuple[Day, ...] = ()
    positions: tuple[int, ...] = ()
    week_start: int = 0

    def __str__(self) -> str:
        """Return the text of the RRULE, which `parse_rule` reads back as this rule."""
        parts = {
            "FREQ": self.frequency,
            "INTERVAL": str(self.interval) if self.interval > 1 else "",
            "COUNT": str(self.count or ""),
            "UNTIL": _until_text(self.until),
            "BYMONTH": _joined(self.months),
            "BYMONTHDAY": _joined(self.month_days),
            "BYDAY": ",".join(f"{which or ''}{DAYS[day]}" for which, day in self.days),
            "BYSETPOS": _joined(self.positions),
            "WKST": DAYS[self.week_start] if self.week_start else "",
        }
        return ";".join(f"{key}={value}" for key, value in parts.items() if value)


def parse_rule(text: str, *, starts_on: date) -> Rule:
    """Return the rule of a text. What the text leaves to the first day is filled in. Raises Invalid."""
    parts = _parts(text)
    rule = Rule(
        frequency=parts["FREQ"],
        interval=_number("INTERVAL", parts.get("INTERVAL", "1")),
        count=_number("COUNT", parts["COUNT"]) if "COUNT" in parts else None,
        until=_until(parts["UNTIL"]) if "UNTIL" in parts else None,
        months=_numbers("BYMONTH", parts, most=12, negative=False),
        month_days=_numbers("BYMONTHDAY", parts, most=31),
        days=_days(parts),
        positions=_numbers("BYSETPOS", parts, most=366),
        week_start=_week_start(parts.get("WKST", "MO")),
    )
    _check(rule)
    return canonical_rule(_filled(rule, starts_on))


def without_time(text: str) -> tuple[str, time | None]:
    """Take the time of day (BYHOUR, BYMINUTE, BYSECOND) out of a rule. Raises Invalid for several times."""
    kept, said = [], dict[str, int]()
    for word in text.split(";"):
        key, _, value = word.upper().removeprefix("RRULE:").partition("=")
        number = whole_number(value)
        if key not in TIME_KEYS:
            kept.append(word)
        elif number is None or key in said or number > TIME_KEYS[key]:
            raise Invalid(
                f"{key} must be a single number from 0 to {TIME_KEYS[key]}, not “{value[:20]}”. To send "
                "at several times of day, add a recurring issue for each time."
            )
        else:
            said[key] = number
    if not said:
        return text, None
    if "BYHOUR" not in said:
        raise Invalid(
            "The rule has BYMINUTE or BYSECOND but not BYHOUR. Add BYHOUR, or remove them and enter a "
            "time, such as 07:30."
        )
    if said.get("BYSECOND"):
        raise Invalid("Issues can only be sent at a whole minute. Remove BYSECOND from the rule.")
    return ";".join(kept), time(said["BYHOUR"], said.get("BYMINUTE", 0))


def canonical_rule(rule: Rule) -> Rule:
    """Return the rule in its one spelling: rules that mean the same days become the same rule."""
    if rule.frequency == "YEARLY" and rule.interval == 1 and rule.months and not rule.positions:
        rule = replace(rule, frequency="MONTHLY")
    if rule.frequency == "DAILY" and rule.interval == 1 and rule.days:
        rule = replace(rule, frequency="WEEKLY")
    if rule.frequency == "WEEKLY" and rule.interval == 1 and len(rule.days) == len(DAYS):
        rule = replace(rule, frequency="DAILY", days=())
    if rule.frequency != "WEEKLY" or rule.interval == 1:
        rule = replace(rule, week_start=0)
    return rule


def _parts(text: str) -> dict[str, str]:
    if len(text) > LONGEST:
        raise Invalid(f"A rule can have at most {LONGEST} characters. {EXAMPLE}")
    words = "".join(text.upper().split()).removeprefix("RRULE:").strip(";").split(";")
    parts: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not value:
            raise Invalid(f"“{word[:40]}” cannot be part of a rule. {EXAMPLE}")
        if key in {"BYHOUR", "BYMINUTE", "BYSECOND"}:
            raise Invalid(
                f"You cannot use {key} in this rule. Enter the time of day separately, such as 07:30."
            )
        if key not in KEYS:
            raise Invalid(f"You cannot use {key[:40]} in a rule. You can use {', '.join(KEYS)}.")
        if key in parts:
            raise Invalid(f"{key} is in the rule twice. Remove one of them.")
        parts[key] = value
    if parts.get("FREQ") not in FREQUENCIES:
        raise Invalid(f"FREQ must be one of {', '.join(FREQUENCIES)}. {EXAMPLE}")
    return parts


def _check(rule: Rule) -> None:
    if rule.count and rule.until:
        raise Invalid("Use COUNT or UNTIL in a rule, but not both.")
    if rule.frequency in {"DAILY", "WEEKLY"} and (rule.month_days or rule.positions):
        raise Invalid(f"BYMONTHDAY and BYSETPOS cannot be used with FREQ={rule.frequency}. Use FREQ=MONTHLY.")
    most = 0
    if rule.frequency == "MONTHLY" or (rule.frequency == "YEARLY" and rule.months):
        most = WEEKS_IN_MONTH
    elif rule.frequency == "YEARLY":
        most = WEEKS_IN_YEAR
    if any(abs(which) > most for which, _ in rule.days):
        if not most:
            raise Invalid(f"With FREQ={rule.frequency}, the days in BYDAY cannot have numbers. {EXAMPLE}")
        raise Invalid(
            f"With FREQ={rule.frequency}, the number before a day in BYDAY must be at most {most}. {EXAMPLE}"
        )


def _filled(rule: Rule, starts_on: date) -> Rule:
    if rule.days or rule.month_days or rule.frequency == "DAILY":
        return rule
    if rule.frequency == "WEEKLY":
        return replace(rule, days=((0, starts_on.weekday()),))
    if rule.frequency == "YEARLY":
        rule = replace(rule, months=rule.months or (starts_on.month,))
    return replace(rule, month_days=(starts_on.day,))


def _number(key: str, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text) or not 1 <= int(text) <= MOST:
        raise Invalid(f"{key} must be a whole number from 1 to {MOST:,}.")
    return int(text)


def _numbers(key: str, parts: dict[str, str], *, most: int, negative: bool = True) -> tuple[int, ...]:
    words = parts[key].split(",") if key in parts else []
    for word in words:
        if not re.fullmatch(r"[+-]?[0-9]{1,3}", word) or not (-most if negative else 1) <= int(word) <= most:
            if negative:
                raise Invalid(f"{key}: “{word[:20]}” is not a number from 1 to {most} or from -1 to -{most}.")
            raise Invalid(f"{key}: “{word[:20]}” is not a number from 1 to {most}.")
    if any(int(word) == 0 for word in words):
        raise Invalid(f"{key} cannot be 0. Use 1 for the first, or -1 for the last.")
    return tuple(sorted({int(word) for word in words}))


def _days(parts: dict[str, str]) -> tuple[Day, ...]:
    words = parts["BYDAY"].split(",") if "BYDAY" in parts else []
    found: set[Day] = set()
    for word in words:
        match = re.fullmatch(r"([+-]?[0-9]{1,2})?([A-Z]{2})", word)
        if not match or match[2] not in DAYS or (match[1] and int(match[1]) == 0):
            raise Invalid(
                f"BYDAY: “{word[:20]}” is not a day. Use one of {', '.join(DAYS)}, with or without a "
                "number, such as MO, 1MO or -1FR."
            )
        found.add((int(match[1] or 0), DAYS.index(match[2])))
    return tuple(sorted(found))


def _week_start(text: str) -> int:
    if text not in DAYS:
        raise Invalid(f"WKST must be one of {', '.join(DAYS)}.")
    return DAYS.index(text)


def _until(text: str) -> date | datetime:
    try:
        if re.fullmatch(r"[0-9]{8}", text):
            return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
        if re.fullmatch(r"[0-9]{8}T[0-9]{6}Z", text):
            return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        if re.fullmatch(r"[0-9]{8}T[0-9]{6}", text):
            return datetime.strptime(text, "%Y%m%dT%H%M%S")  # noqa: DTZ007 - a local time
    except ValueError:
        pass
    raise Invalid(
        "UNTIL must be the last day, such as 20271231, a local time, such as 20271231T180000, or a time "
        "in UTC, such as 20271231T180000Z."
    )


def _until_text(until: date | datetime | None) -> str:
    if isinstance(until, datetime):
        return f"{until:%Y%m%dT%H%M%S}{'Z' if until.tzinfo else ''}"
    return f"{until:%Y%m%d}" if until else ""


def _joined(numbers: tuple[int, ...]) -> str:
    return ",".join(map(str, numbers))
