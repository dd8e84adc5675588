"""Rules for a person's name, language and time zone, the same everywhere, so that exports are read back
unchanged.
"""

import re
import zoneinfo
from collections.abc import Mapping
from functools import cache

from subscribers.clean_text import composed, name_on_one_line, without_unseen_ends

# BCP 47, without its single-letter subtags.
LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
LONGEST = {"first_name": 150, "last_name": 150, "locale": 35, "zone": 64}


def name_of_person(text: str) -> str:
    """Return a name composed (NFC), on one line with single spaces, and without invisible characters at its ends."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    return " ".join(name_on_one_line(without_unseen_ends(composed(text))).split())


@cache
def zones() -> Mapping[str, str]:
    """Return the names of the IANA time zones of this system, by their lower case."""
    return {name.lower(): name for name in zoneinfo.available_timezones()}
