"""The account of somebody who has logged in at the provider: found by issuer and subject, linked, or made.

An address never finds an account by itself. A person who has an account with the same address proves first that it is
theirs. Roles come from the provider's claim at each log-in, and nobody gets in without one.
"""

import re
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from newsletter.accounts import audit_log, change_users, users
from newsletter.accounts.account_mails import queue_account_mail
from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.accounts.confusable_usernames import why_not_username
from newsletter.accounts.invitations import open_invitations
from newsletter.accounts.role_assignments import publication_roles_assigned, roles_assigned
from newsletter.accounts.who_may_log_in_locally import DEACTIVATED
from newsletter.errors import Invalid, Refused, refuse_if
from newsletter.single_sign_on.claimed_roles import ClaimedRoles, claimed_roles
from newsletter.single_sign_on.oidc_code_flow import Proven
from newsletter.single_sign_on.provider_identity_model import SignInIdentity
from subscribers.email_addresses import fold

LONGEST_NAME = 100
MOST_NAMESAKES = 1_000


class NoRoleError(Refused):
    """The provider gives this person no role here."""


class ProofNeededError(Refused):
    """An account has the address of this person, who must prove that it is theirs before it is linked."""

    def __init__(self, user: Any) -> None:
        self.user = user
        super().__init__(
            "An account with your address already exists. Log in to this account once to link it."
        )


def account_for(proven: Proven) -> Any:
    """Return the account of a person, with the roles that the provider gives them now.

    Raises NoRoleError, ProofNeededError, and Refused for a deactivated account, or one that belongs to somebody else
    at the provider.
    """
    roles = claimed_roles(proven.claims)
    known = _identities(proven.subject).select_related("user").first()
    user = known.user if known else _user_at(proven.address)
    if user is not None and not user.is_active:
        raise Refused(DEACTIVATED)
    if user is not None and not known:
        refuse_if(why_not_link(user, proven.subject))
        raise ProofNeededError(user)
    with acting_as(_provider_as_actor()):
        if user is not None:
            _give_roles(user, roles)
        if not roles:
            raise NoRoleError(_no_role())
        return user if user is not None else _made(proven, roles)


def why_not_link(user: Any, subject: str) -> str:
    """Return why an account cannot be linked with this person at the provider, or an empty string.

    An address can pass to another person at the provider, who then must not take over the account.
    """
    linked = SignInIdentity.objects.filter(user=user, issuer=settings.NEWSLETTER.oidc_issuer)
    return _linked_with_another() if linked.exclude(subject=subject).exists() else ""


def link(user: Any, subject: str) -> None:
    """Link an account, whose owner has proved that it is theirs, with the person at the provider.

    The owner is told by email. Raises Refused if the account or the person is already linked with another.
    """
    issuer = settings.NEWSLETTER.oidc_issuer
    try:
        with transaction.atomic():
            identity, is_new = SignInIdentity.objects.get_or_create(
                user=user, issuer=issuer, defaults={"subject": subject, "linked_at": timezone.now()}
            )
            if identity.subject != subject:
                raise Refused(_linked_with_another())
            if not is_new:
                return
            _record_link(user)
            queue_account_mail(
                "single-sign-on-linked",
                user.email,
                user=user,
                name=user.get_username(),
                provider=settings.NEWSLETTER.oidc_name,
            )
    except IntegrityError as error:
        raise Refused(
            "Your login at the provider is already linked to another account here. Log out, then log in again."
        ) from error


def _identities(subject: str) -> Any:
    return SignInIdentity.objects.filter(issuer=settings.NEWSLETTER.oidc_issuer, subject=subject)


def _give_roles(user: Any, roles: ClaimedRoles) -> None:
    """Give a user exactly these roles, or none. The audit log says so if they change."""
    if (roles_assigned(user), publication_roles_assigned(user)) == (roles.everywhere, roles.single):
        return
    try:
        with transaction.atomic():
            if roles:
                change_users.set_roles(user.get_username(), roles.everywhere, roles.single)
            else:
                change_users.remove_roles(user)
    except Refused as error:
        raise Refused(
            f"{settings.NEWSLETTER.oidc_name} no longer says that you are an administrator, but we did not "
            f"change your role. {error} Until then, log in with your password."
        ) from error


def _made(proven: Proven, roles: ClaimedRoles) -> Any:
    """Make an account without a password, so that its owner logs in by the provider."""
    try:
        with transaction.atomic():
            user = users.add_user(
                _free_name(proven.name),
                password=None,
                address=proven.address,
                roles=roles.everywhere,
                publication_roles=roles.single,
            )
            SignInIdentity.objects.create(
                user=user,
                issuer=settings.NEWSLETTER.oidc_issuer,
                subject=proven.subject,
                linked_at=timezone.now(),
            )
            _record_link(user)
            _close_invitation(proven.address)
    except (IntegrityError, Refused) as error:
        # Two tabs at once: the other one has made it.
        raise Refused("We could not create your account. Try again.") from error
    return user


def _close_invitation(address: str) -> None:
    """End the open invitation of this verified address. The provider says which roles the person has."""
    if not address:
        return
    for invitation in open_invitations().filter(key=fold(address)):
        invitation.accepted_at = timezone.now()
        invitation.save(update_fields=["accepted_at"])
        audit_log.write(
            "user", "Closed an invitation, because the person now has an account.", thing=str(invitation)
        )


def _record_link(user: Any) -> None:
    audit_log.write(
        "user",
        f"Linked {user.get_username()}’s account to {settings.NEWSLETTER.oidc_name}.",
        thing=f"user {user.pk}",
    )


def _user_at(address: str) -> Any:
    if not address:
        return None
    try:
        same = Q(email__iexact=address) | Q(email__iexact=fold(address))
    except Invalid:
        same = Q(email__iexact=address)
    return get_user_model().objects.filter(same).order_by("-is_active", "pk").first()


def _free_name(wished: str) -> str:
    """Return a name that nobody has, which looks like no other name."""
    local = wished.partition("@")[0]
    name = ".".join(re.findall(r"[a-z0-9_-]+", local.lower()))[:LONGEST_NAME] or "person"
    numbered = (name if number == 1 else f"{name}{number}" for number in range(1, MOST_NAMESAKES))
    taken = get_user_model().objects
    free = next(
        (
            each
            for each in numbered
            if not taken.filter(username__iexact=each).exists() and not why_not_username(each)
        ),
        "",
    )
    if not free:
        raise Refused("We could not find an unused username for your account. Ask an administrator.")
    return free


def _provider_as_actor() -> Actor:
    return Actor(settings.NEWSLETTER.oidc_name, frozenset({Role.ADMINISTRATOR}))


def _linked_with_another() -> str:
    name = settings.NEWSLETTER.oidc_name
    return (
        f"The account with your email address is already linked to another {name} account. Ask an administrator "
        f"to unlink it under “People”. Then log in with {name} again to link your own account."
    )


def _no_role() -> str:
    name = settings.NEWSLETTER.oidc_name
    return (
        f"{name} recognises you, but you have no role here. Ask the people who run {name}, or an "
        "administrator of this newsletter, to give you a role. Then log in again."
    )
