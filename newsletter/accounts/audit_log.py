"""Writes the audit log for every stage and door: who did what, when, with the old and the new value of what changed.

Whoever changes something writes it down in the same transaction. No address of a subscriber, no password and no key
goes into the log: people are said by their number, and of what is secret only that it changed.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from django.apps import apps
from django.db import models
from django.utils import timezone

from newsletter.accounts.actor import SYSTEM, current_actor

SECRET = frozenset({"password", "credentials", "secret", "email", "url"})
NOT_SHOWN = "(not shown)"
LONGEST_VALUE = 2_000
Values = Mapping[str, Any]
Changes = dict[str, list[Any]]


def write(
    act: str,
    sentence: str,
    *,
    thing: str = "",
    about: str = "",
    issue: int | None = None,
    publication: int | None = None,
    changes: Changes | None = None,
) -> Any:
    """Write down that the actor of now did this, and return the entry.

    `act` is one word for programs, such as `approve`; `thing` names what was changed by its number, such as `list 3`;
    `about` is the path of an issue or publication. `changes` has the old and the new value by name (see
    `changes_between`).
    """
    actor = current_actor()
    model: Any = apps.get_model("newsletter", "AuditEntry")
    return model.objects.create(
        at=timezone.now(),
        actor=actor.name[:150],
        account=actor.account,
        act=act,
        about=about,
        thing=thing,
        issue_id=issue,
        publication_id=publication,
        sentence=sentence,
        changes=changes or {},
    )


def is_person_acting() -> bool:
    """Whether a person with a role acts now, and not the software by itself or a visitor."""
    return bool(current_actor().roles) and current_actor() != SYSTEM


def values_of(row: models.Model | None, names: Iterable[str] = ()) -> dict[str, Any]:
    """The values of a row as the log keeps them: of these fields, or of all but its number. None gives none."""
    if row is None:
        return {}
    every = row._meta.concrete_fields  # noqa: SLF001 - Django documents it
    chosen = set(names) or {field.name for field in every if not field.primary_key}
    fields = [field for field in every if field.name in chosen]
    return {field.name: _value(row, field) for field in fields}


def changes_between(before: Values, after: Values) -> Changes:
    """What differs: the old and the new value by name, None where there was or is none."""
    names = [*after, *(name for name in before if name not in after)]
    return {
        name: [_shown(name, before.get(name)), _shown(name, after.get(name))]
        for name in names
        if before.get(name) != after.get(name)
    }


def _value(row: models.Model, field: "models.Field[Any, Any]") -> Any:
    if isinstance(field, models.ForeignKey):
        related = getattr(row, field.name)
        return f"{related} ({related.pk})" if related is not None else None
    return field.value_from_object(row)


def _shown(name: str, value: Any) -> Any:
    """The value as JSON can hold it; of what is secret, nothing but that there is one."""
    if name in SECRET:
        return NOT_SHOWN if value else value
    if isinstance(value, str) and len(value) > LONGEST_VALUE:
        return f"{value[:LONGEST_VALUE]}… ({len(value):,} characters)"
    return orjson.loads(orjson.dumps(value, default=str))
