"""Invitations: an administrator names an address and roles, and a link sent there makes one account.

A link works once, for some days (NEWSLETTER_INVITATION_DAYS), while the administrator who sent it is still one. Nothing
that is stored opens it: a row has the digest of its token, and the token is worked out from the secret key.
"""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from newsletter.accounts import audit_log, users
from newsletter.accounts.account_mails import AccountMail, queue_account_mail
from newsletter.accounts.actor import Actor, Role, acting_as, require_role, why_not_role
from newsletter.accounts.first_account_link import wrong_fields
from newsletter.accounts.form_idempotency import once
from newsletter.accounts.reauthentication import require_confirmed_actor
from newsletter.accounts.role_assignments import PublicationRole, describe_roles
from newsletter.accounts.role_holders import existing_publications
from newsletter.errors import Invalid, InvalidFields, NotFound, Refused, refuse_if
from subscribers.database import locked
from subscribers.email_addresses import parse
from subscribers.phrases import counted, listed, written_day

_SALT = "newsletter.invitation"
NOT_KNOWN = (
    "This link does not work. Check that you copied all of it. If you were sent more than one invitation, use the "
    "link in the newest email."
)
ACCEPTED = (
    "This invitation was accepted, so its link no longer works. Log in with the account that you created."
)
WITHDRAWN = (
    "This invitation was withdrawn. If you think that this is a mistake, ask the person who invited you."
)


class Invitation(models.Model):
    """An invitation to one address. It is open until it is accepted or withdrawn, even if it has expired."""

    address = models.EmailField(max_length=254)
    # The same for all spellings of one mailbox.
    key = models.CharField(max_length=254)
    grants = models.JSONField(help_text="The roles, each with the key of its publication, or null for all.")
    invited_by = models.CharField(max_length=150)
    account = models.BigIntegerField(null=True, blank=True, help_text="Who invited, if it was a person.")
    nonce = models.CharField(max_length=32)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("key",),
                condition=models.Q(accepted_at=None, withdrawn_at=None),
                name="invitation_open_once",
            ),
        )

    def __str__(self) -> str:
        return f"invitation {self.pk}"

    @property
    def token(self) -> str:
        """The token of its link. It begins with a capital letter, by which logs know that they must not show it."""
        mac = salted_hmac(_SALT, self.nonce, algorithm="sha256").digest()
        return f"A{urlsafe_b64encode(mac).decode().rstrip('=')}"

    @property
    def roles(self) -> list[Role]:
        """The roles for all publications that the person gets."""
        return [Role(grant["role"]) for grant in self.grants if grant["publication"] is None]

    @property
    def publication_roles(self) -> list[PublicationRole]:
        """The roles for single publications that the person gets, for those that still exist."""
        there_are = existing_publications(key for key, _role in self.single_grants)
        return [(key, role) for key, role in self.single_grants if key in there_are]

    @property
    def single_grants(self) -> list[PublicationRole]:
        """The same, also for publications that were removed since."""
        return [(grant["publication"], Role(grant["role"])) for grant in self.grants if grant["publication"]]

    @property
    def role_words(self) -> list[str]:
        """The roles in words, such as “approver” and “editor of The Weekly”."""
        return describe_roles(self.roles, self.publication_roles)

    @property
    def is_open(self) -> bool:
        """Whether it was neither accepted nor withdrawn."""
        return self.accepted_at is None and self.withdrawn_at is None

    @property
    def has_expired(self) -> bool:
        """Whether its link has stopped working because of its age."""
        return self.expires_at <= timezone.now()

    def renew(self) -> None:
        """Take a new token, which ends the link before, and the whole time again. The caller saves it."""
        self.nonce = secrets.token_urlsafe(16)
        self.digest = _digest(self.token)
        self.expires_at = timezone.now() + timedelta(days=settings.NEWSLETTER.invitation_days)


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
            _record("Invited a person", invitation, {"roles": [None, invitation.role_words]})
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
        _record("Sent an invitation again", found, {"link": [audit_log.NOT_SHOWN, audit_log.NOT_SHOWN]})
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
        _record("Withdrew an invitation", found, {"withdrawn": [False, True]})
        _cancel_mails(found)
    return found


def open_invitations() -> models.QuerySet[Invitation]:
    """Return the invitations that were neither accepted nor withdrawn, newest first."""
    return Invitation.objects.filter(accepted_at=None, withdrawn_at=None).order_by("-made_at", "-pk")


def invitation_of(token: str) -> Invitation:
    """Return the invitation that a token opens. Raises NotFound, or Refused with why it opens nothing any more."""
    found = Invitation.objects.filter(digest=_digest(token)).first()
    if found is None:
        raise NotFound(NOT_KNOWN)
    refuse_if(_why_not_accept(found))
    return found


def token_to_send(invitation: Invitation) -> str:
    """Return the token for the link in the email. If the secret key has changed since, the token of now is stored."""
    if invitation.digest != _digest(invitation.token):
        invitation.digest = _digest(invitation.token)
        invitation.save(update_fields=["digest"])
    return invitation.token


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
            _record("Accepted an invitation", found, {"accepted": [False, True]})
        _tell_inviter(found, name)
    return user


def _readable(address: str, roles: frozenset[Role]) -> Any:
    """Return the address with its key. Raises InvalidFields if it or the roles cannot be used."""
    wrong = {} if roles else {"roles": "Choose at least one role."}
    try:
        found = parse(address)
    except Invalid as error:
        wrong["address"] = str(error) if address.strip() else "Enter the person’s email address."
        raise InvalidFields(wrong) from error
    if user := _user_at(found.address, found.key):
        wrong["address"] = _has_account(user)
    if wrong:
        raise InvalidFields(wrong)
    return found


def _has_account(user: Any) -> str:
    name = user.get_username()
    if user.is_active:
        return f"{name} already has an account with this address. You can change the roles of {name}."
    return (
        f"{name} already has an account with this address, but it is deactivated. You can activate it again."
    )


def _user_at(address: str, key: str) -> Any:
    same = models.Q(email__iexact=address) | models.Q(email__iexact=key)
    return get_user_model().objects.filter(same).order_by("-is_active", "pk").first()


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
    if _user_at(found.address, found.key):
        return "An account with your address already exists. Log in to it, or ask an administrator."
    return ""


def _open_invitation(invitation: int) -> Invitation:
    try:
        found = locked(Invitation.objects.all(), invitation)
    except Invitation.DoesNotExist as error:
        raise NotFound("We could not find this invitation.") from error
    if found.accepted_at is not None:
        raise Refused("This invitation has been accepted, so the person has an account now.")
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


def _tell_inviter(invitation: Invitation, name: str) -> None:
    inviter = get_user_model().objects.filter(pk=invitation.account or 0, is_active=True).first()
    if inviter is not None:
        roles = listed(invitation.role_words)
        queue_account_mail("invitation-accepted", inviter.email, user=inviter, name=name, roles=roles)


def _record(did: str, invitation: Invitation, changes: audit_log.Changes) -> None:
    audit_log.write(
        "user",
        f"{did} with the role {listed(invitation.role_words)}.",
        thing=str(invitation),
        changes=changes,
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
