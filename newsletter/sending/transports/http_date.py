"""Reads the time in a header of an answer: the other side's clock, which nobody here sets."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def time_in(header: str | None) -> datetime | None:
    """The time that a Date header says (RFC 9110, section 5.6.7); None for none, or for none that can be read."""
    try:
        found = parsedate_to_datetime(header) if header else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    # Without a zone it would compare with no other time; HTTP knows none but UTC.
    return found.replace(tzinfo=UTC) if found and found.tzinfo is None else found
