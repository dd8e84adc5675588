"""What a condition can be about: fields, topics, lists, dates, and the behaviour that other apps contribute."""

from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from django.db.models import QuerySet
from django.utils.module_loading import import_string

from subscribers import app_settings


class Kind(Enum):
    """The kinds of conditions on a subject."""

    TEXT = "text"
    CHOICE = "choice"
    DATE = "date"
    BEHAVIOUR = "behaviour"


TEXT_VERBS = ("is", "is not", "contains", "starts with", "ends with", "is missing", "is known")
CHOICE_VERBS = ("is", "is not", "is missing", "is known")
DATE_VERBS = ("before", "after", "since", "on", "in last", "is missing", "is known")
VERBS = {Kind.TEXT: TEXT_VERBS, Kind.CHOICE: CHOICE_VERBS, Kind.DATE: DATE_VERBS, Kind.BEHAVIOUR: DATE_VERBS}
ALL_VERBS = tuple(dict.fromkeys(verb for verbs in VERBS.values() for verb in verbs))


class Behaviour(Protocol):
    """What another app contributes: a function that gives what people did, with `subscriber_id` and `at`."""

    def __call__(self) -> QuerySet[Any]: ...


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject by its name, with the other words for it."""

    name: str
    kind: Kind
    aliases: tuple[str, ...] = ()


OURS = (
    Subject("address", Kind.TEXT, ("email", "e-mail", "email address")),
    Subject("domain", Kind.TEXT),
    Subject("first name", Kind.TEXT, ("firstname", "first_name")),
    Subject("last name", Kind.TEXT, ("lastname", "last_name", "surname")),
    Subject("language", Kind.TEXT, ("locale",)),
    Subject("time zone", Kind.TEXT, ("zone", "timezone")),
    Subject("topic", Kind.CHOICE, ("topics",)),
    Subject("list", Kind.CHOICE, ("lists",)),
    Subject("source", Kind.CHOICE),
    Subject("basis", Kind.CHOICE, ("lawful basis",)),
    Subject("joined", Kind.DATE),
    Subject("paused until", Kind.DATE, ("paused",)),
)


def subjects() -> tuple[Subject, ...]:
    """Ours and those that other apps contribute."""
    return OURS + tuple(Subject(name, Kind.BEHAVIOUR) for name in app_settings.segment_behaviours())


def find_subject(words: str) -> Subject | None:
    """The subject of that name or alias."""
    wanted = words.lower()
    return next((one for one in subjects() if wanted == one.name or wanted in one.aliases), None)


def behaviour(name: str) -> QuerySet[Any]:
    """What people did that is called so: rows with `subscriber_id` and `at`."""
    given = app_settings.segment_behaviours()[name]
    function: Behaviour = import_string(given) if isinstance(given, str) else given
    return function()
