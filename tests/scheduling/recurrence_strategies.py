"""Rhythms at random, as Hypothesis makes them."""

import zoneinfo
from datetime import date, time

from hypothesis import strategies as st

from newsletter.errors import Invalid
from newsletter.scheduling.recurrence.expand_recurrence import Recurrence

DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
ZONES = ["Europe/London", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe", "Africa/Cairo", "UTC"]


def lists(values, most=3):
    return st.lists(values, min_size=1, max_size=most, unique=True).map(
        lambda found: ",".join(map(str, found))
    )


@st.composite
def rules(draw):
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    within = frequency in {"MONTHLY", "YEARLY"}
    days = st.sampled_from(DAYS)
    numbered = st.builds("{}{}".format, st.sampled_from(["", 1, 2, 3, 4, 5, -1, -2]), days)
    month_days = st.integers(1, 31) | st.integers(-3, -1)
    parts = {
        "INTERVAL": st.integers(1, 5),
        "COUNT": st.integers(1, 9),
        "UNTIL": st.sampled_from(["20371231", "20371231T120000Z"]),
        "BYMONTH": lists(st.integers(1, 12)),
        "BYMONTHDAY": (lists(month_days) | st.just("28,29,30,31")) if within else None,
        "BYDAY": lists(numbered if within else days) | st.just("MO,TU,WE,TH,FR"),
        "BYSETPOS": st.sampled_from(["1", "-1", "1,-1"]) if within else None,
        "WKST": st.sampled_from(DAYS),
    }
    likely = {"BYDAY", "BYMONTHDAY"}
    chosen = [
        key
        for key, values in parts.items()
        if values is not None and draw(st.integers(0, 1 if key in likely else 3)) == 0
    ]
    # A rule that never occurs takes a second to be found out; these are tried by themselves.
    never = {"INTERVAL"} if "BYMONTH" in chosen else set()
    never |= {"BYDAY"} if "BYMONTHDAY" in chosen and draw(st.integers(0, 9)) else set()
    return ";".join(
        [f"FREQ={frequency}", *(f"{key}={draw(parts[key])}" for key in chosen if key not in never)]
    )


@st.composite
def recurrences(draw):
    """Rhythms that exist: a rule that never occurs, or says both COUNT and UNTIL, is thrown again."""
    for _ in range(20):
        try:
            return Recurrence(
                rule=draw(rules()),
                zone=draw(st.sampled_from(ZONES)),
                at=draw(st.sampled_from([time(0, 0), time(1, 30), time(7, 30), time(23, 59)])),
                starts_on=draw(st.dates(date(2000, 1, 1), date(2030, 12, 31))),
            )
        except Invalid:
            continue
    return Recurrence(rule="FREQ=DAILY", zone="UTC", at=time(9), starts_on=date(2026, 1, 1))


all_zones = st.sampled_from(sorted(zoneinfo.available_timezones()))
