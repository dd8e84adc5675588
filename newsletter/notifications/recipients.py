"""Who is told: by mail those who have a role and did not ask for silence, and the hooks that wait for it."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q, QuerySet

from newsletter.accounts import audit_log
from newsletter.accounts.actor import Role, acting, require
from newsletter.accounts.users import roles_of, user_named
from newsletter.notifications.models import EditorNotice, Hook, NoMail

EVERYBODY = frozenset(Role)
TOLD = {
    EditorNotice.Kind.FAILING: frozenset({Role.EDITOR, Role.ADMINISTRATOR}),
    EditorNotice.Kind.WORK_FAILS: frozenset({Role.ADMINISTRATOR}),
    EditorNotice.Kind.WORK_IS_WELL: frozenset({Role.ADMINISTRATOR}),
}


def people_told(notice: EditorNotice) -> list[Any]:
    """The users to whom a notice is mailed: each address once."""
    by_address = {user.email.lower(): user for user in _reachable() if is_told(user, notice)}
    return list(by_address.values())


def is_told(user: Any, notice: EditorNotice) -> bool:
    """Whether a notice is mailed to somebody, as they and their roles are now."""
    roles = TOLD.get(EditorNotice.Kind(notice.kind), EVERYBODY)
    silent = NoMail.objects.filter(user=user).exists()
    return bool(user.email and roles & roles_of(user) and not silent)


def hooks_told(notice: EditorNotice) -> QuerySet[Hook]:
    """The hooks to which a notice is posted."""
    return Hook.objects.filter(Q(publication=None) | Q(publication=notice.publication), active=True)


def set_mail(name: str, *, wanted: bool) -> None:
    """Mail somebody what happens, or do not. Oneself, or by an administrator. Raises NotFound and Refused."""
    user = user_named(name)
    if acting().account != user.pk:
        require(Role.ADMINISTRATOR, "Choosing for others whether they are told")
    with transaction.atomic():
        silent = NoMail.objects.filter(user=user).exists()
        if wanted:
            NoMail.objects.filter(user=user).delete()
        else:
            NoMail.objects.get_or_create(user=user)
        if silent is wanted:
            did = "mailed" if wanted else "not mailed"
            audit_log.write(
                "user",
                f"The user {name} is {did} what happens from now on.",
                thing=f"user {user.pk}",
                changes={"mail": [not silent, wanted]},
            )


def _reachable() -> QuerySet[Any]:
    users = get_user_model().objects.filter(is_active=True).exclude(email="")
    return users.prefetch_related("groups").order_by("-pk")
