"""The errors that a person can put right: the one family that subscribers/errors.py draws, and how an act refuses."""

from subscribers.errors import Invalid, KeyMissing, NewsletterError, NotFound, Refused

__all__ = ["Invalid", "KeyMissing", "NewsletterError", "NotFound", "Refused", "Unreachable", "refuse_if"]


class Unreachable(NewsletterError):  # noqa: N818 - the family reads as outcomes
    """Something outside did not answer."""

    again_helps = True


def refuse_if(why_not: str) -> None:
    """Raise Refused with the sentence that a `why_not_…` function gave; an empty one allows the act."""
    if why_not:
        raise Refused(why_not)
