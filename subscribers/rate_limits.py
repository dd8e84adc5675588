"""Count how often something is done, in the database, so that limits apply across processes."""

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
    """Count one more `what` by `who`, and return whether it is within `at_most` for this span of time.

    Spans begin at fixed times, so twice as many can be done around such a time.
    """
    now = timezone.now()
    window = int(now.timestamp() // span.total_seconds())
    return _count(f"{what}:{window}:{who}", now + span) <= at_most


def _count(what: str, expires_at: datetime) -> int:
    """Count one more, and return how many there are. The row's key is a digest, which names nobody."""
    # The oldest key, so that counts continue when the secret key is changed.
    secret = app_settings.suppression_keys()[-1].encode()
    key = hmac.digest(secret, f"subscribers.limits:{what}".encode("utf-8", "surrogatepass"), "sha256").hex()
    expires = RateCounter._meta.get_field("expires_at").get_db_prep_value(expires_at, connection)  # noqa: SLF001 - Django's public API is named so
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [key, expires])
        (count,) = cursor.fetchone()
    return int(count)


def network_of(address: str) -> str:
    """Return what counts as one network: an IPv4 address, or the /48 that a site's IPv6 addresses share (RFC
    6177).
    """
    return _shared(address, "xxxx:xxxx:xxxx")


def household_of(address: str) -> str:
    """Return what counts as one household or machine: an IPv4 address, or the /64 that its IPv6 addresses share."""
    return _shared(address, "xxxx:xxxx:xxxx:xxxx")


def wide_network_of(address: str) -> str:
    """Return the network around an address, whose other addresses one customer may have too: an IPv4 /24, or an IPv6
    /48.
    """
    found = parse_network_address(address)
    if found is None:
        return address
    return str(found).rpartition(".")[0] if found.version == 4 else network_of(address)  # noqa: PLR2004 - IPv4


def _shared(address: str, pattern: str) -> str:
    found = parse_network_address(address)
    if found is None:
        return address
    return found.exploded[: len(pattern)] if found.version == 6 else str(found)  # noqa: PLR2004 - IPv6


def mailbox_of(address_key: str) -> str:
    """Return what counts as one mailbox: a folded address without its `+tag` and, at Gmail, which ignores them,
    without dots.

    This is only for counting: as addresses of people they stay different.
    """
    untagged = without_tag(address_key)
    local, _at, domain = untagged.rpartition("@")
    if domain in GMAIL and not local.startswith('"'):
        return f"{local.replace('.', '')}@{GMAIL[0]}"
    return untagged


def without_tag(address_key: str) -> str:
    """Return a folded address without its `+tag`. Most providers deliver both to one mailbox."""
    local, _at, domain = address_key.rpartition("@")
    if local.startswith('"'):
        return address_key
    return f"{local.partition('+')[0] or local}@{domain}"


def is_first(what: str, who: str, *, until: datetime) -> bool:
    """Return whether this is the first time for `who`. This is remembered until the given time."""
    return _count(f"{what}:once:{who}", until) == 1


def prune_counters(now: datetime) -> int:
    """Delete counters whose span of time is over."""
    return RateCounter.objects.filter(expires_at__lt=now - timedelta(days=1)).delete()[0]
