"""Who acts, and with what right. A door says it once for a request or a command; the function that acts asks for it.

Nobody said: the press itself acts, by its clock. See docs/decisions/0006-the-actor.md.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum

from newsletter.errors import refuse_if


class Role(StrEnum):
    """What a person may do. An approver may all that an editor may, an administrator everything."""

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
    """Somebody who acts: the name that the audit log keeps, their roles, and their account where it was proven."""

    name: str
    roles: frozenset[Role] = frozenset()
    account: int | None = None

    def may(self, role: Role) -> bool:
        """Whether one of their roles is this one or brings it along."""
        return any(role in _IMPLIED[each] for each in self.roles)


SYSTEM = Actor("the press", frozenset(Role))
_current: ContextVar[Actor] = ContextVar("acting", default=SYSTEM)


def current_actor() -> Actor:
    """Who acts now."""
    return _current.get()


def set_current_actor(actor: Actor) -> None:
    """Let this actor act from now on, until the `acting_as` around it ends."""
    _current.set(actor)


@contextmanager
def acting_as(actor: Actor) -> Iterator[None]:
    """While inside, this actor acts."""
    before = _current.set(actor)
    try:
        yield
    finally:
        _current.reset(before)


def require_role(role: Role, act: str) -> Actor:
    """Return who acts. Raises Refused with the sentence of `why_not_role` unless they have the role."""
    refuse_if(why_not_role(role, act))
    return current_actor()


def why_not_role(role: Role, act: str) -> str:
    """Say that an act, such as “Approving an issue”, needs a role that the actor lacks; empty if they have it."""
    actor = current_actor()
    if actor.may(role):
        return ""
    has = ", ".join(sorted(actor.roles)) or "none"
    return (
        f"{act} needs the role {role}; {actor.name or 'a visitor'} has {has}. An administrator can give it."
    )
