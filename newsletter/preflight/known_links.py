"""What is known of URLs that were opened, as far as it is not too old."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import timedelta

from django.utils import timezone

from newsletter.preflight.models import CheckedLink

KEPT = timedelta(days=1)
# Somebody who has mended a page does not wait a day until we see it.
BAD_KEPT = timedelta(minutes=10)
_BAD_FROM = 400


def known_results(urls: Iterable[str]) -> Mapping[str, CheckedLink]:
    """Return what is known of these URLs, by the URL, as far as it is not too old."""
    now = timezone.now()
    rows = CheckedLink.objects.filter(key__in=[key_of(url) for url in urls])
    return {row.url: row for row in rows if now - row.checked_at < (BAD_KEPT if is_bad(row) else KEPT)}


def is_bad(row: CheckedLink) -> bool:
    """Return whether a URL could not be reached."""
    return bool(row.problem) or row.status >= _BAD_FROM


def key_of(url: str) -> str:
    """Return the key under which what is known of a URL is stored."""
    return hashlib.sha256(url.encode()).hexdigest()
