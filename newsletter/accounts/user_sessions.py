"""The sessions of a user: where they are logged in, and how a session is ended."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.core.internal.sessionkit import get_session_user
from django.apps import apps

from newsletter.accounts.browser_names import browser_name
from newsletter.accounts.login_by_host_site import has_own_sign_in
from newsletter.accounts.session_store import stored_key, stored_session
from newsletter.errors import NotFound
from subscribers.network_addresses import parse_network_address

IPV4 = 4


@dataclass(frozen=True, slots=True)
class ListedSession:
    """A session as its owner sees it. `network` is coarse: enough to recognise, too little to find a house."""

    pk: int
    device: str
    network: str
    began_at: datetime
    seen_at: datetime
    is_current: bool


def sessions_of(user: Any, *, current: str = "") -> list[ListedSession]:
    """Return the sessions of a user that have not ended, the latest first. `current` is the key of their own one."""
    if not has_own_sign_in():
        return []
    remove_ended(user)
    rows = _sessions().filter(user=user).order_by("-last_seen_at")
    return [
        ListedSession(
            pk=row.pk,
            device=browser_name(row.user_agent),
            network=coarse_network(row.ip),
            began_at=row.created_at,
            seen_at=row.last_seen_at,
            is_current=row.session_key == stored_key(current),
        )
        for row in rows
    ]


def remove_ended(user: Any) -> None:
    """Remove the rows of sessions that have ended: by time, by logging out, or because the password has changed."""
    for row in _sessions().filter(user=user):
        if get_session_user(stored_session(row.session_key)) is None:
            row.delete()


def end_session(user: Any, number: int) -> None:
    """End one session of a user. Raises NotFound."""
    row = _sessions().filter(user=user, pk=number).first()
    if row is None:
        raise NotFound("This session has already ended.")
    _end([row])


def end_sessions(user: Any, *, other_than: str = "") -> int:
    """End all sessions of a user, except the one with this key. Return how many."""
    if not has_own_sign_in():
        return 0
    return _end(_sessions().filter(user=user).exclude(session_key=stored_key(other_than)))


def coarse_network(address: str) -> str:
    """Return the part of a network address that says roughly where it is: 192.0.x.x, or 2001:db8::/32."""
    found = parse_network_address(address)
    if found is None:
        return "unknown"
    if found.version == IPV4:
        first, second = str(found).split(".")[:2]
        return f"{first}.{second}.x.x"
    return ":".join(found.exploded.split(":")[:2]) + ":…"


def _end(rows: Iterable[Any]) -> int:
    ended = 0
    for row in rows:
        stored_session(row.session_key).delete()
        row.delete()
        ended += 1
    return ended


def _sessions() -> Any:
    return apps.get_model("usersessions", "UserSession").objects
