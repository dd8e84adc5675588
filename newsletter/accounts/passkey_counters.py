"""Notices a copied passkey by its counter (Web Authentication Level 2, sections 6.1.1 and 7.2, step 21).

An authenticator that counts its signatures gives a higher number each time. If a number is not higher than the last
one, two authenticators have the same key. Passkeys that are kept in an account, as those of phones, always say 0.
"""

from datetime import timedelta
from typing import Any

from django.db import transaction

from newsletter.accounts import audit_log
from newsletter.accounts.account_mails import queue_account_mail
from subscribers.database import locked
from subscribers.rate_limits import is_within_limit

# In the data of the stored passkey.
COUNTER = "newsletter_counter"


def is_counter_higher(passkey: Any, received: int) -> bool:
    """Store the counter with which a passkey has just signed, and return whether it is higher than the last one.

    A counter that is the same or lower is recorded in the audit log, and the owner is told by email once a day.
    """
    with transaction.atomic():
        stored = locked(type(passkey).objects.all(), passkey.pk)
        last = stored.data.get(COUNTER)
        if last is None:
            last = stored.wrap().authenticator_data.counter
        is_higher = received > last or not (received or last)
        if is_higher:
            stored.data[COUNTER] = received
            stored.save(update_fields=["data"])
            passkey.data = stored.data
        elif is_within_limit("copied passkey", str(passkey.pk), at_most=1, span=timedelta(days=1)):
            _tell(stored)
    return is_higher


def _tell(passkey: Any) -> None:
    user, name = passkey.user, passkey.wrap().name
    audit_log.write(
        "user",
        (
            f"Refused the passkey “{name}” of the user {user.get_username()}, because its usage count was lower "
            "than last time."
        ),
        thing=f"user {user.pk}",
    )
    queue_account_mail("passkey-copied", user.email, user=user, name=user.get_username(), passkey=name)
