"""Decides who is notified: people with a role who have not opted out, and the webhooks for the event."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q, QuerySet

from newsletter.accounts import audit_log
from newsletter.accounts.actor import ALL, ANY, Role, Where, current_actor, require_role, why_not_role
from newsletter.accounts.role_assignments import reachable_users
from newsletter.accounts.users import actor_of, find_user
from newsletter.issues.four_eyes import WORK
from newsletter.issues.models import AuditEntry
from newsletter.notifications.models import Notification, NotificationOptOut, Webhook

EVERYBODY = frozenset(Role)
ROLES_NOTIFIED = {
    # And those who worked on the issue: see `_is_author`.
    Notification.Kind.AT_RISK: frozenset({Role.APPROVER, Role.ADMINISTRATOR}),
    Notification.Kind.FAILING: frozenset({Role.EDITOR, Role.ADMINISTRATOR}),
    Notification.Kind.CHANGED: frozenset({Role.EDITOR, Role.ADMINISTRATOR}),
    Notification.Kind.WORK_FAILS: frozenset({Role.ADMINISTRATOR}),
    Notification.Kind.WORK_IS_WELL: frozenset({Role.ADMINISTRATOR}),
    Notification.Kind.BACKUP_FAILED: frozenset({Role.ADMINISTRATOR}),
}
ABOUT_INSTALLATION = {
    Notification.Kind.WORK_FAILS,
    Notification.Kind.WORK_IS_WELL,
    Notification.Kind.BACKUP_FAILED,
}


def people_to_notify(notification: Notification) -> list[Any]:
    """Return the users who get a notification by email, each address once."""
    by_address = {user.email.lower(): user for user in reachable_users() if should_notify(user, notification)}
    return list(by_address.values())


def should_notify(user: Any, notification: Notification) -> bool:
    """Return whether a user gets a notification by email, given their roles and choices now."""
    roles = roles_notified(Notification.Kind(notification.kind))
    theirs = actor_of(user).roles_at(_where(notification))
    concerned = bool(roles & theirs) or bool(theirs and _is_author(user, notification))
    return bool(user.email and concerned and wants_notification_mail(user))


def webhooks_to_call(notification: Notification) -> QuerySet[Webhook]:
    """Return the webhooks to which a notification is posted."""
    return Webhook.objects.filter(Q(publication=None) | Q(publication=notification.publication), active=True)


def roles_notified(kind: Notification.Kind) -> frozenset[Role]:
    """Return the roles of which one is enough to get the notifications of a kind by email."""
    return ROLES_NOTIFIED.get(kind, EVERYBODY)


@dataclass(frozen=True, slots=True)
class MailChoice:
    """Whether somebody gets notifications by email, and why not if the reason is not their own choice."""

    user: Any
    wanted: bool
    why_not: str


def mail_choices(at_most: int) -> list[MailChoice]:
    """Return the choice of everybody with an account who can log in, in the order of their names.

    People without the role administrator see only their own.
    """
    actor = current_actor()
    users = get_user_model().objects.filter(is_active=True).prefetch_related("role_grants")
    if why_not_role(Role.ADMINISTRATOR, "Changing another user's notification emails"):
        users = users.filter(pk=actor.account or 0)
    silent = set(NotificationOptOut.objects.values_list("user", flat=True))
    return [
        MailChoice(user, user.pk not in silent, _why_never(user))
        for user in users.order_by("username")[:at_most]
    ]


def wants_notification_mail(user: Any) -> bool:
    """Return whether a user has not turned notification emails off."""
    return not NotificationOptOut.objects.filter(user=user).exists()


def _why_never(user: Any) -> str:
    if not actor_of(user).has_a_role:
        return "No role, so nothing to be told about."
    return "" if user.email else "No email address."


def set_notification_mail(name: str, *, wanted: bool) -> None:
    """Turn notification emails on or off, for yourself or as an administrator. Raises NotFound and Refused."""
    user = find_user(name)
    if current_actor().account != user.pk:
        require_role(Role.ADMINISTRATOR, "Changing another user's notification emails")
    with transaction.atomic():
        silent = NotificationOptOut.objects.filter(user=user).exists()
        if wanted:
            NotificationOptOut.objects.filter(user=user).delete()
        else:
            NotificationOptOut.objects.get_or_create(user=user)
        if silent is wanted:
            turned = "on" if wanted else "off"
            audit_log.write(
                "user",
                f"Turned {turned} notification emails for the user {name}.",
                thing=f"user {user.pk}",
                changes={"mail": [not silent, wanted]},
            )


def _is_author(user: Any, notification: Notification) -> bool:
    """Return whether a draft at risk is the user's work, or nobody's, because a series drafted it."""
    if notification.kind != Notification.Kind.AT_RISK:
        return False
    work = AuditEntry.objects.filter(
        issue__publication=notification.publication,
        issue__number=notification.data.get("issue"),
        act__in=WORK,
        account__isnull=False,
    )
    authors = set(work.values_list("account", flat=True))
    return user.pk in authors or not authors


def _where(notification: Notification) -> Where:
    """Return where a role must count: for the publication concerned, or for any if sources are concerned."""
    if notification.publication_id is not None:
        return int(notification.publication_id)
    return ALL if notification.kind in ABOUT_INSTALLATION else ANY
