"""What a person's name, language and time zone may be, by every door, so that exports come back as they were."""

import re
import zoneinfo
from collections.abc import Mapping
from functools import cache

from subscribers.text import composed, name_on_one_line, without_unseen_ends

# BCP 47, without its single letters.
LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
LONGEST = {"first_name": 150, "last_name": 150, "locale": 35, "zone": 64}


def name_of_person(text: str) -> str:
    """A name composed (NFC) on one line, with plain single spaces, and without what does not show at its ends."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    return " ".join(name_on_one_line(without_unseen_ends(composed(text))).split())


@cache
def zones() -> Mapping[str, str]:
    """The names of the IANA time zones that are known here, by their small letters."""
    return {name.lower(): name for name in zoneinfo.available_timezones()}
