"""The errors that a person can fix: the family defined in subscribers/errors.py, and how a function refuses an
act.
"""

from subscribers.errors import Invalid, InvalidFields, KeyMissing, NewsletterError, NotFound, Refused

__all__ = [
    "Invalid",
    "InvalidFields",
    "KeyMissing",
    "NewsletterError",
    "NotFound",
    "Refused",
    "Unreachable",
    "refuse_if",
]


class Unreachable(NewsletterError):  # noqa: N818 - the family reads as outcomes
    """An outside service did not answer."""

    again_helps = True


def refuse_if(why_not: str) -> None:
    """Raise Refused with the sentence that a `why_not_…` function returned. An empty sentence allows the act."""
    if why_not:
        raise Refused(why_not)
