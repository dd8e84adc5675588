"""The current actor and their roles. A door sets the actor once for a request or command; functions check the roles.

If no door has set an actor, the system itself acts, such as the scheduler. See docs/decisions/0006-the-actor.md.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum

from newsletter.errors import refuse_if


class Role(StrEnum):
    """What a person may do. An approver may do everything an editor may, and an administrator may do everything."""

    EDITOR = "editor"
    APPROVER = "approver"
    ADMINISTRATOR = "administrator"


_IMPLIED = {
    Role.EDITOR: {Role.EDITOR},
    Role.APPROVER: {Role.EDITOR, Role.APPROVER},
    Role.ADMINISTRATOR: set(Role),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or the system: the name for the audit log, the roles, and the account if a person is signed in.

    `confirmed` says that the person proved who they are a short time ago: see recent_sign_in.py.
    """

    name: str
    roles: frozenset[Role] = frozenset()
    account: int | None = None
    confirmed: bool = False

    def may(self, role: Role) -> bool:
        """Return whether the actor has this role, or a role that includes it."""
        return any(role in _IMPLIED[each] for each in self.roles)


SYSTEM = Actor("the system", frozenset(Role))
_current: ContextVar[Actor] = ContextVar("acting", default=SYSTEM)


def current_actor() -> Actor:
    """Return the current actor."""
    return _current.get()


def set_current_actor(actor: Actor) -> None:
    """Make this the current actor, until the surrounding `acting_as` ends."""
    _current.set(actor)


@contextmanager
def acting_as(actor: Actor) -> Iterator[None]:
    """Make this the current actor inside the `with` block."""
    before = _current.set(actor)
    try:
        yield
    finally:
        _current.reset(before)


def require_role(role: Role, act: str) -> Actor:
    """Return the current actor. Raises Refused with the sentence of `why_not_role` unless they have the role."""
    refuse_if(why_not_role(role, act))
    return current_actor()


def why_not_role(role: Role, act: str) -> str:
    """Return why the actor lacks the role for an act such as “Approving an issue”, or an empty string."""
    actor = current_actor()
    if actor.may(role):
        return ""
    has = f"the role {', '.join(sorted(actor.roles))}" if actor.roles else "no role"
    return (
        f"{act} needs the role {role}, but {actor.name or 'a visitor'} has {has}. "
        f"Ask an administrator for the role {role}."
    )
