"""Invitations: an administrator names an address and roles, and a link sent there makes one account.

A link works once, for some days (NEWSLETTER_INVITATION_DAYS), while the administrator who sent it is still one.
accept_invitation.py makes the account.
"""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from newsletter.accounts import audit_log
from newsletter.accounts.account_mails import AccountMail, queue_account_mail
from newsletter.accounts.actor import Role, require_role, why_not_role
from newsletter.accounts.form_idempotency import once
from newsletter.accounts.invitation_model import Invitation, record_invitation
from newsletter.accounts.link_tokens import digest_of
from newsletter.accounts.reauthentication import require_confirmed_actor
from newsletter.accounts.role_assignments import PublicationRole
from newsletter.errors import Invalid, InvalidFields, NotFound, Refused
from subscribers.database import locked
from subscribers.email_addresses import parse
from subscribers.phrases import counted, listed


def why_not_invite() -> str:
    """Return why the actor cannot invite people, or an empty string."""
    return why_not_role(Role.ADMINISTRATOR, "Inviting a person")


def invite(
    address: str,
    roles: Iterable[Role],
    publication_roles: Iterable[PublicationRole] = (),
    *,
    form_key: str | None = None,
) -> Invitation:
    """Invite the person at an address, who gets these roles: for all publications, and for single ones.

    `form_key` is that of the form that asks for it: the same form invites once (form_idempotency.py). Raises
    InvalidFields for an address or roles that cannot be used, Refused, and RecentSignInNeededError if it is an
    administrator and the actor has not confirmed lately.
    """
    actor = require_role(Role.ADMINISTRATOR, "Inviting a person")
    given, single = frozenset(roles), frozenset(publication_roles)
    try:
        with transaction.atomic(), once(form_key) as form:
            found = _readable(address, given | {role for _key, role in single})
            if Role.ADMINISTRATOR in given:
                require_confirmed_actor()
            invitation = Invitation(
                address=found.address,
                key=found.key,
                grants=[
                    *({"role": role.value, "publication": None} for role in sorted(given)),
                    *({"role": role.value, "publication": key} for key, role in sorted(single)),
                ],
                invited_by=actor.name if actor.account is not None else "",
                account=actor.account,
                made_at=timezone.now(),
            )
            invitation.renew()
            invitation.save()
            form.made = str(invitation.pk)
            record_invitation("Invited a person", invitation, {"roles": [None, invitation.role_words]})
            _mail(invitation)
    except IntegrityError as error:
        raise InvalidFields(
            {"address": "This person has already been invited. To send the invitation again, go to “People”."}
        ) from error
    return invitation


def send_again(invitation: int) -> Invitation:
    """Send an open invitation again, with a new link that has the whole time. The link before does not work any more.

    Raises NotFound or Refused.
    """
    actor = require_role(Role.ADMINISTRATOR, "Sending an invitation again")
    with transaction.atomic():
        found = _open_invitation(invitation)
        found.renew()
        found.invited_by = actor.name if actor.account is not None else ""
        found.account = actor.account
        found.save()
        record_invitation(
            "Sent an invitation again", found, {"link": [audit_log.NOT_SHOWN, audit_log.NOT_SHOWN]}
        )
        _cancel_mails(found)
        _mail(found)
    return found


def withdraw(invitation: int) -> Invitation:
    """Withdraw an open invitation: its link does not work any more. Raises NotFound or Refused."""
    require_role(Role.ADMINISTRATOR, "Withdrawing an invitation")
    with transaction.atomic():
        found = _open_invitation(invitation)
        found.withdrawn_at = timezone.now()
        found.save()
        record_invitation("Withdrew an invitation", found, {"withdrawn": [False, True]})
        _cancel_mails(found)
    return found


def open_invitations() -> models.QuerySet[Invitation]:
    """Return the invitations that were neither accepted nor withdrawn, newest first."""
    return Invitation.objects.filter(accepted_at=None, withdrawn_at=None).order_by("-made_at", "-pk")


def token_to_send(invitation: Invitation) -> str:
    """Return the token for the link in the email. If the secret key has changed since, the token of now is stored."""
    if invitation.digest != digest_of(invitation.token):
        invitation.digest = digest_of(invitation.token)
        invitation.save(update_fields=["digest"])
    return invitation.token


def _readable(address: str, roles: frozenset[Role]) -> Any:
    """Return the address with its key. Raises InvalidFields if it or the roles cannot be used."""
    wrong = {} if roles else {"roles": "Choose at least one role."}
    try:
        found = parse(address)
    except Invalid as error:
        wrong["address"] = str(error) if address.strip() else "Enter the person’s email address."
        raise InvalidFields(wrong) from error
    if user := user_at(found.address, found.key):
        wrong["address"] = _has_account(user)
    if wrong:
        raise InvalidFields(wrong)
    return found


def _has_account(user: Any) -> str:
    name = user.get_username()
    if user.is_active:
        return f"{name} already has an account with this address. You can change {name}’s roles."
    return (
        f"{name} already has an account with this address, but the account is deactivated. You can "
        "activate it again."
    )


def user_at(address: str, key: str) -> Any:
    """Return the user with this address in any spelling, or None."""
    same = models.Q(email__iexact=address) | models.Q(email__iexact=key)
    return get_user_model().objects.filter(same).order_by("-is_active", "pk").first()


def _open_invitation(invitation: int) -> Invitation:
    try:
        found = locked(Invitation.objects.all(), invitation)
    except Invitation.DoesNotExist as error:
        raise NotFound("We could not find this invitation.") from error
    if found.accepted_at is not None:
        raise Refused("This invitation has been accepted, so the person now has an account.")
    if found.withdrawn_at is not None:
        raise Refused("This invitation has been withdrawn. Invite the person again.")
    return found


def _mail(invitation: Invitation) -> None:
    queue_account_mail(
        "invitation",
        invitation.address,
        invitation=invitation,
        button="Accept the invitation",
        by=invitation.invited_by,
        roles=listed(invitation.role_words),
        days=counted(settings.NEWSLETTER.invitation_days, "day", "days"),
    )


def _cancel_mails(invitation: Invitation) -> None:
    """Delete the emails that were not sent yet. One that is being sent at this moment has a link that has ended."""
    invitation.mails.filter(state=AccountMail.State.WAITING).delete()
