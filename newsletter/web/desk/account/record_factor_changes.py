"""Notes in the activity when somebody sets up or removes a second factor, by whichever page."""

from typing import Any

from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.dispatch import receiver

from newsletter.accounts.record_account_activity import (
    record_added_factor,
    record_removed_factor,
    record_renewed_codes,
)


@receiver(authenticator_added, dispatch_uid="newsletter.factor_added")
def _note_added(user: Any, authenticator: Any, **_more: Any) -> None:
    record_added_factor(user, authenticator.type)


@receiver(authenticator_removed, dispatch_uid="newsletter.factor_removed")
def _note_removed(user: Any, authenticator: Any, **_more: Any) -> None:
    record_removed_factor(user, authenticator.type)


@receiver(authenticator_reset, dispatch_uid="newsletter.codes_renewed")
def _note_renewed(user: Any, **_more: Any) -> None:
    record_renewed_codes(user)
