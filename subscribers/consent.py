"""The only functions that change a subscription, and each writes the consent log in the same transaction.

Who left, was erased or is suppressed is never brought back by an import or an editor, only by themselves, or
after `suppression.lift`, which is deliberate and logged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from subscribers.models import List, SourceKind, Subscriber, Subscription, Wording


@dataclass(frozen=True, slots=True)
class Source:
    """By which door an act came in: the editor's or import's name, and the network where there is one."""

    kind: SourceKind
    name: str = ""
    network_address: str = ""
    user_agent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What people may say about themselves when they sign up."""

    first_name: str = ""
    last_name: str = ""
    locale: str = ""
    zone: str = ""


def sign_up(
    mailing_list: List,
    address: str,
    source: Source,
    *,
    wording: Wording,
    topics: Sequence[str] = (),
    person: Person | None = None,
) -> None:
    """A person asks to join. Answers nothing, so that nobody learns whether the address is known.

    Raises Invalid for what is no address, Refused when the list takes nobody or the network asks too often.
    """
    raise NotImplementedError


def confirm(subscription: Subscription, source: Source) -> Subscription:
    """The owner of the mailbox says yes. Safe to repeat; raises Refused for who left meanwhile."""
    raise NotImplementedError


def add_by_editor(
    mailing_list: List,
    address: str,
    source: Source,
    *,
    consent: str,
    topics: Sequence[str] = (),
    person: Person | None = None,
    confirmed: bool = True,
) -> Subscription:
    """An editor adds a person and says where the consent comes from. Raises Refused for who left or is suppressed."""
    raise NotImplementedError


def change(subscription: Subscription, source: Source, *, topics: Sequence[str]) -> Subscription:
    """Choose topics by their slugs; none means every topic."""
    raise NotImplementedError


def pause(subscription: Subscription, source: Source, *, until: date | None) -> Subscription:
    """Send nothing before that day; None: send again."""
    raise NotImplementedError


def leave(subscription: Subscription, source: Source, *, reason: str = "") -> Subscription:
    """Leave one list, at once. Safe to repeat."""
    raise NotImplementedError


def leave_all(subscriber: Subscriber, source: Source, *, reason: str = "") -> None:
    """Leave every list and be suppressed, so that no import brings the person to another list."""
    raise NotImplementedError


def come_back(subscription: Subscription, source: Source) -> Subscription:
    """The person undoes leaving, by a link that only they have."""
    raise NotImplementedError


def forget(subscriber: Subscriber, source: Source) -> None:
    """Erase the person: see erasure.py."""
    raise NotImplementedError


def prune_unconfirmed(now: datetime) -> int:
    """Drop people who did not confirm in time, some hundred at once; how many were dropped."""
    raise NotImplementedError
