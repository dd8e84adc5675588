"""Changes the email address of one's own account, once both addresses have confirmed it.

So nobody who finds a browser left open can take an account over, and no mistyped address gets its emails.
"""

import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from newsletter.accounts.account_mails import AccountMail, queue_account_mail
from newsletter.accounts.actor import acting_as
from newsletter.accounts.link_tokens import digest_of
from newsletter.accounts.users import actor_of, set_address
from newsletter.errors import Invalid, InvalidFields, NotFound, Refused
from subscribers.database import locked
from subscribers.email_addresses import parse

VALID_FOR = timedelta(days=1)
KINDS = ("address-confirm-new", "address-confirm-old")
NO_LONGER = (
    "This link no longer works, because it has been used, it has expired or the change was cancelled. Log in to see "
    "which address your account has."
)


class AddressChange(models.Model):
    """A new address that a user has asked for. Only the digests of the two tokens are stored."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    old_address = models.CharField(max_length=254, blank=True)
    new_address = models.CharField(max_length=254)
    old_digest = models.CharField(max_length=64, unique=True)
    new_digest = models.CharField(max_length=64, unique=True)
    old_confirmed = models.BooleanField(default=False)
    new_confirmed = models.BooleanField(default=False)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"address change for user {self.user_id}"


def ask_for_address(user: Any, address: str) -> AddressChange:
    """Ask both addresses of a user to confirm the new one. An earlier request ends.

    Raises InvalidFields if the address cannot be used. The door calls `require_recent_sign_in` before.
    """
    try:
        found = parse(address)
    except Invalid as error:
        wrong = str(error) if address.strip() else "Enter your new email address."
        raise InvalidFields({"address": wrong}) from error
    if found.address.lower() == user.email.lower():
        raise InvalidFields({"address": "Your account already has this address."})
    old, new = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    with transaction.atomic():
        cancel_address_change(user)
        change = AddressChange.objects.create(
            user=user,
            old_address=user.email,
            new_address=found.address,
            old_digest=digest_of(old),
            new_digest=digest_of(new),
            # An account without an address has nobody to ask there.
            old_confirmed=not user.email,
            expires_at=timezone.now() + VALID_FOR,
        )
        for kind, receiver, token in zip(KINDS, (found.address, user.email), (new, old), strict=True):
            queue_account_mail(
                kind,
                receiver,
                user=user,
                link=f"{settings.NEWSLETTER.root_url}{reverse('desk:confirm-address')}?{urlencode({'token': token})}",
                button="Confirm the change",
                name=user.get_username(),
                new=found.address,
            )
    return change


def pending_address_change(user: Any) -> AddressChange | None:
    """Return the change that waits for confirmations, or None."""
    return AddressChange.objects.filter(user=user, expires_at__gt=timezone.now()).first()


def cancel_address_change(user: Any) -> bool:
    """End the change that a user has asked for. Return whether there was one."""
    AccountMail.objects.filter(user=user, kind__in=KINDS, state=AccountMail.State.WAITING).delete()
    return bool(AddressChange.objects.filter(user=user).delete()[0])


def address_change_of(token: str) -> AddressChange:
    """Return the change that a link confirms. Raises NotFound."""
    digest = digest_of(token)
    either = models.Q(old_digest=digest) | models.Q(new_digest=digest)
    found = AddressChange.objects.filter(
        either, expires_at__gt=timezone.now(), user__is_active=True
    ).select_related("user")
    change = found.first()
    if change is None:
        raise NotFound(NO_LONGER)
    return change


def confirm_address(token: str) -> AddressChange:
    """Confirm a change from one of the two addresses. With the second confirmation, the account gets its new address.

    Both addresses are told then. Raises NotFound, and Refused if another account has the address.
    """
    with transaction.atomic():
        user = locked(get_user_model().objects.all(), address_change_of(token).user_id)
        change = address_change_of(token)
        is_old = change.old_digest == digest_of(token)
        change.old_confirmed = change.old_confirmed or is_old
        change.new_confirmed = change.new_confirmed or not is_old
        change.save()
        if change.old_confirmed and change.new_confirmed:
            _change(user, change)
    return change


def _change(user: Any, change: AddressChange) -> None:
    change.delete()
    if user.email != change.old_address:
        # An administrator has changed it meanwhile.
        raise NotFound(NO_LONGER)
    if get_user_model().objects.filter(email__iexact=change.new_address).exclude(pk=user.pk).exists():
        # Not before: to ask for an address tells nobody whether there is an account.
        raise Refused(
            "Another account already has this address. Log in, and enter a different address under “Your "
            "account”."
        )
    with acting_as(actor_of(user)):
        set_address(user, change.new_address)
    for receiver in (change.old_address, change.new_address):
        queue_account_mail(
            "new-address", receiver, user=user, name=user.get_username(), new=change.new_address
        )
