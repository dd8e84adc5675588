"""Accepts an invitation: its link makes one account, once, while it is open and who sent it is an administrator."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from newsletter.accounts import users
from newsletter.accounts.account_mails import queue_account_mail
from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.accounts.first_account_link import wrong_fields
from newsletter.accounts.invitation_model import Invitation, record_invitation
from newsletter.accounts.invitations import user_at
from newsletter.accounts.link_tokens import digest_of
from newsletter.errors import InvalidFields, NotFound, refuse_if
from subscribers.database import locked
from subscribers.phrases import listed, written_day

NOT_KNOWN = (
    "This link does not work. Check that you copied the whole link. If you were sent more than one "
    "invitation, use the "
    "link in the newest email."
)
ACCEPTED = (
    "This invitation has already been accepted, so the link no longer works. Log in with the account "
    "that you created."
)
WITHDRAWN = (
    "This invitation has been withdrawn. If you think that this is a mistake, ask the person who invited you."
)


def invitation_of(token: str) -> Invitation:
    """Return the invitation that a token opens. Raises NotFound, or Refused with why it opens nothing any more."""
    found = Invitation.objects.filter(digest=digest_of(token)).first()
    if found is None:
        raise NotFound(NOT_KNOWN)
    refuse_if(_why_not_accept(found))
    return found


def accept(token: str, *, name: str, password: str) -> Any:
    """Make the account of an invited person, end the link, and return the user. Of two people at once, one succeeds.

    Raises NotFound or Refused as `invitation_of` does, and InvalidFields for what cannot be used; the link then still
    works.
    """
    with transaction.atomic():
        found = locked(Invitation.objects.all(), invitation_of(token).pk)
        refuse_if(_why_not_accept(found))
        wrong = wrong_fields(name, found.address, password)
        if "name" not in wrong and get_user_model().objects.filter(username__iexact=name).exists():
            wrong["name"] = "Another person already has this name. Choose a different name."
        if wrong:
            raise InvalidFields(wrong)
        found.accepted_at = timezone.now()
        found.save(update_fields=["accepted_at"])
        with acting_as(Actor(name, frozenset({Role.ADMINISTRATOR}))):
            user = users.add_user(
                name,
                password=password,
                address=found.address,
                roles=found.roles,
                publication_roles=found.publication_roles,
            )
            record_invitation("Accepted an invitation", found, {"accepted": [False, True]})
        _tell_inviter(found, name)
    return user


def _why_not_accept(found: Invitation) -> str:  # noqa: PLR0911 - a sentence for each reason
    if found.accepted_at is not None:
        return ACCEPTED
    if found.withdrawn_at is not None:
        return WITHDRAWN
    if found.has_expired:
        by = found.invited_by or "the person who invited you"
        return f"This invitation expired on {written_day(found.expires_at)}. Ask {by} to send it again."
    if found.account is not None and not users.administrators().filter(pk=found.account).exists():
        return (
            "The person who invited you can no longer invite people. Ask another administrator to invite you."
        )
    if not (found.roles or found.publication_roles):
        return (
            "The newsletter that you were invited to work on no longer exists. Ask an administrator to "
            "invite you again."
        )
    if user_at(found.address, found.key):
        return "An account with your address already exists. Log in to that account, or ask an administrator."
    return ""


def _tell_inviter(invitation: Invitation, name: str) -> None:
    inviter = get_user_model().objects.filter(pk=invitation.account or 0, is_active=True).first()
    if inviter is not None:
        roles = listed(invitation.role_words)
        queue_account_mail("invitation-accepted", inviter.email, user=inviter, name=name, roles=roles)
