"""The one family of errors of this software: each carries a sentence for the person who can put it right.

NewsletterError
├── NotFound      what was named does not exist
├── Invalid       what was given cannot be used
│   └── InvalidFields   the same, with the fields of the form that it is about
├── Refused       a rule forbids what was asked: a role, consent, suppression, a limit
├── KeyMissing    a key is not set, so that nobody can tell who must not be mailed
└── Unreachable   an outside service did not answer; trying again helps (newsletter/errors.py)

`str(error)` is the sentence: it names the row, field or setting, and says what to do. The family is defined here
because subscribers does not import the newsletter, which uses it by newsletter/errors.py. Pages and commands catch it.
"""

from collections.abc import Mapping
from typing import ClassVar


class NewsletterError(Exception):
    """Something went wrong that a person can put right."""

    again_helps: ClassVar[bool] = False


class NotFound(NewsletterError):  # noqa: N818 - the family reads as outcomes
    """What was named does not exist."""


class Invalid(NewsletterError):  # noqa: N818
    """What was given cannot be used."""


class InvalidFields(Invalid):
    """Fields of a form are wrong: `fields` has a sentence for each, by name."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = dict(fields)
        super().__init__(" ".join(self.fields.values()))


class Refused(NewsletterError):  # noqa: N818
    """A rule forbids what was asked."""


class KeyMissing(NewsletterError):  # noqa: N818
    """Suppressions need a key that is not set, so nobody can tell who must not be mailed."""
