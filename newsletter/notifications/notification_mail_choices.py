"""What people have chosen about notification emails: all of them, none, or none of some kinds."""

import hashlib
from collections.abc import Collection
from typing import Any

from django.db import transaction

from newsletter.accounts import audit_log
from newsletter.accounts.actor import Role, current_actor, require_role
from newsletter.accounts.users import find_user
from newsletter.errors import Refused
from newsletter.notifications.models import Notification, NotificationOptOut

Kind = Notification.Kind
EVERY_KIND = frozenset(Kind)
ACT = "Changing which notification emails another user gets"


def unwanted_kinds(user: Any) -> frozenset[Kind]:
    """Return the kinds of notifications of which a user wants no emails."""
    return unwanted_by_user([user.pk]).get(user.pk, frozenset())


def unwanted_by_user(users: Collection[int]) -> dict[int, frozenset[Kind]]:
    """Return the unwanted kinds by the keys of the users. Those who want every kind are left out."""
    rows = NotificationOptOut.objects.filter(user__in=users).values_list("user", "kinds")
    return {user: EVERY_KIND if kinds is None else EVERY_KIND & frozenset(kinds) for user, kinds in rows}


def wants_notification_mail(user: Any) -> bool:
    """Return whether a user wants any notification emails."""
    return unwanted_kinds(user) != EVERY_KIND


def choices_version(unwanted: Collection[Kind]) -> str:
    """Return the choices as a short text, to notice that somebody else has changed them since."""
    return hashlib.sha256("/".join(sorted(unwanted)).encode()).hexdigest()[:16]


def set_notification_mail(name: str, *, wanted: bool) -> None:
    """Turn all notification emails on or off, for yourself or as an administrator. Raises NotFound and Refused."""
    choose_kinds(name, unwanted=frozenset() if wanted else EVERY_KIND)


def choose_kinds(name: str, *, unwanted: Collection[Kind], seen: str | None = None) -> bool:
    """Choose of which kinds somebody wants no emails, for yourself or as an administrator.

    Return whether anything has changed. Raises NotFound, and Refused if the choices are not those that were `seen`.
    """
    user = find_user(name)
    if current_actor().account != user.pk:
        require_role(Role.ADMINISTRATOR, ACT)
    with transaction.atomic():
        before, after = unwanted_kinds(user), frozenset(unwanted)
        if seen is not None and seen != choices_version(before):
            raise Refused(
                "Somebody else has changed these choices since you opened the page. Check them, then "
                "choose again."
            )
        if before == after:
            return False
        _store(user, after)
        turned = {0: "Turned on", len(EVERY_KIND): "Turned off"}.get(len(after), "Changed the choice of")
        audit_log.write(
            "user",
            f"{turned} notification emails for the user {name}.",
            thing=f"user {user.pk}",
            changes={"mail": [_described(before), _described(after)]},
        )
    return True


def _store(user: Any, unwanted: frozenset[Kind]) -> None:
    if not unwanted:
        NotificationOptOut.objects.filter(user=user).delete()
        return
    kinds = None if unwanted == EVERY_KIND else sorted(unwanted)
    NotificationOptOut.objects.update_or_create(user=user, defaults={"kinds": kinds})


def _described(unwanted: frozenset[Kind]) -> bool | str:
    """Return for the audit log whether somebody gets the emails, or which they do not get."""
    if unwanted in {frozenset(), EVERY_KIND}:
        return not unwanted
    return f"all except {', '.join(sorted(unwanted))}"
