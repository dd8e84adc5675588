"""Measures how long it takes to count the people of segments and of audiences. Run by `python -m benchmarks desk`.

SQLite counts with several processes. If other work takes the processors away, the clock shows more than a free machine
would need, so the load of the machine is printed too. The processor's seconds are those of this process and of its
children that have ended.
"""

import os
from collections.abc import Iterator
from typing import Any

from benchmarks.cpu_seconds import Spent, spending
from benchmarks.verdicts import verdict

# An audience can leave out several segments, each of which is counted with it.
SEGMENT_SECONDS, AUDIENCE_SECONDS = 2.0, 3.0
SEGMENTS = (
    "country is France",
    "country is missing",
    "country is France and company starts with “Firm 7” and age is 7",
    "country is France or company contains 77 or age is 7",
    "country is not France and company is not “Firm 7” and “member since” is not 1999",
    "address contains gmail",
    "first name is Ada or last name contains ly1",
    "list is readers and topic is missing",
    "joined in last 90 days",
)
# Conditions on all details that people have: nobody meets one of the first, and everybody meets the others.
RARE = (
    *("country is Chad", "company is “Firm x”", "“member since” is 1899", "age is 99", "note contains zebra"),
    *("city is “City x”", "“job title” is Pilot", "membership is Bronze", "“score” is 100.5"),
    *("renewed starts with 1999", "“referred by” is nobody", "“is volunteer” is perhaps"),
)
USUAL = (
    *("country is not Chad", "company starts with Firm", "“member since” is known", "age is not 99"),
    *("note contains words", "city contains City", "“job title” starts with Job", "membership is not Bronze"),
    *(
        "“score” is known",
        "renewed ends with 31",
        "“referred by” starts with reader",
        "“is volunteer” is known",
    ),
)
DETAILS_IN_SEGMENTS = (5, 8, 12)
# Each of them leaves people out of an audience: those in segments, who got an issue or any email, or were pasted.
EXCLUSIONS: dict[str, dict[str, Any]] = {
    "without “country is France”": {"exclusions": ("country is France",)},
    "without two segments": {"exclusions": ("country is France", "company starts with “Firm 7”")},
    "without “list is readers”": {"exclusions": ("list is readers",)},
    "without who got No. 1": {"issues": (1,)},
    "without who got an email in 3 days": {"days": 3},
    "with “not country is Spain”, without “age is 7”, 3 days and two addresses": {
        "segment": "not country is Spain",
        "exclusions": ("age is 7",),
        "days": 3,
        "addresses": ("reader.5@example5.org", "reader.7@example7.org"),
    },
    "with twelve details, without six others": {
        "segment": " and ".join(USUAL),
        "exclusions": (" or ".join(RARE[6:]), "country is France and not (age is 7 or city contains 7)"),
    },
}


def measure_segments() -> None:
    """Print how long it takes to count the people of segments and of audiences."""
    from django.utils.timezone import localdate

    from newsletter.sending.audience import AudienceRule
    from subscribers.models import List
    from subscribers.segments.count_people import count_people
    from subscribers.segments.select_people import chosen

    mailing_list = List.objects.get()
    for name, text in _segments():
        with spending() as spent:
            count = count_people(chosen(text, mailing_list), mailing_list)
        _show(spent, count, name, SEGMENT_SECONDS)
    for text, rule in EXCLUSIONS.items():
        audience = AudienceRule(mailing_list=mailing_list, **rule)
        with spending() as spent:
            count = audience.size(localdate())
        _show(spent, count, text, AUDIENCE_SECONDS)
    print(
        f"  At most {SEGMENT_SECONDS:.0f} s by the clock are allowed for a segment, and {AUDIENCE_SECONDS:.0f} s for "
        "an audience with several. "
        f"The load of the last minute is {os.getloadavg()[0]:.1f}."
    )


def _show(spent: Spent, count: int, name: str, limit: float) -> None:
    from subscribers.segments.count_people import counting_processes

    print(
        f"  {spent.seconds:5.2f} s  {spent.cpu:5.2f} CPU  {spent.cpu / counting_processes():5.2f} CPU a process  "
        f"{count:9,} people  {name}  {verdict(spent.seconds <= limit)}"
    )


def _segments() -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each segment."""
    yield from zip(SEGMENTS, SEGMENTS, strict=True)
    for count in DETAILS_IN_SEGMENTS:
        rare, usual = " or ".join(RARE[:count]), " and ".join(USUAL[:count])
        yield f"{count} details that nobody has, with “or”", rare
        yield f"{count} details that everybody has, with “and”", usual
        yield f"not {count} details with “or”", f"not ({rare})"
        pairs = zip(RARE[:count:2], USUAL[1:count:2], strict=False)
        yield (
            f"{count} details, “or” within “and”",
            " and ".join(f"({one} or {other})" for one, other in pairs),
        )
    others = "list is readers and topic is missing and joined before 2100-01-01"
    yield "12 details, a list, topics and a date", f"{others} and {' and '.join(USUAL)}"
    yield "12 companies", " or ".join(f"company is “Firm {number}”" for number in range(12))
