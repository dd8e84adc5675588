"""What is chosen as the audience of a publication, an issue or a recurring issue: a value that is stored as JSON.

It names segments, issues and pasted lists by their numbers. look_up_audience.py looks them up.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from django.core.exceptions import ValidationError

from newsletter.errors import Invalid

MAX_DAYS = 366
MAX_NAMED = 50
NUMBERS = ("without_segments", "without_issues", "without_pasted")


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceChoice:
    """The people on a list in a segment, without those in other segments or in pasted lists, and some readers.

    Without a segment, it is everybody. `without_issues` leaves out those who got these issues, `without_days` those
    who were sent any email in so many days. Raises Invalid.
    """

    segment: int | None = None
    without_segments: tuple[int, ...] = ()
    without_issues: tuple[int, ...] = ()
    without_days: int = 0
    without_pasted: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Check every value, so that every choice can be used."""
        if self.segment is not None and not _is_whole(self.segment, 1):
            raise Invalid("audience.segment must be a segment number.")
        if not _is_whole(self.without_days, 0, MAX_DAYS):
            raise Invalid(f"Enter a number of days from 1 to {MAX_DAYS}.")
        for key in NUMBERS:
            object.__setattr__(self, key, _numbers(key, getattr(self, key)))

    @property
    def is_everybody(self) -> bool:
        """Whether the choice leaves nobody out."""
        return self == EVERYBODY


def choice_from_json(document: object) -> AudienceChoice:
    """Return the choice for a JSON object. None stands for everybody. Raises Invalid, naming the key."""
    if document is None:
        return EVERYBODY
    if not isinstance(document, Mapping):
        raise Invalid("audience must be a table of keys and values.")
    known = [field.name for field in fields(AudienceChoice)]
    for key in document:
        if key not in known:
            raise Invalid(f"audience.{key} is not a valid key. The keys are {', '.join(known)}.")
    return AudienceChoice(**document)


def choice_to_json(choice: AudienceChoice) -> dict[str, Any]:
    """Return the JSON object that `choice_from_json` reads, without what is not chosen."""
    values = {field.name: getattr(choice, field.name) for field in fields(choice)}
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in values.items() if value
    }


def check_audience(document: object) -> None:
    """Check a stored choice for Django, which reports ValidationError beside the field."""
    try:
        choice_from_json(document)
    except Invalid as error:
        raise ValidationError(str(error)) from error


def _numbers(key: str, value: Any) -> tuple[int, ...]:
    if not isinstance(value, list | tuple) or not all(_is_whole(each, 1) for each in value):
        raise Invalid(f"audience.{key} must be a list of numbers.")
    if len(value) > MAX_NAMED:
        raise Invalid(
            f"An audience can exclude at most {MAX_NAMED} segments, {MAX_NAMED} issues and {MAX_NAMED} "
            "pasted lists."
        )
    return tuple(sorted(set(value)))


def _is_whole(value: object, least: int, most: int | None = None) -> bool:
    if not isinstance(value, int) or isinstance(value, bool):
        return False
    return value >= least and (most is None or value <= most)


EVERYBODY = AudienceChoice()
