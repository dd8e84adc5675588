"""The family of errors that a person can mend.

PressError
├── NotFound      what was named is not here
├── Invalid       what was given cannot be used
├── Refused       what was asked is against a rule of the press
└── Unreachable   something outside did not answer; trying again helps

`str(error)` is the sentence that the person reads: it names the row, field or setting, and says what to do.
"""

from typing import ClassVar


class PressError(Exception):
    """Something went wrong that a person can mend."""

    again_helps: ClassVar[bool] = False


class NotFound(PressError):  # noqa: N818 - the family reads as outcomes
    """What was named is not here."""


class Invalid(PressError):  # noqa: N818
    """What was given cannot be used."""


class Refused(PressError):  # noqa: N818
    """What was asked is against a rule of the press."""


class Unreachable(PressError):  # noqa: N818
    """Something outside did not answer."""

    again_helps = True


def refuse_if(why_not: str) -> None:
    """Raise Refused with the sentence that a `why_not_…` function gave; an empty one allows the act."""
    if why_not:
        raise Refused(why_not)
