"""How often something may be done, counted in the database so that it holds over several processes."""

import hmac
from datetime import datetime, timedelta
from ipaddress import AddressValueError, IPv6Address

from django.db import connection
from django.utils import timezone

from subscribers import conf
from subscribers.models import Tally

COUNT = """
    INSERT INTO subscribers_tally (key, count, expires_at) VALUES (%s, 1, %s)
    ON CONFLICT (key) DO UPDATE SET count = subscribers_tally.count + 1
    RETURNING count
"""


def allows(what: str, who: str, *, at_most: int, span: timedelta) -> bool:
    """Count one more of `what` by `who`; whether it is within `at_most` in this span of time."""
    now = timezone.now()
    window = int(now.timestamp() // span.total_seconds())
    # The oldest key: what was counted before the secret key was changed counts on.
    secret = conf.suppression_keys()[-1].encode()
    key = hmac.digest(secret, f"subscribers.limits:{what}:{window}:{who}".encode(), "sha256").hex()
    expires_at = Tally._meta.get_field("expires_at").get_db_prep_value(now + span, connection)  # noqa: SLF001 - Django's public API is named so
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [key, expires_at])
        (count,) = cursor.fetchone()
    return bool(count <= at_most)


def network_of(address: str) -> str:
    """What counts as one network: an IPv4 address, or the /64 that one household's IPv6 addresses share."""
    try:
        found = IPv6Address(address)
    except AddressValueError:
        return address
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return found.exploded[:19]


def prune_tallies(now: datetime) -> int:
    """Remove what was counted in spans of time that are over."""
    return Tally.objects.filter(expires_at__lt=now - timedelta(days=1)).delete()[0]
