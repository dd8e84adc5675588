"""The current actor and their roles. A door sets the actor once for a request or command; functions check the roles.

A role counts for all publications or for single ones. An act that belongs to a publication needs the role for that one;
an act on what all publications share (articles and sources) needs it for any; an act on the installation needs it for
all. docs/reference/permissions.md has the table.

If no door has set an actor, the system itself acts, such as the scheduler. See docs/decisions/0006-the-actor.md.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Literal

from newsletter.accounts.acts_as_verbs import as_verb
from newsletter.errors import refuse_if
from subscribers.phrases import listed

MOST_NAMED = 3


class Role(StrEnum):
    """What a person may do. Roles add up: a person who may both approve and send has both roles."""

    AUTHOR = "author"
    EDITOR = "editor"
    APPROVER = "approver"
    SENDER = "sender"
    BOARD = "board"
    ADMINISTRATOR = "administrator"


class Reach(Enum):
    """Where a role must count if an act belongs to no single publication."""

    ALL = "all publications"
    ANY = "any publication"


# The primary key of a publication, or where else the role must count.
Where = int | Reach
ALL: Literal[Reach.ALL] = Reach.ALL
ANY: Literal[Reach.ANY] = Reach.ANY

_INCLUDED = {
    Role.AUTHOR: {Role.AUTHOR},
    Role.EDITOR: {Role.AUTHOR, Role.EDITOR},
    Role.APPROVER: {Role.APPROVER},
    Role.SENDER: {Role.SENDER},
    Role.BOARD: {Role.BOARD},
    Role.ADMINISTRATOR: set(Role),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or the system: the name for the audit log, the roles, and the account if a person is signed in.

    `roles` count for all publications. `publication_roles` count for single ones, each with the primary key of its
    publication.
    `confirmed` says that the person proved who they are a short time ago: see reauthentication.py.
    """

    name: str
    roles: frozenset[Role] = frozenset()
    account: int | None = None
    confirmed: bool = False
    publication_roles: frozenset[tuple[int, Role]] = frozenset()

    def may(self, role: Role, where: Where = ALL) -> bool:
        """Return whether the actor has this role there, or a role that includes it."""
        return any(role in _INCLUDED[each] for each in self.roles_at(where))

    def may_see(self, publication: int) -> bool:
        """Return whether the actor may read what belongs to a publication: any role there is enough."""
        return bool(self.roles_at(publication))

    def roles_at(self, where: Where) -> frozenset[Role]:
        """Return the roles that count for a publication, for all of them, or for any."""
        return self.roles | {role for key, role in self.publication_roles if where in {ANY, key}}

    def publications_with(self, role: Role) -> frozenset[int] | None:
        """Return the publications for which the actor has this role, by primary key, or None for all of them."""
        if self.may(role):
            return None
        return frozenset(key for key, _role in self.publication_roles if self.may(role, key))

    @property
    def has_a_role(self) -> bool:
        """Whether the actor has any role at all, and so may use the desk."""
        return bool(self.roles or self.publication_roles)

    @property
    def publications(self) -> frozenset[int] | None:
        """The publications that the actor may see, by their primary keys, or None for all of them."""
        return None if self.roles else frozenset(key for key, _role in self.publication_roles)


_NOUNS = {
    Role.AUTHOR: "an author",
    Role.EDITOR: "an editor",
    Role.APPROVER: "an approver",
    Role.SENDER: "a sender",
    Role.BOARD: "a board member",
    Role.ADMINISTRATOR: "an administrator",
}
SYSTEM = Actor("the system", frozenset(Role))
_current: ContextVar[Actor] = ContextVar("acting", default=SYSTEM)
# Who can do what, for the sentences of one request or command: a page asks about many acts.
_known: ContextVar[dict[tuple[frozenset[Role], Where], str] | None] = ContextVar("known", default=None)


def current_actor() -> Actor:
    """Return the current actor."""
    return _current.get()


def set_current_actor(actor: Actor) -> None:
    """Make this the current actor, until the surrounding `acting_as` ends."""
    _current.set(actor)


@contextmanager
def acting_as(actor: Actor) -> Iterator[None]:
    """Make this the current actor inside the `with` block."""
    before, known_before = _current.set(actor), _known.set({})
    try:
        yield
    finally:
        _current.reset(before)
        _known.reset(known_before)


def require_role(role: Role | tuple[Role, ...], act: str, *, publication: Where = ALL) -> Actor:
    """Return the current actor. Raises Refused with the sentence of `why_not_role` unless they have the role."""
    refuse_if(why_not_role(role, act, publication=publication))
    return current_actor()


def why_not_role(role: Role | tuple[Role, ...], act: str, *, publication: Where = ALL) -> str:
    """Return why the actor lacks the role for an act such as “Approving an issue”, or an empty string.

    Of several roles, one is enough. `publication` is the primary key of the publication to which the act belongs, or
    ANY for what all publications share. The sentence names up to three people who can do it.
    """
    actor = current_actor()
    wanted = (role,) if isinstance(role, Role) else role
    if any(actor.may(each, publication) for each in wanted):
        return ""
    where = _where(publication) if actor.publication_roles else ""
    who = f"Only {_one_of([_NOUNS[each] for each in wanted])}{where}"
    only = f"{who} can {verb}" if (verb := as_verb(act)) else f"{act}: {who} can do this"
    return f"{only}. {_who_can(wanted, publication)} {_what_actor_is(actor, publication)}"


def _what_actor_is(actor: Actor, publication: Where) -> str:
    if has := sorted(actor.roles_at(publication)):
        return f"You are {listed([_NOUNS[role] for role in has])}."
    return "You only have roles for other publications." if actor.has_a_role else "You have no role."


def roles_that_include(roles: Iterable[Role]) -> frozenset[Role]:
    """Return the roles of which each is, or includes, one of these."""
    wanted = set(roles)
    return frozenset(role for role, included in _INCLUDED.items() if included & wanted)


def _where(publication: Where) -> str:
    if publication is ANY:
        return ""
    if publication is ALL:
        return f" for {ALL.value}"
    if not current_actor().may_see(publication):
        return " for this publication"
    from newsletter.accounts import role_holders

    return f" for {role_holders.publication_name(publication)}"


def _who_can(wanted: tuple[Role, ...], publication: Where) -> str:
    """Return who can do what the actor cannot. Those who may not see the publication get no names."""
    ask = f"Ask an administrator for the {_one_of(wanted)} role."
    actor = current_actor()
    if not actor.has_a_role or (isinstance(publication, int) and not actor.may_see(publication)):
        return ask
    known, key = _known.get(), (frozenset(wanted), publication)
    if known is not None and key in known:
        return known[key]
    # Their module asks the database, so the commands that never refuse do not wait for its import.
    from newsletter.accounts import role_holders

    def named(roles: Iterable[Role]) -> list[str]:
        single = publication if isinstance(publication, int) else None
        return role_holders.names_of_holders(
            roles, publication=single, anywhere=publication is ANY, at_most=MOST_NAMED
        )

    can = named(roles_that_include(wanted) - {Role.ADMINISTRATOR}) or named([Role.ADMINISTRATOR])
    sentence = f"{listed(can)} {'is one' if len(can) == 1 else 'can do this'}." if can else ask
    if known is not None:
        known[key] = sentence
    return sentence


def _one_of(words: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))
