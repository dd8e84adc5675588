"""Read how long a recording is, as podcasts and media feeds write it."""

import re

LONGEST_SECONDS = 48 * 60 * 60

_CLOCK = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,4}):)?(\d{1,6})(?:\.\d+)?")


def seconds_of(text: str) -> int | None:
    """Return the seconds of `1:02:03`, `62:03` or `3723`; None if it is none of them, nothing, or over two days.

    https://help.apple.com/itc/podcasts_connect/#/itcb54353390 (`itunes:duration`)
    """
    found = _CLOCK.fullmatch(text.strip())
    if not found:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    total = hours * 3600 + minutes * 60 + seconds
    return total if 0 < total <= LONGEST_SECONDS else None
