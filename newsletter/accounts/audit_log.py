"""Writes the audit log for every stage and door: who did what, and when, with the old and new values.

Each change is recorded in its own transaction. The log never contains a subscriber's address, a password or a key:
people are identified by number, and for a secret the log only says that it changed.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from django.apps import apps
from django.db import models
from django.utils import timezone

from newsletter.accounts.actor import SYSTEM, current_actor

SECRET = frozenset({"password", "credentials", "secret", "email", "url", "sendgrid_api_key", "smtp_password"})
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
    """Record that the current actor did this, and return the entry.

    `act` is one word for programs, such as `approve`. `thing` is what was changed, with its number, such as `list 3`.
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
    """Return whether the current actor is a person with a role, not the system itself or a visitor."""
    return current_actor().has_a_role and current_actor() != SYSTEM


def values_of(row: models.Model | None, names: Iterable[str] = ()) -> dict[str, Any]:
    """Return a row's values as the log stores them: these fields, or all except the primary key. None gives {}."""
    if row is None:
        return {}
    every = row._meta.concrete_fields  # noqa: SLF001 - Django documents it
    chosen = set(names) or {field.name for field in every if not field.primary_key}
    fields = [field for field in every if field.name in chosen]
    return {field.name: _value(row, field) for field in fields}


def changes_between(before: Values, after: Values) -> Changes:
    """Return the differences: the old and the new value by name, or None for a value that is missing."""
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
    """Return a value that JSON can hold. A secret is replaced by a placeholder."""
    if name in SECRET:
        return NOT_SHOWN if value else value
    if isinstance(value, str) and len(value) > LONGEST_VALUE:
        return f"{value[:LONGEST_VALUE]}… ({len(value):,} characters)"
    return orjson.loads(orjson.dumps(value, default=str))
