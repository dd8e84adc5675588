"""Lets one request at a time do an act in another service, so that a double click does not do it twice.

A transaction must not wait for the network, so `once` (form_idempotency.py) is not for such acts. The claim is a row
that is stored before the act and deleted after it. If the process dies in between, the claim ends by itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from secrets import token_hex

from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from newsletter.accounts.form_idempotency import UsedFormKey
from subscribers.leases import CLOCKS_DIFFER


@contextmanager
def one_at_a_time(act: str, *, longest: timedelta) -> Iterator[bool]:
    """Claim an act by its name, and yield whether we have it. False if another request is doing it now.

    A claim that is older than `longest`, or from a clock that was set back, no longer counts.
    """
    # Nobody can send this key as that of a form, because it depends on the secret key.
    key, mine, now = salted_hmac("one at a time", act).hexdigest(), token_hex(16), timezone.now()
    claim = UsedFormKey.objects.filter(key=key)
    claim.filter(Q(used_at__lt=now - longest) | Q(used_at__gt=now + CLOCKS_DIFFER)).delete()
    _row, is_ours = UsedFormKey.objects.get_or_create(key=key, defaults={"used_at": now, "made": mine})
    try:
        yield is_ours
    finally:
        if is_ours:
            claim.filter(made=mine).delete()
