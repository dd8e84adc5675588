"""Decides who is notified: people with a role who have not opted out, and the webhooks for the event."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from newsletter.accounts.actor import ALL, ANY, Role, Where, current_actor, require_role, why_not_role
from newsletter.accounts.role_assignments import reachable_users
from newsletter.accounts.users import actor_of
from newsletter.errors import NotFound
from newsletter.issues.four_eyes import WORK
from newsletter.issues.models import AuditEntry
from newsletter.notifications.models import FOR_ACCOUNT, Notification, Webhook
from newsletter.notifications.notification_mail_choices import ACT, unwanted_by_user, unwanted_kinds

EVERYBODY = frozenset(Role)
ROLES_NOTIFIED = {
    # These three also go to those who worked on the issue: see `_is_author`.
    Notification.Kind.REFUSED: frozenset(),
    Notification.Kind.COMMENTED: frozenset({Role.EDITOR}),
    Notification.Kind.QUESTIONS: frozenset({Role.BOARD}),
    Notification.Kind.QUESTIONS_DUE: frozenset({Role.BOARD, Role.ADMINISTRATOR}),
    # Those who can record a review.
    Notification.Kind.REVIEWS_DUE: frozenset({Role.AUTHOR, Role.EDITOR, Role.ADMINISTRATOR}),
    Notification.Kind.AT_RISK: frozenset({Role.APPROVER, Role.ADMINISTRATOR}),
    Notification.Kind.FAILING: frozenset({Role.EDITOR, Role.ADMINISTRATOR}),
    Notification.Kind.CHANGED: frozenset({Role.EDITOR, Role.ADMINISTRATOR}),
    Notification.Kind.WORK_FAILS: frozenset({Role.ADMINISTRATOR}),
    Notification.Kind.WORK_IS_WELL: frozenset({Role.ADMINISTRATOR}),
    Notification.Kind.BACKUP_FAILED: frozenset({Role.ADMINISTRATOR}),
}
TO_AUTHORS = {Notification.Kind.AT_RISK, Notification.Kind.REFUSED, Notification.Kind.COMMENTED}
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
    if notification.data.get(FOR_ACCOUNT):
        is_it = bool(user.email) and user.pk == notification.data[FOR_ACCOUNT]
        return is_it and bool(actor_of(user).roles_at(_where(notification)))
    roles = roles_notified(Notification.Kind(notification.kind))
    theirs = actor_of(user).roles_at(_where(notification))
    concerned = bool(roles & theirs) or bool(theirs and _is_author(user, notification))
    return bool(user.email and concerned and notification.kind not in unwanted_kinds(user))


def webhooks_to_call(notification: Notification) -> QuerySet[Webhook]:
    """Return the webhooks to which a notification is posted."""
    return Webhook.objects.filter(Q(publication=None) | Q(publication=notification.publication), active=True)


def roles_notified(kind: Notification.Kind) -> frozenset[Role]:
    """Return the roles of which one is enough to get the notifications of a kind by email."""
    return ROLES_NOTIFIED.get(kind, EVERYBODY)


def kinds_for(user: Any) -> list[Notification.Kind]:
    """Return the kinds of which a user gets emails, given their roles, if they want them."""
    theirs = actor_of(user).roles_at(ANY)
    everywhere = actor_of(user).roles_at(ALL)
    return [
        kind
        for kind in Notification.Kind
        if roles_notified(kind) & (everywhere if kind in ABOUT_INSTALLATION else theirs)
        # People who worked on a draft are told, with any role.
        or (kind in TO_AUTHORS and theirs)
    ]


@dataclass(frozen=True, slots=True)
class MailChoice:
    """Of which kinds somebody can get emails, which of these they do not want, and why they cannot get any."""

    user: Any
    kinds: list[Notification.Kind]
    unwanted: frozenset[Notification.Kind]
    why_not: str

    @property
    def wants(self) -> str:
        """“all”, “some” or “none”."""
        wanted = [kind for kind in self.kinds if kind not in self.unwanted]
        return "all" if wanted == self.kinds else "some" if wanted else "none"


def mail_choices(at_most: int) -> list[MailChoice]:
    """Return the choices of everybody with an account who can log in, in the order of their names.

    People without the role administrator see only their own.
    """
    users = get_user_model().objects.filter(is_active=True).prefetch_related("role_grants")
    if why_not_role(Role.ADMINISTRATOR, ACT):
        users = users.filter(pk=current_actor().account or 0)
    found = list(users.order_by("username")[:at_most])
    unwanted = unwanted_by_user([user.pk for user in found])
    return [_choice(user, unwanted.get(user.pk, frozenset())) for user in found]


def find_choice(number: int) -> MailChoice:
    """Return the choices of a user, your own or as an administrator. Raises NotFound and Refused."""
    if current_actor().account != number:
        require_role(Role.ADMINISTRATOR, ACT)
    users = get_user_model().objects.filter(is_active=True).prefetch_related("role_grants")
    user = users.filter(pk=number).first()
    if user is None:
        raise NotFound("We could not find this person. Choose a person on the “Notifications” page.")
    return _choice(user, unwanted_kinds(user))


def _choice(user: Any, unwanted: frozenset[Notification.Kind]) -> MailChoice:
    why_not = "" if user.email else "This person has no email address."
    if not actor_of(user).has_a_role:
        why_not = "This person has no role, so they get no notifications."
    return MailChoice(user, kinds_for(user), unwanted, why_not)


def _is_author(user: Any, notification: Notification) -> bool:
    """Return whether an issue is the user's work, or nobody's, because a series drafted it."""
    if notification.kind not in TO_AUTHORS:
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
