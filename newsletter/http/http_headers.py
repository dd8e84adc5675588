"""Reads and writes HTTP headers: times and the user agent."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from django.conf import settings

from newsletter import __version__


def time_in(header: str | None) -> datetime | None:
    """Return the time in a Date header (RFC 9110, section 5.6.7); None if it is missing or unreadable."""
    try:
        found = parsedate_to_datetime(header) if header else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    # A time without a zone cannot be compared with others; HTTP only uses UTC.
    return found.replace(tzinfo=UTC) if found and found.tzinfo is None else found


def asked_to_wait(value: str) -> float | None:
    """Return the seconds of a Retry-After header (RFC 9110, section 10.2.3); None if we cannot read it."""
    if re.fullmatch(r"\d{1,9}", value.strip()):
        return float(value)
    moment = time_in(value)
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0) if moment else None


def user_agent() -> str:
    """Return the name of the software, with the contact from the settings."""
    contact = settings.NEWSLETTER.fetch_contact or settings.NEWSLETTER.root_url
    return f"newsletter-press/{__version__} (+{contact})".encode("ascii", "replace").decode("ascii")
