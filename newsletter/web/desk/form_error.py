"""How an error is said at the desk: beside a form, with what was typed, and without what only a shell can do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from newsletter.errors import (
    Invalid,
    InvalidFields,
    KeyMissing,
    NewsletterError,
    NotFound,
    Refused,
    Unreachable,
)
from newsletter.scheduling.recurrence.local_time import AmbiguousTime, TimeChoice
from newsletter.web.desk.formatting import without_commands

STATUS: Mapping[type[NewsletterError], int] = {
    NotFound: 404,
    Invalid: 422,
    Refused: 409,
    KeyMissing: 503,
    Unreachable: 503,
}


@dataclass(frozen=True, slots=True)
class FormError:
    """What was wrong with one form of a page: the error, what the user typed, and times to choose from instead.

    `fields` has a sentence for each wrong field, if the error names them.
    """

    form: str
    sentence: str
    status: int
    typed: Mapping[str, str] = field(default_factory=dict)
    choices: Sequence[TimeChoice] = ()
    fields: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, error: NewsletterError, form: str, typed: Mapping[str, str]) -> "FormError":
        """Return the error as it is shown beside a form."""
        choices = error.choices if isinstance(error, AmbiguousTime) else ()
        fields = errors_by_field(error) if isinstance(error, InvalidFields) else {}
        return cls(form, without_commands(str(error)), status_of(error), typed, choices, fields)


def errors_by_field(error: NewsletterError | None, *, otherwise: str = "") -> dict[str, str]:
    """Return the sentences of an error by the fields that they belong to, as a page shows them.

    The sentence of an error that names no field belongs to `otherwise`, or to the whole form.
    """
    if error is None:
        return {}
    fields = error.fields if isinstance(error, InvalidFields) else {otherwise: str(error)}
    return {name: without_commands(sentence) for name, sentence in fields.items()}


def field_of(error: NewsletterError, *, otherwise: str = "") -> str:
    """Return the first field that an error belongs to, for a page that shows one error at a time."""
    return next(iter(errors_by_field(error, otherwise=otherwise)), otherwise)


def status_of(error: NewsletterError) -> int:
    """Return the HTTP status for an error."""
    return next(status for kind, status in STATUS.items() if isinstance(error, kind))
