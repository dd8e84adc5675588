"""How often something may be done, counted in the database so that it holds over several processes."""

import hmac
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from subscribers import app_settings
from subscribers.models import RateCounter
from subscribers.network_addresses import parse_network_address

GMAIL = ("gmail.com", "googlemail.com")
COUNT = """
    INSERT INTO subscribers_ratecounter (key, count, expires_at) VALUES (%s, 1, %s)
    ON CONFLICT (key) DO UPDATE SET count = subscribers_ratecounter.count + 1
    RETURNING count
"""


def is_within_limit(what: str, who: str, *, at_most: int, span: timedelta) -> bool:
    """Count one more of `what` by `who`; whether it is within `at_most` in this span of time.

    Spans begin at fixed times, so that twice as many may be done around such a time.
    """
    now = timezone.now()
    window = int(now.timestamp() // span.total_seconds())
    return _count(f"{what}:{window}:{who}", now + span) <= at_most


def _count(what: str, expires_at: datetime) -> int:
    """Count one more; how many there are. The key of the row is a digest, which names nobody."""
    # The oldest key: what was counted before the secret key was changed counts on.
    secret = app_settings.suppression_keys()[-1].encode()
    key = hmac.digest(secret, f"subscribers.limits:{what}".encode("utf-8", "surrogatepass"), "sha256").hex()
    expires = RateCounter._meta.get_field("expires_at").get_db_prep_value(expires_at, connection)  # noqa: SLF001 - Django's public API is named so
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [key, expires])
        (count,) = cursor.fetchone()
    return int(count)


def network_of(address: str) -> str:
    """What counts as one network: an IPv4 address, or the /48 that a site's IPv6 addresses share (RFC 6177)."""
    return _shared(address, "xxxx:xxxx:xxxx")


def household_of(address: str) -> str:
    """What counts as one household or machine: an IPv4 address, or the /64 that its IPv6 addresses share."""
    return _shared(address, "xxxx:xxxx:xxxx:xxxx")


def _shared(address: str, pattern: str) -> str:
    found = parse_network_address(address)
    if found is None:
        return address
    return found.exploded[: len(pattern)] if found.version == 6 else str(found)  # noqa: PLR2004 - IPv6


def mailbox_of(address_key: str) -> str:
    """What counts as one mailbox: a folded address without its `+tag`, and without dots at Gmail, which ignores them.

    For counting alone: as addresses of people they stay different.
    """
    local, _at, domain = address_key.rpartition("@")
    if local.startswith('"'):
        return address_key
    local = local.partition("+")[0] or local
    if domain in GMAIL:
        return f"{local.replace('.', '')}@{GMAIL[0]}"
    return f"{local}@{domain}"


def is_first(what: str, who: str, *, until: datetime) -> bool:
    """Whether this is the first time for `who`; remembered until then, whatever the span or the day."""
    return _count(f"{what}:once:{who}", until) == 1


def prune_counters(now: datetime) -> int:
    """Remove what was counted in spans of time that are over."""
    return RateCounter.objects.filter(expires_at__lt=now - timedelta(days=1)).delete()[0]
